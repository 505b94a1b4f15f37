import type { Coalition, CoalitionGame } from "../game/coalition-game.ts";

/** Most sets of players that one search looks at, beyond pairs, unless told otherwise. */
export const defaultEvaluationLimit = 2 ** 17;

export interface Growth {
  readonly game: CoalitionGame;
  /** Disjoint coalitions, in the order in which they are tried. */
  readonly coalitions: readonly Coalition[];
  /** Whether the union of a set of them is what is looked for. */
  readonly accepts: (members: Coalition) => boolean;
  /** Whether utilities that are as high as `ceilings` could be accepted. */
  readonly couldAccept: (members: Coalition, ceilings: ArrayLike<number>) => boolean;
  /** Smallest and largest number of coalitions in a set. */
  readonly fromWidth: number;
  readonly toWidth: number;
  /** Most sets of three or more that are looked at, and of any width that are grown; pairs are all looked at. */
  readonly limit: number;
}

export interface Grown {
  /** Indices of the first accepted set, ascending. */
  readonly found: readonly number[] | null;
  /** Every set of at most this many coalitions was looked at, or ruled out by ceilings. */
  readonly width: number;
  /** So was every set of any size. */
  readonly complete: boolean;
  readonly evaluations: number;
}

interface GrowingSet {
  readonly indices: readonly number[];
  readonly members: Coalition;
}

/**
 * Looks at unions of coalitions: narrow sets first, of equal width in lexicographic order. A set is grown only
 * while its ceilings allow [GAME.5], so that no accepted set of any size is lost; without ceilings all 2^k sets
 * are looked at.
 */
export function growSets(growth: Growth): Grown {
  const { game, coalitions, fromWidth, limit } = growth;
  const all = coalitions.length;
  const toWidth = Math.min(growth.toWidth, all);
  let level: GrowingSet[] = coalitions.map((members, index) => ({ indices: [index], members }));
  let pairs: ReadonlySet<number> | null = null;
  let evaluations = 0;
  for (let width = 1; width <= toWidth; width++) {
    const next: GrowingSet[] = [];
    let dropped = false;
    for (const set of width === 1 ? level : grown(level, coalitions, pairs)) {
      if (width > 2 && evaluations >= limit) {
        return { found: null, width: width - 1, complete: false, evaluations };
      }
      evaluations += 1;
      if (game.ceilings !== undefined && !growth.couldAccept(set.members, game.ceilings(set.members)))
        continue;
      if (width >= fromWidth && growth.accepts(set.members)) {
        return { found: set.indices, width, complete: false, evaluations };
      }
      if (width === 1 || next.length < limit) next.push(set);
      else dropped = true;
    }
    if (dropped && width < toWidth) return { found: null, width, complete: false, evaluations };
    level = next;
    if (width < toWidth && level.length === 0)
      return { found: null, width: all, complete: true, evaluations };
    if (width === 2 && game.ceilings !== undefined)
      pairs = new Set(level.map((set) => pairKey(set.indices, all)));
  }
  return { found: null, width: toWidth, complete: toWidth === all, evaluations };
}

/** Each set of the level with each later coalition, where all `pairs` with it are left. */
function* grown(
  level: readonly GrowingSet[],
  coalitions: readonly Coalition[],
  pairs: ReadonlySet<number> | null,
): Generator<GrowingSet> {
  const all = coalitions.length;
  for (const set of level) {
    for (let index = (set.indices.at(-1) as number) + 1; index < all; index++) {
      if (pairs !== null && !set.indices.every((other) => pairs.has(pairKey([other, index], all)))) continue;
      const members = mergeAscending(set.members, coalitions[index] as Coalition);
      yield { indices: [...set.indices, index], members };
    }
  }
}

function pairKey(indices: readonly number[], all: number): number {
  return (indices[0] as number) * all + (indices[1] as number);
}

/** The union of two disjoint ascending lists, ascending. */
export function mergeAscending(a: Coalition, b: Coalition): number[] {
  const out = new Array<number>(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let k = 0; k < out.length; k++) {
    const takeA = j >= b.length || (i < a.length && (a[i] as number) < (b[j] as number));
    out[k] = (takeA ? a[i++] : b[j++]) as number;
  }
  return out;
}
