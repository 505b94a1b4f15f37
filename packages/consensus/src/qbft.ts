import type { Input } from "./inputs.ts";
import type { Output } from "./outputs.ts";
import type { VoteRecord } from "./record.ts";
import type { QbftState } from "./state.ts";

export interface Step {
  readonly state: QbftState;
  readonly outputs: readonly Output[];
}

/** One validator's protocol, without time, storage or network. */
export interface Qbft {
  /** The state of a process that begins; `record` is what it persisted last, if anything [PERSIST.3]. */
  initial(record?: VoteRecord): QbftState;
  /** Pure: the same state and input give the same step. Throws `INVARIANT` only for a host's defect. */
  step(state: QbftState, input: Input): Step;
}
