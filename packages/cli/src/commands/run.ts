import { loadBenchmark } from "../benchmark-file.ts";
import { layout } from "../layout.ts";
import { planRun, type RunFlags } from "../run/plan.ts";
import { type BenchmarkOutcome, runBenchmark } from "../run/run-benchmark.ts";
import { describeSummary } from "../terminal/describe-summary.ts";
import { describeFailure, EXIT } from "../terminal/exit.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { createProgress } from "../terminal/progress.ts";
import { shellCommand } from "../terminal/shell-command.ts";
import { shownPath } from "../terminal/shown-path.ts";

export interface RunCommandFlags extends RunFlags {
  readonly out?: string;
  readonly json?: boolean;
}

/** `bench run`: gives the exit code. Progress goes to standard error, the result to standard output. */
export async function runCommand(
  nameOrFile: string,
  flags: RunCommandFlags,
  write: (line: string) => void,
): Promise<number> {
  const progress = createProgress(process.stderr);
  const plan = planRun(await loadBenchmark(nameOrFile, layout.benchmarks), flags);
  const interrupt = listenForInterrupt((line) => progress.note(line));
  try {
    const outcome = await runBenchmark(plan, {
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
    progress.note("interrupted before anything was measured");
    return EXIT.interrupted;
  } finally {
    interrupt.release();
  }
}

function exitCode({ failure, interrupted, summary }: BenchmarkOutcome, note: (line: string) => void): number {
  if (interrupted) return EXIT.interrupted;
  if (failure !== undefined) {
    const { line, exitCode: code } = describeFailure(failure);
    note(line);
    return code;
  }
  return summary.valid ? EXIT.ok : EXIT.invalidRun;
}
