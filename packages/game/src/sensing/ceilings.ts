import type { Coalition } from "../game/coalition-game.ts";
import type { Coverage } from "./coverage.ts";
import { distanceKm, type Miner, type Scenario } from "./scenario.ts";

/** Nearest miners whose distances are kept; farther ones count as far as the last of these. */
const NEAREST = 64;
/** What rounding may take from a bound, as a share of the terms it is made of. */
const MARGIN = 1e-9;

/** What utilities and their ceilings are computed from. */
export interface SensingParts {
  readonly scenario: Scenario;
  /** v by player. */
  readonly own: Float64Array;
  readonly normaliser: number;
  readonly coverage: Coverage;
}

/**
 * Bounds of a member's utility in any coalition S' of size k that holds S, taken over all k [GAME.5]:
 * - its reward is at most that of a coalition with the data of the k richest miners, without overlap, and of no
 *   more than all workers;
 * - its links cost at least those to the rest of S and to its k - |S| nearest miners;
 * - its sensing takes at least its own workers' seconds over k.
 * But for the links to S this depends on the member and on |S| alone, and is computed once for each.
 */
export function createCeilings(parts: SensingParts): (members: Coalition) => Float64Array {
  const { miners, kilometreTokens } = parts.scenario;
  const withoutLinks = createSizeBound(parts);
  const known: Float64Array[] = [];
  return (members) => {
    const out = new Float64Array(members.length);
    for (let i = 0; i < members.length; i++) {
      const player = members[i] as number;
      const miner = miners[player] as Miner;
      let km = 0;
      for (let j = 0; j < members.length; j++) km += distanceKm(miner, miners[members[j] as number] as Miner);
      known[player] ??= new Float64Array(miners.length + 1).fill(Number.NaN);
      const bySize = known[player] as Float64Array;
      if (Number.isNaN(bySize[members.length])) bySize[members.length] = withoutLinks(player, members.length);
      out[i] = (bySize[members.length] as number) - (1 - MARGIN) * kilometreTokens * km;
    }
    return out;
  };
}

/** The ceiling of `player` in coalitions that hold `held` given members, before the kilometres to those. */
function createSizeBound(parts: SensingParts): (player: number, held: number) => number {
  const { scenario, coverage } = parts;
  const { miners, linkTokens, kilometreTokens } = scenario;
  const reward = createRewardBound(parts);
  const nearest = new Array<Float64Array | undefined>(miners.length);
  return (player, held) => {
    nearest[player] ??= nearestKm(miners, player);
    const near = nearest[player] as Float64Array;
    const seconds = coverage.of([player]).seconds * (miners[player] as Miner).tokensPerSecond;
    let ceiling = Number.NEGATIVE_INFINITY;
    for (let size = held; size <= miners.length; size++) {
      const earned = reward(player, size);
      const cost = linkTokens * (size - 1) + kilometreTokens * prefix(near, size - held) + seconds / size;
      ceiling = Math.max(ceiling, earned - cost + MARGIN * (earned + cost));
    }
    return ceiling;
  };
}

/** At least R P_m of a player in any coalition of `size`. */
function createRewardBound({ scenario, own, normaliser, coverage }: SensingParts) {
  const { rewardTokens, synergy, split, miners } = scenario;
  const perValue = rewardTokens / normaliser;
  const all = coverage.of(miners.map((_, player) => player)).samples;
  const descending = Float64Array.from(own).sort().reverse();
  const richest = sums(descending, own.length);
  const poorest = sums(descending.toReversed(), own.length);
  return (player: number, size: number): number => {
    const data = Math.min(all, richest[size] as number);
    if (split === "equal") return (perValue * data ** synergy) / size;
    // P_m = D^beta v / sum v, and D <= sum v: so at most v D^(beta - 1), and for beta < 1 at most
    // v (sum v)^(beta - 1) with the smallest sum there is.
    const v = own[player] as number;
    if (v === 0) return 0;
    const base = synergy >= 1 ? data : Math.max(v, poorest[size] as number);
    return perValue * v * base ** (synergy - 1);
  };
}

/** Sums of the distances to the nearest other miners: entry i is that of the i nearest. */
function nearestKm(miners: readonly Miner[], player: number): Float64Array {
  const self = miners[player] as Miner;
  const km = miners.flatMap((miner, other) => (other === player ? [] : [distanceKm(self, miner)]));
  return sums(Float64Array.from(km).sort(), Math.min(NEAREST, km.length));
}

/** Entry i is the sum of the first i values, up to `count` of them. */
function sums(values: Float64Array, count: number): Float64Array {
  const out = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) out[i + 1] = (out[i] as number) + (values[i] as number);
  return out;
}

/** At least the sum of `count` values of which `sums` has the smallest ones. */
function prefix(sums: Float64Array, count: number): number {
  const last = sums.length - 1;
  if (count <= last) return sums[count] as number;
  const farthest = last === 0 ? 0 : (sums[last] as number) - (sums[last - 1] as number);
  return (sums[last] as number) + (count - last) * farthest;
}
