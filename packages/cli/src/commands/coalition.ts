import { loadCoalition } from "../coalition/coalition-file.ts";
import { type CoalitionFlags, planCoalition } from "../coalition/plan-coalition.ts";
import { runCoalition } from "../coalition/run-coalition.ts";
import { layout } from "../layout.ts";
import { type ExperimentFlags, runExperiment } from "./run-experiment.ts";

export interface CoalitionCommandFlags extends CoalitionFlags, ExperimentFlags {}

/** `bench coalition`: gives the exit code. */
export async function coalitionCommand(
  nameOrFile: string,
  flags: CoalitionCommandFlags,
  write: (line: string) => void,
): Promise<number> {
  const plan = planCoalition(await loadCoalition(nameOrFile, layout.benchmarks), flags);
  return runExperiment(
    (options) => runCoalition(plan, options),
    ({ problems }) => ({ valid: problems.length === 0, notes: problems }),
    { flags, write, tooEarly: "coalitions were formed" },
  );
}
