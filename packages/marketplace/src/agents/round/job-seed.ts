import type { JobSpec } from "../../job-spec.ts";

/**
 * The seed of what is drawn in a job for training: its first weights, and the order of an owner's samples. It is of this
 * chain, market and job alone [PHASE.2]: if two jobs started an owner from the same weights, the same update would be
 * in the sums of both, and sums over different owners could be subtracted from each other. `scope` is
 * `AgentPorts.scope`.
 */
export function jobSeed(scope: string, job: bigint, { seed }: Pick<JobSpec, "seed">): string {
  return `${seed}/${scope}/${job}`;
}
