/** [CRECORD.3] What `bench coalition --json` prints. Players by their id. */
export interface CoalitionSummary {
  readonly schema: "sheaf.coalition/1";
  readonly runId: string;
  readonly dir: string;
  /** How many players. */
  readonly miners: number;
  /** The final partition. */
  readonly coalitions: readonly (readonly string[])[];
  /** The coalition of the largest sum of utilities. */
  readonly best: readonly string[];
  /** Merges and splits carried out. */
  readonly iterations: number;
  readonly stability: {
    /** True: proven; false: refuted; `null`: not decided. */
    readonly dhp: boolean | null;
    readonly statement: string;
  };
  /** Utility in the final partition less utility alone, mean over players; the model's unit. */
  readonly meanGain: number;
  /** `null` without a chain. `chiSquareP` is `null` where no test was possible. */
  readonly chain: { readonly blocks: number; readonly chiSquareP: number | null } | null;
}
