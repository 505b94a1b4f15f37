import type { Progress } from "./terminal/progress.ts";

/** What a run is given, whatever it runs. */
export interface ExperimentOptions {
  /** The run's folder; default `reports/<run id>`. */
  readonly out?: string;
  /** The command that makes the run again, for the report. */
  readonly command: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What a run comes to. */
export interface ExperimentOutcome<S> {
  readonly summary: S;
  readonly dir: string;
  /** What ended the run early; `undefined` when nothing did. */
  readonly failure: unknown;
  readonly interrupted: boolean;
}
