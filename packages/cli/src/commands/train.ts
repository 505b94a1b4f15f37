import { layout } from "../layout.ts";
import { planTraining, type TrainFlags } from "../train/plan-training.ts";
import { runTraining } from "../train/run-training.ts";
import { loadTraining } from "../train/training-file.ts";
import { type ExperimentFlags, runExperiment } from "./run-experiment.ts";

export interface TrainCommandFlags extends TrainFlags, ExperimentFlags {}

/** `bench train`: gives the exit code. */
export async function trainCommand(
  nameOrFile: string,
  flags: TrainCommandFlags,
  write: (line: string) => void,
): Promise<number> {
  const plan = planTraining(await loadTraining(nameOrFile, layout.benchmarks), flags);
  return runExperiment(
    (options) => runTraining(plan, options),
    ({ problems, summary }) => ({ valid: problems.length === 0 && summary.conserved, notes: problems }),
    { flags, write, tooEarly: "a model was asked for" },
  );
}
