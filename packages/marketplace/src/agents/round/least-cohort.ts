import type { JobSpec } from "../../job-spec.ts";

/**
 * Fewest owners that a masked round is announced to and opened with [OWNER.11], of `active` selected owners that
 * are licensed and have not left: the threshold's share of the specification's cohort, and one whole group. So an
 * analyst cannot leave out the honest ones until its own are all that stands around one of them.
 */
export function leastCohort({ privacy, training }: JobSpec, active: number): number {
  const { secagg } = privacy;
  if (secagg === undefined) return 3;
  const cohort = training.cohort === "all" ? active : Math.min(training.cohort, active);
  const share = Math.ceil(secagg.threshold * cohort - 1e-9);
  return Math.max(3, share, secagg.groupSize === "cohort" ? 0 : secagg.groupSize);
}
