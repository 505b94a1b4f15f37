import type { Coalition, CoalitionGame } from "../game/coalition-game.ts";

/** Which players can ever be in one coalition, as far as ceilings tell [GAME.5]. */
export interface Prospects {
  /** Whether no two players, one of each coalition, are ruled out. */
  compatible(a: Coalition, b: Coalition): boolean;
}

/**
 * Prospects from `floors`, utilities by player below which nobody falls again; they may rise meanwhile. Two players are
 * ruled out when one of them has more than it could get in any coalition with the other. Without ceilings nobody is.
 */
export function createProspects(game: CoalitionGame, floors: ArrayLike<number>): Prospects {
  const { ceilings, players } = game;
  if (ceilings === undefined) return { compatible: () => true };
  // By pair, the lower player first: 0 for one that was not looked at.
  const known = new Uint8Array(players * players);

  function look(a: number, b: number): number {
    const bounds = (ceilings as NonNullable<typeof ceilings>)([a, b]);
    const possible =
      (bounds[0] as number) >= (floors[a] as number) && (bounds[1] as number) >= (floors[b] as number);
    return possible ? POSSIBLE : RULED_OUT;
  }

  function isRuledOut(a: number, b: number): boolean {
    const pair = a < b ? a * players + b : b * players + a;
    if (known[pair] === 0) known[pair] = a < b ? look(a, b) : look(b, a);
    return known[pair] === RULED_OUT;
  }

  return {
    compatible(a, b) {
      for (let i = 0; i < a.length; i++) {
        for (let j = 0; j < b.length; j++) if (isRuledOut(a[i] as number, b[j] as number)) return false;
      }
      return true;
    },
  };
}

const POSSIBLE = 1;
const RULED_OUT = 2;
