import { dataValue } from "./data-value.ts";
import { largestRemainder } from "./largest-remainder.ts";

/** How members share what their coalition gets: by their own data, or equally [AWARD.4]. */
export type CoalitionSplit = "proportional" | "equal";

/** What a miner recorded of a worker. */
export interface SensedData {
  readonly worker: string;
  /** From 1 to 2^32. */
  readonly samples: bigint;
  /** From 0 to 10,000, fixed when the worker's statement was first recorded. */
  readonly reputationBps: bigint;
}

/** A miner of an epoch; none is suspended, or its `data` is empty. */
export interface CoalitionMember {
  /** Equal for members of one coalition, else different. */
  readonly coalition: bigint;
  /** Of the epoch before; distinct workers. */
  readonly data: readonly SensedData[];
}

export interface CoalitionEpochRules {
  /** Synergy exponent in quarters, from 1 to 6. */
  readonly synergyQuarters: number;
  readonly split: CoalitionSplit;
  readonly rewardPerBlockWei: bigint;
}

/** What the contract fixes when an epoch begins. */
export interface CoalitionEpoch {
  /** Sum of the values of the coalitions. */
  readonly valueSum: bigint;
  /** [SENSE.9] 0 if there is no data. */
  readonly normaliser: bigint;
  /** Of each block that a coalition with a value wins, in wei [AWARD.3]. */
  readonly rewardWei: bigint;
  /** Aligned with the miners. */
  readonly seats: readonly CoalitionSeat[];
}

export interface CoalitionSeat {
  /** Samples times basis points of the miner's own workers. */
  readonly own: bigint;
  /** Of its coalition [SENSE.7]. */
  readonly value: bigint;
  /** What it proposes in proportion to, below 2^48 [SENSE.10]. */
  readonly weight: bigint;
  /** What it gets of a block that its coalition wins, in wei [AWARD.4]. */
  readonly partWei: bigint;
}

/** Weights, parts and reward of an epoch, as `Valuation.sol` computes them. `miners` are in the order of the contract's list. */
export function coalitionEpoch(
  miners: readonly CoalitionMember[],
  rules: CoalitionEpochRules,
): CoalitionEpoch {
  const owns = miners.map(({ data }) => dataOf(data));
  const total = sum(owns);
  const value = (data: bigint): bigint => (total === 0n ? 0n : dataValue(data, total, rules.synergyQuarters));
  const valued = [...new Set(miners.map(({ coalition }) => coalition))].map((coalition) => {
    const places = [...miners.keys()].filter((i) => miners[i]?.coalition === coalition);
    const data = new Map(places.flatMap((i) => miners[i]?.data ?? []).map((each) => [each.worker, each]));
    return { places, value: value(dataOf([...data.values()])) };
  });
  const valueSum = sum(valued.map((each) => each.value));
  const ownSum = sum(owns.map(value));
  const united = value(total);
  const normaliser = united > ownSum ? united : ownSum;
  const counted = valueSum < normaliser ? valueSum : normaliser;
  const rewardWei = normaliser === 0n ? 0n : (rules.rewardPerBlockWei * counted) / normaliser;

  const seats = new Map<number, CoalitionSeat>();
  for (const group of valued) {
    const own = group.places.map((i) => owns[i] ?? 0n);
    const claims = own.map((each) => (rules.split === "equal" ? 1n : each));
    const parts = group.value === 0n ? [] : largestRemainder(rewardWei, claims);
    const scale = sum(claims) * valueSum;
    group.places.forEach((place, k) => {
      const weighed = group.value * (claims[k] ?? 0n) * (2n ** 48n - 1n);
      const weight = group.value === 0n ? 0n : weighed / scale;
      seats.set(place, { own: own[k] ?? 0n, value: group.value, weight, partWei: parts[k] ?? 0n });
    });
  }
  return { valueSum, normaliser, rewardWei, seats: miners.map((_, i) => seats.get(i) as CoalitionSeat) };
}

function dataOf(data: readonly SensedData[]): bigint {
  return sum(data.map(({ samples, reputationBps }) => samples * reputationBps));
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, each) => total + each, 0n);
}
