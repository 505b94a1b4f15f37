import { layout } from "../layout.ts";
import { describeSummary } from "../terminal/describe-summary.ts";
import { describeFailure, EXIT } from "../terminal/exit.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { createProgress } from "../terminal/progress.ts";
import { shellCommand } from "../terminal/shell-command.ts";
import { shownPath } from "../terminal/shown-path.ts";
import { planTraining, type TrainFlags } from "../train/plan-training.ts";
import { runTraining, type TrainingOutcome } from "../train/run-training.ts";
import { loadTraining } from "../train/training-file.ts";

export interface TrainCommandFlags extends TrainFlags {
  readonly out?: string;
  readonly json?: boolean;
}

/** `bench train`: gives the exit code. Progress goes to standard error, the result to standard output. */
export async function trainCommand(
  nameOrFile: string,
  flags: TrainCommandFlags,
  write: (line: string) => void,
): Promise<number> {
  const progress = createProgress(process.stderr);
  const plan = planTraining(await loadTraining(nameOrFile, layout.benchmarks), flags);
  const interrupt = listenForInterrupt((line) => progress.note(line));
  try {
    const outcome = await runTraining(plan, {
      ...(flags.out === undefined ? {} : { out: flags.out }),
      command: shellCommand(process.argv.slice(2)),
      progress,
      signal: interrupt.signal,
    });
    const summary = { ...outcome.summary, dir: shownPath(outcome.dir) };
    if (flags.json === true) write(JSON.stringify(summary));
    else for (const line of describeSummary(summary)) write(line);
    return exitCode(outcome, (line) => progress.note(line));
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.note("interrupted before a model was asked for");
    return EXIT.interrupted;
  } finally {
    interrupt.release();
  }
}

function exitCode(
  { failure, interrupted, problems, summary }: TrainingOutcome,
  note: (line: string) => void,
): number {
  if (interrupted) return EXIT.interrupted;
  if (failure !== undefined) {
    const { line, exitCode: code } = describeFailure(failure);
    note(line);
    return code;
  }
  for (const problem of problems) note(`invalid: ${problem}`);
  return problems.length === 0 && summary.conserved ? EXIT.ok : EXIT.invalidRun;
}
