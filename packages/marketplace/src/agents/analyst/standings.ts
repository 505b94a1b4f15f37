import type { Address } from "@sheaf/protocol";
import type { AnalystRecord, Standing } from "./saved.ts";
import type { AnalystJob } from "./state.ts";

/** Rounds for which an owner that does not answer is left alone, at most. */
const LONGEST_REST = 8;

/** What this analyst has noted of an owner in a job. */
export function standingOf(record: AnalystRecord, owner: Address): Standing {
  return (
    record.standings.find((standing) => standing.owner === owner) ?? {
      owner,
      bad: 0,
      uncertain: 0,
      missed: 0,
      restsUntil: 0,
    }
  );
}

/** Something the owner sent was wrong. */
export function noteBad(job: AnalystJob, owner: Address): AnalystJob {
  return change(job, owner, ({ bad }) => ({ bad: bad + 1 }));
}

/** Something went wrong that may or may not be the owner's doing. */
export function noteUncertain(job: AnalystJob, owner: Address): AnalystJob {
  return change(job, owner, ({ uncertain }) => ({ uncertain: uncertain + 1 }));
}

/**
 * The owner did not answer in time [ANALYST.3]: it is left alone for the rest of the round, and after each
 * further time in a row for about twice as many rounds.
 */
export function noteMissed(job: AnalystJob, owner: Address, round: number): AnalystJob {
  return change(job, owner, ({ missed, uncertain }) => ({
    missed: missed + 1,
    uncertain: uncertain + 1,
    restsUntil: round + Math.min(LONGEST_REST, 2 ** missed - 1),
  }));
}

/** The owner went through a round. */
export function notePresent(job: AnalystJob, owner: Address): AnalystJob {
  return standingOf(job.record, owner).missed === 0
    ? job
    : change(job, owner, () => ({ missed: 0, restsUntil: 0 }));
}

function change(job: AnalystJob, owner: Address, to: (before: Standing) => Partial<Standing>): AnalystJob {
  const before = standingOf(job.record, owner);
  const others = job.record.standings.filter((standing) => standing.owner !== owner);
  return { ...job, record: { ...job.record, standings: [...others, { ...before, ...to(before) }] } };
}
