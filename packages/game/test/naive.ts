// The game's notions by enumeration, straight from their definitions, to hold the package's searches against.
import type { Coalition, CoalitionGame, Partition } from "../src/index.ts";
import { setPartitions } from "../src/index.ts";

export const EPSILON = 1e-9;

export const better = (after: number, before: number): boolean =>
  after - before > EPSILON * Math.max(Math.abs(after), Math.abs(before));

/** Utility by player, of the players that the coalitions hold. */
export function payoffs(game: CoalitionGame, coalitions: readonly Coalition[]): Map<number, number> {
  const out = new Map<number, number>();
  for (const members of coalitions) {
    const utilities = Array.from(game.utilities(members));
    members.forEach((player, i) => {
      out.set(player, utilities[i] as number);
    });
  }
  return out;
}

/** Whether `to` is Pareto better than `from`, two partitions of the same players. */
export function paretoBetter(
  game: CoalitionGame,
  to: readonly Coalition[],
  from: readonly Coalition[],
): boolean {
  const before = payoffs(game, from);
  const pairs = [...payoffs(game, to)].map(([player, now]) => [now, before.get(player) as number] as const);
  return pairs.every(([now, then]) => now >= then) && pairs.some(([now, then]) => better(now, then));
}

/** All partitions of the given players. */
export function partitionsOf(players: readonly number[]): Partition[] {
  return [...setPartitions(players.length)].map((partition) =>
    partition.map((members) => members.map((i) => players[i] as number)),
  );
}

/** All subsets, narrow first and in lexicographic order of their places. */
export function subsets<T>(items: readonly T[]): T[][] {
  const out: { places: number[]; set: T[] }[] = [];
  for (let bits = 1; bits < 2 ** items.length; bits++) {
    const places = items.flatMap((_, i) => ((bits >> i) & 1 ? [i] : []));
    out.push({ places, set: places.map((i) => items[i] as T) });
  }
  out.sort((a, b) => a.places.length - b.places.length || lexicographic(a.places, b.places));
  return out.map(({ set }) => set);
}

export function lexicographic(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, place) => value !== b[place]);
  return i < 0 ? a.length - b.length : (a[i] as number) - (b[i] ?? Number.NEGATIVE_INFINITY);
}

export const union = (coalitions: readonly Coalition[]): number[] => coalitions.flat().sort((a, b) => a - b);

/** D_hp by trying every set of coalitions and every split. */
export function isDhpStable(game: CoalitionGame, partition: Partition): boolean {
  const merges = subsets(partition).some(
    (from) => from.length > 1 && paretoBetter(game, [union(from)], from),
  );
  return (
    !merges &&
    !partition.some((members) => partitionsOf(members).some((to) => paretoBetter(game, to, [members])))
  );
}

/** D_c by its definition: the partition's cut of any collection is the collection or is Pareto better. */
export function isDcStable(game: CoalitionGame, partition: Partition): boolean {
  const players = union(partition);
  return subsets(players).every((some) => {
    const cut = partition
      .map((members) => members.filter((player) => some.includes(player)))
      .filter((part) => part.length > 0)
      .sort((a, b) => (a[0] as number) - (b[0] as number));
    const same = (collection: Partition): boolean => JSON.stringify(collection) === JSON.stringify(cut);
    return partitionsOf(some).every((collection) => same(collection) || paretoBetter(game, cut, collection));
  });
}

/** Merge and split as [FORM.1] and [MERGE.4] word it, without memory, pruning or dynamic programming. */
export function naiveFormation(game: CoalitionGame, order: readonly number[], start: Partition): Partition[] {
  const rank = (members: Coalition): number => Math.min(...members.map((player) => order.indexOf(player)));
  const byRank = (coalitions: readonly Coalition[]): Coalition[] =>
    [...coalitions].sort((a, b) => rank(a) - rank(b));
  let current = byRank(start);
  let fresh = new Set(current);
  const history: Partition[] = [];
  const replace = (from: readonly Coalition[], to: readonly Coalition[]): void => {
    current = byRank([...current.filter((members) => !from.includes(members)), ...to]);
    fresh = new Set([...fresh, ...to].filter((members) => current.includes(members)));
    history.push([...current].sort((a, b) => (a[0] as number) - (b[0] as number)));
  };

  const mergePairs = (): void => {
    for (;;) {
      const one = current.find((members) => fresh.has(members));
      if (one === undefined) return;
      const other = current.find(
        (members) => members !== one && paretoBetter(game, [union([one, members])], [one, members]),
      );
      if (other === undefined) fresh.delete(one);
      else replace([one, other], [union([one, other])]);
    }
  };

  const firstSplit = (members: Coalition): Partition | undefined => {
    const ordered = [...members].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const number = (part: Coalition): number =>
      part.reduce((sum, player) => sum + 2 ** ordered.indexOf(player), 0);
    const candidates = partitionsOf(ordered)
      .filter((to) => to.length > 1)
      .map((to) => ({ to, key: [to.length === 2 ? 0 : 1, ...to.map(number)] }))
      .sort((a, b) => lexicographic(a.key, b.key));
    const found = candidates.find(({ to }) =>
      paretoBetter(
        game,
        to.map((part) => [...part].sort((a, b) => a - b)),
        [members],
      ),
    );
    return found?.to.map((part) => [...part].sort((a, b) => a - b));
  };

  const split = (): boolean => {
    let changed = false;
    for (;;) {
      const members = current.find((candidate) => firstSplit(candidate) !== undefined);
      if (members === undefined) return changed;
      replace([members], firstSplit(members) as Partition);
      changed = true;
    }
  };

  for (;;) {
    mergePairs();
    if (split()) continue;
    const wide = subsets(current).find((from) => from.length > 2 && paretoBetter(game, [union(from)], from));
    if (wide === undefined) return history;
    replace(wide, [union(wide)]);
  }
}
