import type { Coalition, Partition } from "../game/coalition-game.ts";
import type { DhpCheck } from "../stability/checks.ts";

export interface FormationOptions {
  /** Decides the order in which candidates are tried [MERGE.4]; default 1. */
  readonly seed?: string | number;
  /** All players in the order in which they are tried, in place of the one drawn from `seed`. */
  readonly order?: readonly number[];
  /** The partition to begin with; default everybody alone. */
  readonly start?: readonly Coalition[];
  /** Most coalitions merged at once, at least 2; default no limit but `evaluationLimit` [MERGE.3]. */
  readonly mergeWidth?: number;
  /** Whether a coalition may split into any number of parts (default) or into two only [SPLIT.2]. */
  readonly splitParts?: "two" | "any";
  /** Most sets whose utilities one search for a wide merge, or for a split, may ask for; default 2^17. */
  readonly evaluationLimit?: number;
  /** A formation ends after this many steps; default 100,000. */
  readonly stepLimit?: number;
  /** Relative gain below which "better" does not count [GAME.4]; default 1e-9. */
  readonly tolerance?: number;
}

/** One merge or split. Nobody's utility falls, somebody's rises [FORM.2]. */
export interface FormationStep {
  /** From 0. */
  readonly index: number;
  readonly rule: "merge" | "split";
  /** The coalitions that go, and those that come, each by first member. */
  readonly from: readonly Coalition[];
  readonly to: readonly Coalition[];
  /** Everybody concerned, ascending. */
  readonly members: Coalition;
  /** Their utilities before and after, aligned with `members`. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface Formation {
  readonly partition: Partition;
  /** Utility of each player under `partition`. */
  readonly utilities: readonly number[];
  readonly steps: readonly FormationStep[];
  /**
   * `stable`: no rule that was allowed applies any more, within the limits; `step-limit`; `stopped` by whoever had it
   * done step by step [FORM.4].
   */
  readonly stopped: "stable" | "step-limit" | "stopped";
  /** The check of the final partition, by all rules, whatever the options allowed [STABLE.1]. */
  readonly dhp: DhpCheck;
  /** The coalition whose utilities sum to most; of equal ones that of the smallest first member [FORM.3]. */
  readonly best: { readonly members: Coalition; readonly utility: number };
  /** How often a coalition's utilities were computed by the search. */
  readonly evaluations: number;
}
