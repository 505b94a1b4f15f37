import type { Coalition, CoalitionGame } from "../game/coalition-game.ts";

/** Which players can ever be in one coalition, as far as ceilings tell [GAME.5]. */
export interface Prospects {
  /** Whether no two players, one of each coalition, are ruled out. */
  compatible(a: Coalition, b: Coalition): boolean;
}

/**
 * Prospects from `floors`, utilities by player below which nobody falls again. Two players are ruled out when one
 * of them has more than it could get in any coalition with the other. Without ceilings nobody is.
 */
export function createProspects(game: CoalitionGame, floors: ArrayLike<number>): Prospects {
  const { ceilings, players } = game;
  if (ceilings === undefined) return { compatible: () => true };
  const ruledOut = new Uint8Array(players * players);
  for (let a = 0; a < players; a++) {
    for (let b = a + 1; b < players; b++) {
      const bounds = ceilings([a, b]);
      if ((bounds[0] as number) >= (floors[a] as number) && (bounds[1] as number) >= (floors[b] as number))
        continue;
      ruledOut[a * players + b] = 1;
      ruledOut[b * players + a] = 1;
    }
  }
  return {
    compatible(a, b) {
      for (let i = 0; i < a.length; i++) {
        const row = (a[i] as number) * players;
        for (let j = 0; j < b.length; j++) if (ruledOut[row + (b[j] as number)] === 1) return false;
      }
      return true;
    },
  };
}
