import type { Hex } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";

/** The stretches of a round whose time and bytes are reported. */
export type PhaseName = "keys" | "open" | "shares" | "train" | "confirm" | "unmask" | "decrypt" | "close";

interface OfJob {
  readonly job: bigint;
}
interface OfRound extends OfJob {
  readonly round: number;
  readonly attempt: number;
}

/** What an agent leaves in the record (the host stamps time and address; bigints become decimal strings). */
export type AgentEvent =
  /** A choice, with the reason: `because` is a code such as `PRICE_TOO_LOW`. */
  | (OfJob & {
      readonly kind: "decision";
      readonly what:
        | "offer"
        | "pass"
        | "join"
        | "decline"
        | "select"
        | "leave"
        | "take-over"
        | "abandon"
        | "dispute"
        | "end"
        | "refuse"
        | "award"
        | "accept"
        | "vote";
      readonly because: string;
      readonly subjects?: readonly Address[];
    })
  | (OfRound & {
      readonly kind: "phase";
      readonly phase: PhaseName;
      readonly edge: "begin" | "end";
      readonly got?: number;
      readonly of?: number;
    })
  /** An attempt of a round that came to nothing. */
  | (OfRound & { readonly kind: "aborted"; readonly phase: PhaseName; readonly because: string })
  /** A member of the cohort that did not finish the round, and where it was lost. */
  | (OfRound & {
      readonly kind: "dropped";
      readonly member: Address;
      readonly phase: PhaseName;
      readonly because: string;
    })
  | (OfRound & {
      readonly kind: "round";
      readonly cohort: readonly Address[];
      readonly survivors: readonly Address[];
      /** The owners in each sum that was opened; single owners where updates are sent in the open. */
      readonly groups: readonly (readonly Address[])[];
      /** Which of the groups the aggregation rule used. */
      readonly chosen: readonly number[];
      /** Mean training loss by samples; `null` where privacy hides it. */
      readonly loss: number | null;
      readonly validation: {
        readonly loss: number;
        readonly accuracy: number | null;
        readonly rmse: number | null;
      } | null;
      readonly saturated: number | null;
      readonly weight: number;
      /** Worst owner's epsilon so far; `null` without noise. */
      readonly epsilon: number | null;
      /** Always `null`: cohorts are public, and sampling hides nobody [PHASE.7]. */
      readonly epsilonSampled: null;
      readonly stateHash: Hex;
    })
  /** What an owner has spent after it sent a round's update. */
  | (OfRound & {
      readonly kind: "privacy";
      readonly epsilonJob: number;
      readonly epsilonAll: number;
      readonly limit: number;
    })
  | (OfRound & {
      readonly kind: "trained";
      readonly samples: number;
      readonly loss: number;
      readonly steps: number;
      readonly weight: number;
    })
  /** Something another agent sent or stated that does not hold. */
  | (OfJob & {
      readonly kind: "rejected";
      readonly from: Address;
      readonly message: string;
      readonly code: string;
    })
  | (OfJob & {
      readonly kind: "contributions";
      readonly method: string;
      readonly members: readonly Address[];
      readonly scores: readonly number[];
      /** Of the scores; null where they were not estimated from those of groups. */
      readonly standardErrors: readonly number[] | null;
      readonly weights: readonly bigint[];
      /** The sum of negative scores that were clipped to zero, as a positive number. */
      readonly clipped: number;
    })
  /** What a consumer measured on its own test set, and which declared bounds the model misses. */
  | (OfJob & {
      readonly kind: "evaluated";
      readonly loss: number;
      readonly accuracy: number | null;
      readonly rmse: number | null;
      readonly missed: readonly string[];
    })
  | (OfJob & {
      readonly kind: "rated";
      readonly subject: Address;
      readonly positive: number;
      readonly negative: number;
      readonly uncertain: number;
    })
  | (OfJob & { readonly kind: "paid"; readonly amountWei: bigint })
  /** Trouble that the agent lives with; `text` says what follows from it. */
  | { readonly kind: "problem"; readonly job?: bigint; readonly code: string; readonly text: string };
