import type { Route, Workload } from "./workloads/workload.ts";

/**
 * Where each logical transaction goes. A lane is one account on one chain: its transactions carry
 * consecutive nonces, in the order of the plan, and enter at one validator.
 */
export interface Plan {
  readonly count: number;
  /** Chains of the arm, loaded or not. */
  readonly chains: number;
  readonly accounts: number;
  /** Chain of each transaction, from 0. */
  readonly chain: Uint16Array;
  /** Account of each transaction. */
  readonly sender: Uint32Array;
  /** Position of each transaction in its lane, from 0: the nonce, less the account's nonce at the start. */
  readonly sequence: Uint32Array;
  /** Lane of each transaction. */
  readonly lane: Uint32Array;
  /** Transactions of each lane; lane = chain x accounts + account. */
  readonly laneLength: Uint32Array;
  /** Validator of its chain at which each lane enters. */
  readonly laneEntry: Uint16Array;
  /** All transactions, lane by lane in order of nonce: lane L begins at `laneStart[L]`. */
  readonly laneRows: Uint32Array;
  readonly laneStart: Uint32Array;
}

/** The transaction at a position of a lane, or `undefined` past its end. */
export function rowOfLane(plan: Plan, lane: number, sequence: number): number | undefined {
  if (sequence >= (plan.laneLength[lane] as number)) return undefined;
  return plan.laneRows[(plan.laneStart[lane] as number) + sequence];
}

/**
 * Routes a workload over the loaded chains. Transaction i is sent by account `i % accounts`; lanes
 * are dealt to the validators of their chain in turn, so that entry points are even.
 */
export function planTransactions(
  workload: Workload,
  options: {
    readonly validatorsPerChain: readonly number[];
    readonly activeChains: readonly number[];
    readonly route: Route;
  },
): Plan {
  const { validatorsPerChain, activeChains, route } = options;
  const { count } = workload;
  const accounts = workload.accounts.count;
  const chains = validatorsPerChain.length;
  const plan: Plan = {
    count,
    chains,
    accounts,
    chain: new Uint16Array(count),
    sender: new Uint32Array(count),
    sequence: new Uint32Array(count),
    lane: new Uint32Array(count),
    laneLength: new Uint32Array(chains * accounts),
    laneEntry: new Uint16Array(chains * accounts),
    laneRows: new Uint32Array(count),
    laneStart: new Uint32Array(chains * accounts),
  };
  const lanesOfChain = new Uint32Array(chains);
  for (let index = 0; index < count; index++) {
    const chain = activeChains[workload.routeKey(index, route) % activeChains.length] as number;
    const sender = index % accounts;
    const lane = chain * accounts + sender;
    const sequence = plan.laneLength[lane] as number;
    if (sequence === 0) {
      const ordinal = lanesOfChain[chain] as number;
      plan.laneEntry[lane] = ordinal % (validatorsPerChain[chain] as number);
      lanesOfChain[chain] = ordinal + 1;
    }
    plan.chain[index] = chain;
    plan.sender[index] = sender;
    plan.sequence[index] = sequence;
    plan.lane[index] = lane;
    plan.laneLength[lane] = sequence + 1;
  }
  listLanes(plan);
  return plan;
}

function listLanes(plan: Plan): void {
  let start = 0;
  plan.laneLength.forEach((length, lane) => {
    plan.laneStart[lane] = start;
    start += length;
  });
  for (let index = 0; index < plan.count; index++) {
    const lane = plan.lane[index] as number;
    plan.laneRows[(plan.laneStart[lane] as number) + (plan.sequence[index] as number)] = index;
  }
}
