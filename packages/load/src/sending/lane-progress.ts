import type { Plan } from "../plan.ts";

/** How far each lane has come on chain. */
export interface LaneProgress {
  /** A transaction or a filler of the lane stands on chain. */
  included(lane: number): void;
  /** A nonce of the lane was used up by somebody else. */
  skipped(lane: number): void;
  /** Nonces of the lane that are used up: the position of the next one in it. */
  consumed(lane: number): number;
  /** Transactions and fillers of each account on a chain. */
  onChain(chain: number): Uint32Array;
}

export function createLaneProgress(plan: Plan): LaneProgress {
  const onChain = new Uint32Array(plan.chains * plan.accounts);
  const skipped = new Uint32Array(plan.chains * plan.accounts);
  return {
    included(lane) {
      onChain[lane] = (onChain[lane] as number) + 1;
    },
    skipped(lane) {
      skipped[lane] = (skipped[lane] as number) + 1;
    },
    consumed: (lane) => (onChain[lane] as number) + (skipped[lane] as number),
    onChain: (chain) => onChain.subarray(chain * plan.accounts, (chain + 1) * plan.accounts),
  };
}
