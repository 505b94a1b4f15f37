import fc from "fast-check";
import { type CoalitionGame, createSensingGame, createTableGame, generateScenario } from "../src/index.ts";
import { subsets } from "./naive.ts";

const letters = ["a", "b", "c", "d", "e", "f", "g"];

/** The table game of a list of utilities, consumed coalition by coalition, member by member. */
export function tableOf(players: number, values: readonly number[]): CoalitionGame {
  const names = letters.slice(0, players);
  let next = 0;
  const rows = subsets(names).map((ids) => ({
    at: ids.join("+"),
    ids,
    utilities: ids.map(() => values[next++ % values.length] as number),
  }));
  return createTableGame(names, rows);
}

/**
 * Small games: few whole values (many ties), or values that grow with size and wobble (merges, splits and wide
 * merges all happen).
 */
export function anyGame(maxPlayers = 5): fc.Arbitrary<CoalitionGame> {
  return fc.integer({ min: 1, max: maxPlayers }).chain((players) => {
    const cells = players * 2 ** (players - 1);
    const ties = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: cells, maxLength: cells });
    const generic = fc
      .tuple(
        fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: cells, maxLength: cells }),
        fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: players, maxLength: players }),
      )
      .map(([noise, bySize]) => {
        let next = 0;
        const sizes = subsets(letters.slice(0, players)).flatMap((set) =>
          set.map(() => bySize[set.length - 1] ?? 0),
        );
        return sizes.map((size) => size + (noise[next++] as number) * 0.25);
      });
    return fc.oneof(ties, generic).map((values) => tableOf(players, values));
  });
}

/** A game with a partition of its players. */
export function gameWithPartition(
  maxPlayers = 5,
): fc.Arbitrary<{ game: CoalitionGame; partition: number[][] }> {
  return anyGame(maxPlayers).chain((game) =>
    fc.array(fc.nat(game.players - 1), { minLength: game.players, maxLength: game.players }).map((labels) => {
      const groups = new Map<number, number[]>();
      labels.forEach((label, player) => {
        groups.set(label, [...(groups.get(label) ?? []), player]);
      });
      return { game, partition: [...groups.values()] };
    }),
  );
}

/** Small sensing games of all kinds: synergy above and below 1, both splits, cheap and dear links. */
export function anySensingGame(maxMiners = 8): fc.Arbitrary<ReturnType<typeof createSensingGame>> {
  return fc
    .record({
      miners: fc.integer({ min: 1, max: maxMiners }),
      synergy: fc.double({ min: 0.3, max: 3, noNaN: true }),
      split: fc.constantFrom("proportional" as const, "equal" as const),
      linkTokens: fc.double({ min: 0, max: 2, noNaN: true }),
      kilometreTokens: fc.double({ min: 0, max: 1, noNaN: true }),
      workersPerKm2: fc.constant(4),
      reachKm: fc.double({ min: 0.3, max: 3, noNaN: true }),
      seed: fc.nat(),
    })
    .map(({ seed, ...options }) => createSensingGame(generateScenario(options, seed)));
}

/** The same game as a bare model: nothing can be ruled out, and nothing stops early. */
export function withoutCeilings({ players, names, utilities }: CoalitionGame): CoalitionGame {
  return { players, names, utilities };
}
