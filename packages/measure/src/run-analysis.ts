import { createRandom, invalidInput } from "@sheaf/base";
import { type ArmAnalysis, analyseArm } from "./arm-analysis.ts";
import { type AnalysedArm, type Comparison, compareCandidates } from "./comparison.ts";
import type { RunData } from "./events.ts";
import type { RunRecord } from "./run-record.ts";

/** Everything that is derived from a run; `arms` in the order of the record. */
export interface RunAnalysis {
  readonly valid: boolean;
  /** [VALID.1] Empty exactly when `valid`. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly arms: readonly ArmAnalysis[];
  /** [COMPARE.8] One for each candidate, in the order of the record; the first is the headline. */
  readonly comparisons: readonly Comparison[];
}

/**
 * Derives all figures of a run. Pure: the bootstrap is seeded with the run's own seed.
 *
 * @throws CodedError `INVALID_INPUT` when `data` has not one entry for each arm of the record.
 */
export function analyseRun(record: RunRecord, data: RunData): RunAnalysis {
  if (record.arms.length !== data.arms.length) {
    throw invalidInput("run", `${record.arms.length} arms are recorded, ${data.arms.length} have data`);
  }
  const arms = record.arms.map((arm, index): AnalysedArm => {
    const own = data.arms[index] as RunData["arms"][number];
    return { record: arm, analysis: analyseArm(arm, own, record.environment) };
  });
  const problems = [
    ...record.problems,
    ...(record.interrupted ? ["interrupted before the last arm was over"] : []),
    ...arms.flatMap((arm) => arm.analysis.problems),
  ];
  return {
    valid: problems.length === 0,
    problems,
    warnings: arms.flatMap((arm) => arm.analysis.warnings),
    arms: arms.map((arm) => arm.analysis),
    comparisons: compareCandidates(arms, (candidate) =>
      createRandom(`${record.seed}/comparison/${candidate}`),
    ),
  };
}
