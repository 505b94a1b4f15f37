import type { ExperimentOptions, ExperimentOutcome } from "../experiment-run.ts";
import { describeSummary } from "../terminal/describe-summary.ts";
import { describeFailure, EXIT } from "../terminal/exit.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { createProgress } from "../terminal/progress.ts";
import { shellCommand } from "../terminal/shell-command.ts";
import { shownPath } from "../terminal/shown-path.ts";

/** Flags of every command that makes a run. */
export interface ExperimentFlags {
  /** The run's folder. */
  readonly out?: string;
  readonly json?: boolean;
}

type Summary = Parameters<typeof describeSummary>[0];

/** Whether a run's figures may be used, and what a reader is told when they may not. */
export interface Verdict {
  readonly valid: boolean;
  readonly notes: readonly string[];
}

/**
 * Makes a run and gives the exit code. Progress goes to standard error, the result to standard output. `tooEarly` says
 * what had not happened yet when the user interrupts a run that leaves nothing.
 */
export async function runExperiment<S extends Summary, O extends ExperimentOutcome<S>>(
  run: (options: ExperimentOptions) => Promise<O>,
  judge: (outcome: O) => Verdict,
  context: {
    readonly flags: ExperimentFlags;
    readonly write: (line: string) => void;
    readonly tooEarly: string;
  },
): Promise<number> {
  const { flags, write, tooEarly } = context;
  const progress = createProgress(process.stderr);
  const interrupt = listenForInterrupt((line) => progress.note(line));
  try {
    const outcome = await run({
      ...(flags.out === undefined ? {} : { out: flags.out }),
      command: shellCommand(process.argv.slice(2)),
      progress,
      signal: interrupt.signal,
    });
    const summary = { ...outcome.summary, dir: shownPath(outcome.dir) };
    if (flags.json === true) write(JSON.stringify(summary));
    else for (const line of describeSummary(summary)) write(line);
    return exitCode(outcome, judge(outcome), (line) => progress.note(line));
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.note(`interrupted before ${tooEarly}`);
    return EXIT.interrupted;
  } finally {
    interrupt.release();
  }
}

function exitCode(
  { failure, interrupted }: Pick<ExperimentOutcome<Summary>, "failure" | "interrupted">,
  { valid, notes }: Verdict,
  note: (line: string) => void,
): number {
  if (interrupted) return EXIT.interrupted;
  if (failure !== undefined) {
    const { line, exitCode: code } = describeFailure(failure);
    note(line);
    return code;
  }
  for (const line of notes) note(`invalid: ${line}`);
  return valid ? EXIT.ok : EXIT.invalidRun;
}
