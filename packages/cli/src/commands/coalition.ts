import { loadCoalition } from "../coalition/coalition-file.ts";
import { type CoalitionFlags, planCoalition } from "../coalition/plan-coalition.ts";
import { type CoalitionOutcome, runCoalition } from "../coalition/run-coalition.ts";
import { layout } from "../layout.ts";
import { describeSummary } from "../terminal/describe-summary.ts";
import { describeFailure, EXIT } from "../terminal/exit.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { createProgress } from "../terminal/progress.ts";
import { shellCommand } from "../terminal/shell-command.ts";
import { shownPath } from "../terminal/shown-path.ts";

export interface CoalitionCommandFlags extends CoalitionFlags {
  readonly out?: string;
  readonly json?: boolean;
}

/** `bench coalition`: gives the exit code. Progress goes to standard error, the result to standard output. */
export async function coalitionCommand(
  nameOrFile: string,
  flags: CoalitionCommandFlags,
  write: (line: string) => void,
): Promise<number> {
  const progress = createProgress(process.stderr);
  const plan = planCoalition(await loadCoalition(nameOrFile, layout.benchmarks), flags);
  const interrupt = listenForInterrupt((line) => progress.note(line));
  try {
    const outcome = await runCoalition(plan, {
      ...(flags.out === undefined ? {} : { out: flags.out }),
      command: shellCommand(process.argv.slice(2)),
      progress,
      signal: interrupt.signal,
    });
    const summary = { ...outcome.summary, dir: shownPath(outcome.dir) };
    if (flags.json === true) write(JSON.stringify(summary));
    else for (const line of describeSummary(summary)) write(line);
    return exitCode(outcome, (line) => progress.note(line));
  } finally {
    interrupt.release();
  }
}

function exitCode(
  { failure, interrupted, problems }: CoalitionOutcome,
  note: (line: string) => void,
): number {
  if (interrupted) return EXIT.interrupted;
  if (failure !== undefined) {
    const { line, exitCode: code } = describeFailure(failure);
    note(line);
    return code;
  }
  for (const problem of problems) note(`invalid: ${problem}`);
  return problems.length === 0 ? EXIT.ok : EXIT.invalidRun;
}
