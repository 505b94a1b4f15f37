import type { Coalition } from "../game/coalition-game.ts";
import type { Coverage } from "./coverage.ts";
import { distanceKm, type Miner, type Scenario } from "./scenario.ts";

/** Nearest miners whose distances are kept; farther ones count as far as the last of these. */
const NEAREST = 64;
/** What rounding may take from a bound, as a share of the terms it is made of. */
const MARGIN = 1e-9;

interface Parts {
  readonly scenario: Scenario;
  readonly own: Float64Array;
  readonly normaliser: number;
  readonly coverage: Coverage;
}

/**
 * Bounds of a member's utility in any coalition S' of size k that holds S, taken over all k [GAME.5]:
 * - its reward is at most that of a coalition whose data is that of S and of the k - |S| richest miners, without
 *   any overlap, and of no more than all workers;
 * - its links cost at least those to S and those to its k - |S| nearest miners;
 * - its sensing takes at least the seconds of S's workers over k.
 */
export function createCeilings(parts: Parts): (members: Coalition) => Float64Array {
  const { scenario, own, coverage } = parts;
  const { miners, linkTokens, kilometreTokens } = scenario;
  const bound = createRewardBound(parts);
  const nearest = new Array<Float64Array | undefined>(miners.length);
  return (members) => {
    const { samples, seconds } = coverage.of(members);
    let ownSum = 0;
    for (const player of members) ownSum += own[player] as number;
    const out = new Float64Array(members.length);
    members.forEach((player, index) => {
      const miner = miners[player] as Miner;
      let km = 0;
      for (const other of members) km += distanceKm(miner, miners[other] as Miner);
      const near = nearest[player] ?? nearestKm(miners, player);
      nearest[player] = near;
      const best = bound.best(player);
      let ceiling = Number.NEGATIVE_INFINITY;
      for (let size = members.length; size <= miners.length; size++) {
        const links = linkTokens * (size - 1);
        const cost = links + kilometreTokens * (km + prefix(near, size - members.length));
        if (best - (1 - MARGIN) * cost < ceiling) break;
        const reward = bound.reward(player, size, members.length, samples, ownSum);
        const sensing = (miner.tokensPerSecond * seconds) / size;
        ceiling = Math.max(ceiling, reward - cost - sensing + MARGIN * (reward + cost + sensing));
      }
      out[index] = ceiling;
    });
    return out;
  };
}

function createRewardBound({ scenario, own, normaliser, coverage }: Parts) {
  const { rewardTokens, synergy, split, miners } = scenario;
  const perValue = rewardTokens / normaliser;
  const all = coverage.of(miners.map((_, player) => player)).samples;
  const richest = new Float64Array(miners.length + 1);
  [...own]
    .sort((a, b) => b - a)
    .forEach((value, i) => {
      richest[i + 1] = (richest[i] as number) + value;
    });

  /** At least R P_m of `player` in any coalition of `size` that holds one of `held` members with these sums. */
  function reward(player: number, size: number, held: number, samples: number, ownSum: number): number {
    const data = Math.min(all, samples + (richest[size - held] as number));
    if (split === "equal") return (perValue * data ** synergy) / size;
    // P_m = D^beta v / sum v with D <= sum v: D^(beta - 1) v bounds it, and where beta < 1 the smallest sum of v.
    const v = own[player] as number;
    if (v === 0) return 0;
    return perValue * v * (synergy >= 1 ? data : ownSum) ** (synergy - 1);
  }

  /** At least `reward` for any size and any coalition: what ends the loop over sizes. */
  function best(player: number): number {
    const v = own[player] as number;
    if (split === "equal") return (1 + MARGIN) * perValue * all ** synergy;
    if (v === 0) return 0;
    return (1 + MARGIN) * perValue * v * (synergy >= 1 ? all : v) ** (synergy - 1);
  }

  return { reward, best };
}

/** Sums of the distances to the nearest other miners: entry i is that of the i nearest. */
function nearestKm(miners: readonly Miner[], player: number): Float64Array {
  const self = miners[player] as Miner;
  const km = Float64Array.from(miners, (miner) => distanceKm(self, miner)).sort();
  // The nearest of all is the miner itself, at no distance.
  const sums = new Float64Array(Math.min(NEAREST, miners.length - 1) + 1);
  for (let i = 1; i < sums.length; i++) sums[i] = (sums[i - 1] as number) + (km[i] as number);
  return sums;
}

function prefix(sums: Float64Array, count: number): number {
  const last = sums.length - 1;
  if (count <= last) return sums[count] as number;
  const farthest = last === 0 ? 0 : (sums[last] as number) - (sums[last - 1] as number);
  return (sums[last] as number) + (count - last) * farthest;
}
