import type { Coalition } from "../game/coalition-game.ts";

/** A merge or split that a partition does not resist: `from` becomes `to`, nobody loses, somebody gains. */
export interface Deviation {
  readonly rule: "merge" | "split";
  readonly from: readonly Coalition[];
  readonly to: readonly Coalition[];
  /** Everybody concerned, ascending, and their utilities before and after. */
  readonly members: Coalition;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Whether a partition is D_hp-stable [STABLE.1]. `stable` and `unstable` are exact; `bounded` means that none of
 * the deviations that `merges` and `splits` name as looked at applies, and others were not looked at [STABLE.2].
 */
export interface DhpCheck {
  readonly verdict: "stable" | "unstable" | "bounded";
  /** The deviation, when `unstable`. */
  readonly witness: Deviation | null;
  readonly merges: MergeScope;
  readonly splits: SplitScope;
  /** The verdict in a sentence. */
  readonly statement: string;
  /** How often utilities of a coalition were computed. */
  readonly evaluations: number;
}

/** Which merges were looked at, and do not apply (but for the witness). */
export interface MergeScope {
  /** Every set of coalitions was looked at, or ruled out by ceilings. */
  readonly complete: boolean;
  /** Every set of at most this many coalitions. */
  readonly width: number;
}

/** Which splits were looked at, and do not apply (but for the witness). */
export interface SplitScope {
  /** Every split of every coalition into any parts. */
  readonly complete: boolean;
  /** Coalitions too large for that, with the largest smaller part of the two-way splits looked at. */
  readonly bounded: readonly { readonly coalition: Coalition; readonly smallerPart: number }[];
}

/** A check of another notion of stability. `not-checked`: the game is too large for an exact answer. */
export interface Check<Witness> {
  readonly verdict: "stable" | "unstable" | "not-checked";
  readonly witness: Witness | null;
  readonly statement: string;
}
