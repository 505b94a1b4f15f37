import { bytesToHex, createRandom, type Random } from "@sheaf/base";
import { sampleCohort } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { JobSpec } from "../../job-spec.ts";
import { partsNeeded, partsOf } from "../../job-spec-combinations.ts";
import { leastCohort } from "../round/least-cohort.ts";
import { hasPrivacyLeft, timesAsked } from "../round/privacy-spent.ts";
import { activeOwners, nextRound } from "../view/market-view.ts";
import { standingOf } from "./standings.ts";
import type { AnalystContext, AnalystJob } from "./state.ts";

/** How often a Poisson draw is repeated that is too small to work with. */
const MOST_DRAWS = 100;
/** Malformed or forged messages after which an owner is asked no more. */
const MOST_BAD = 3;

/**
 * Who is asked in the next round [ANALYST.3]: of the owners that are there, have answered lately and have
 * privacy left, all or as many as the specification says; in dp modes each by its own coin. `undefined` when
 * there are too few.
 */
export function chooseCohort(context: AnalystContext, job: AnalystJob): Address[] | undefined {
  const { facts, options } = context;
  const { spec } = facts;
  if (spec === undefined) return undefined;
  const available = availableOwners(context, job, spec);
  const awake = available.filter((owner) => standingOf(job.record, owner).restsUntil < nextRound(facts));
  const least = leastCohort(spec, activeOwners(context.view, facts).length);
  const enough = (owners: readonly Address[]): boolean => isEnough(spec, owners.length, least);
  const pool = enough(awake) && !needsAll(context, job, spec) ? awake : available;
  if (!enough(pool)) return undefined;
  return draw(spec, pool, facts.owners.length, least, createRandom(bytesToHex(options.ports.entropy(16))));
}

/** Owners whose shares of open noise were sized for a larger cohort do not answer a smaller one [OWNER.7]. */
function needsAll({ facts }: AnalystContext, job: AnalystJob, { privacy }: JobSpec): boolean {
  const isRepeated = job.record.round === nextRound(facts);
  return isRepeated && privacy.mode === "dp" && privacy.dp?.noise === "distributed";
}

/** Active owners that have sent little rubbish, have not opened this round before, and have privacy left in this job. */
function availableOwners(context: AnalystContext, job: AnalystJob, spec: JobSpec): Address[] {
  const { facts, view } = context;
  const spent = job.record.round === nextRound(facts) ? job.record.spent : [];
  const asked = timesAsked(facts);
  return activeOwners(view, facts).filter((owner) => {
    const isBad = standingOf(job.record, owner).bad >= MOST_BAD;
    return !isBad && !spent.includes(owner) && hasPrivacyLeft(spec, asked[facts.owners.indexOf(owner)] ?? 0);
  });
}

/** Whether a round with so many owners can be closed: no fewer than owners accept [OWNER.11], and parts enough for the rule. */
function isEnough(spec: JobSpec, owners: number, least: number): boolean {
  return owners >= least && partsOf(spec, owners) >= partsNeeded(spec.aggregation);
}

function draw(
  spec: JobSpec,
  pool: readonly Address[],
  owners: number,
  least: number,
  random: Random,
): Address[] {
  const { cohort } = spec.training;
  if (cohort === "all") return [...pool];
  const pick = (places: readonly number[]): Address[] => places.map((place) => pool[place] as Address);
  if (spec.privacy.dp !== undefined) {
    for (let tries = 0; tries < MOST_DRAWS; tries++) {
      const drawn = sampleCohort(
        pool.length,
        { kind: "poisson", rate: Math.min(1, cohort / owners) },
        random,
      );
      if (isEnough(spec, drawn.length, least)) return pick(drawn);
    }
    return [...pool];
  }
  return pick(sampleCohort(pool.length, { kind: "fixed", size: Math.min(cohort, pool.length) }, random));
}
