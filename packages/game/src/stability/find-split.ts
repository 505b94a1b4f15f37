import type { Coalition, CoalitionGame } from "../game/coalition-game.ts";
import { type Acceptance, acceptanceOf } from "../game/pareto.ts";
import { coverExactly } from "./cover.ts";

export interface SplitSearch {
  readonly game: CoalitionGame;
  /** The coalition's members in the order that decides which split is found first. */
  readonly ordered: readonly number[];
  /** Utility by player. */
  readonly before: ArrayLike<number>;
  readonly parts: "two" | "any";
  /** Most parts whose utilities are asked for. */
  readonly limit: number;
  readonly tolerance: number;
}

export interface SplitFound {
  /** A split in which nobody is worse and somebody better, or `null`; parts ascending, by first member. */
  readonly parts: readonly Coalition[] | null;
  /** Every split that `parts` allows was looked at. */
  readonly complete: boolean;
  /** Every split in two of which one part has at most this many members. */
  readonly smallerPart: number;
  readonly evaluations: number;
}

/**
 * A split of one coalition that the Pareto order accepts [SPLIT.1] [SPLIT.2]. While its 2^s parts fit in `limit`
 * the answer is exact: a split is an exact cover of the coalition by parts in which nobody is worse, at least one
 * of them with somebody who is better. Above that, splits in two with a small part, and into single members.
 */
export function findSplit(search: SplitSearch): SplitFound {
  const size = search.ordered.length;
  if (size === 1) return { parts: null, complete: true, smallerPart: 0, evaluations: 0 };
  return size < 31 && 2 ** size <= search.limit ? searchAll(search) : searchSmallParts(search);
}

function searchAll(search: SplitSearch): SplitFound {
  const { ordered } = search;
  const whole = 2 ** ordered.length - 1;
  const accepted = new Uint8Array(whole + 1);
  const ascending = ordered.map((player, bit) => ({ player, bit })).sort((a, b) => a.player - b.player);
  const membersOf = (set: number) =>
    ascending.filter(({ bit }) => (set >> bit) & 1).map(({ player }) => player);
  for (let set = 1; set < whole; set++) accepted[set] = judge(search, membersOf(set));
  const evaluations = whole - 1;
  const scope = { complete: true, smallerPart: ordered.length >> 1, evaluations };
  for (let set = 1; set < whole; set += 2) {
    const rest = whole - set;
    if (accepted[set] === 0 || accepted[rest] === 0 || Math.max(accepted[set] ?? 0, accepted[rest] ?? 0) < 2)
      continue;
    return { parts: byFirst([membersOf(set), membersOf(rest)]), ...scope };
  }
  const cover = search.parts === "any" ? coverExactly(accepted, ordered.length) : null;
  return { parts: cover === null ? null : byFirst(cover.map(membersOf)), ...scope };
}

function searchSmallParts(search: SplitSearch): SplitFound {
  const { ordered, limit } = search;
  const size = ordered.length;
  let evaluations = 0;
  let smallerPart = 0;
  while (smallerPart < size >> 1 && evaluations + binomial(size, smallerPart + 1) <= limit) {
    smallerPart += 1;
    evaluations += binomial(size, smallerPart);
    const verdicts: Acceptance[] = [];
    for (const part of combinations(ordered, smallerPart)) {
      const verdict = judge(search, part);
      verdicts.push(verdict);
      if (verdict === 0) continue;
      const inPart = new Set(part);
      const rest = ordered.filter((player) => !inPart.has(player)).sort((a, b) => a - b);
      const other = judge(search, rest);
      evaluations += 1;
      if (other === 0 || Math.max(verdict, other) < 2) continue;
      return { parts: byFirst([part, rest]), complete: false, smallerPart, evaluations };
    }
    const alone = smallerPart === 1 && search.parts === "any";
    if (alone && !verdicts.includes(0) && verdicts.includes(2)) {
      return { parts: byFirst(ordered.map((player) => [player])), complete: false, smallerPart, evaluations };
    }
  }
  const complete = search.parts === "two" && smallerPart === size >> 1;
  return { parts: null, complete, smallerPart, evaluations };
}

function judge({ game, before, tolerance }: SplitSearch, members: Coalition): Acceptance {
  return acceptanceOf(game, members, before, tolerance);
}

function byFirst(parts: readonly Coalition[]): Coalition[] {
  return [...parts].sort((a, b) => (a[0] as number) - (b[0] as number));
}

/** Every ascending choice of `count` of `items`, in lexicographic order of their places. */
function* combinations(items: readonly number[], count: number): Generator<number[]> {
  const places = Array.from({ length: count }, (_, i) => i);
  for (;;) {
    yield places.map((place) => items[place] as number).sort((a, b) => a - b);
    let last = count - 1;
    while (last >= 0 && places[last] === items.length - count + last) last -= 1;
    if (last < 0) return;
    places[last] = (places[last] as number) + 1;
    for (let i = last + 1; i < count; i++) places[i] = (places[i - 1] as number) + 1;
  }
}

function binomial(n: number, k: number): number {
  let out = 1;
  for (let i = 1; i <= k; i++) out = (out * (n - k + i)) / i;
  return out;
}
