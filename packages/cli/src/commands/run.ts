import { loadBenchmark } from "../benchmark-file.ts";
import { layout } from "../layout.ts";
import { planRun, type RunFlags } from "../run/plan.ts";
import { runBenchmark } from "../run/run-benchmark.ts";
import { type ExperimentFlags, runExperiment } from "./run-experiment.ts";

export interface RunCommandFlags extends RunFlags, ExperimentFlags {}

/** `bench run`: gives the exit code. The summary itself says what makes it invalid. */
export async function runCommand(
  nameOrFile: string,
  flags: RunCommandFlags,
  write: (line: string) => void,
): Promise<number> {
  const plan = planRun(await loadBenchmark(nameOrFile, layout.benchmarks), flags);
  return runExperiment(
    (options) => runBenchmark(plan, options),
    ({ summary }) => ({ valid: summary.valid, notes: [] }),
    { flags, write, tooEarly: "anything was measured" },
  );
}
