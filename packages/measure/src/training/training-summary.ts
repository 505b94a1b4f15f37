import type { PrivacyMode } from "./privacy-record.ts";
import type { trainingSchemaName } from "./training-record.ts";

/** How good the model became, beside the two baselines on the same test data; `null` where it is not known. */
export interface QualitySummary {
  /** The delivered model; where none was delivered, the last one that was tested [TRAINING.2]. */
  readonly final: number | null;
  /** All data in one place: the last point of the curve. */
  readonly central: number | null;
  /** Each owner alone: the mean over owners. */
  readonly localMean: number | null;
}

/** Where a price went. Whole smallest units as decimal strings. Bonds of a dispute are not in it. */
export interface PaymentSummary {
  readonly price: string;
  readonly toOwners: string;
  readonly toAnalyst: string;
  readonly refund: string;
}

/** All jobs of a run that had several. */
export interface JobTotals {
  readonly count: number;
  /** Something was paid for: in full, in part, or after a dispute. */
  readonly settled: number;
  readonly refunded: number;
  readonly rounds: number;
  readonly payments: PaymentSummary;
  readonly trades: number;
}

/**
 * [TRAINING.2] What `bench train --json` prints: the figures of the run's first job. `conserved` is of the whole
 * run. `rmse` is there for a regression only, whose `accuracy` is `null`; `jobs` only where there were several.
 */
export interface TrainingSummary {
  readonly schema: typeof trainingSchemaName;
  readonly runId: string;
  readonly dir: string;
  /** Closed rounds. */
  readonly rounds: number;
  /** From 0 to 1; `null` for a regression. */
  readonly accuracy: QualitySummary | null;
  readonly rmse?: QualitySummary;
  readonly privacy: {
    readonly mode: PrivacyMode;
    /** The most that any owner spent in the job; `null` without differential privacy. */
    readonly epsilonMax: number | null;
  };
  /** [TRAINING.4] `null` when the plain updates are not known. */
  readonly aggregationErrorMax: number | null;
  readonly payments: PaymentSummary;
  /** Rows of the market's list of trades. */
  readonly trades: number;
  /** [TRAINING.7] */
  readonly conserved: boolean;
  readonly jobs?: JobTotals;
}
