import type { RecordIssue } from "../parse-record.ts";
import type { TrainingJob } from "./job-record.ts";
import type { TrainingRecord } from "./training-record.ts";

type Named = readonly [name: string, ...path: (string | number)[]];

/** [TRAINING.1] The first name that no agent has, the first name that two have, or the first unknown chain. */
export function findUnknownReference(record: TrainingRecord): RecordIssue | undefined {
  const known = new Set<string>();
  for (const [index, { name }] of record.agents.entries()) {
    if (known.has(name))
      return { path: ["agents", index, "name"], message: `${name} is the name of two agents` };
    known.add(name);
  }
  const chained = [
    ...record.jobs.map(({ chain }, i) => ({ chain, path: ["jobs", i, "chain"] })),
    ...record.ratings.map(({ chain }, i) => ({ chain, path: ["ratings", i, "chain"] })),
    ...record.reputation.map(({ chain }, i) => ({ chain, path: ["reputation", i, "chain"] })),
    ...record.conservation.map(({ chain }, i) => ({ chain, path: ["conservation", i, "chain"] })),
  ];
  const lost = chained.find(({ chain }) => chain >= record.chains.length);
  if (lost !== undefined) return { path: lost.path, message: `there is no chain ${lost.chain}` };
  for (const [name, ...path] of references(record)) {
    if (!known.has(name)) return { path, message: `${name} is no agent of the record` };
  }
  return undefined;
}

function* references(record: TrainingRecord): Generator<Named> {
  for (const [i, chain] of record.chains.entries()) {
    for (const name of chain.validators) yield [name, "chains", i, "validators"];
  }
  for (const [i, job] of record.jobs.entries()) yield* jobReferences(job, i);
  for (const [i, { rater, subject }] of record.ratings.entries()) {
    yield [rater, "ratings", i, "rater"];
    yield [subject, "ratings", i, "subject"];
  }
  for (const [i, { agent }] of record.reputation.entries()) yield [agent, "reputation", i, "agent"];
  for (const [i, { agent }] of record.faults.entries()) {
    if (agent !== null) yield [agent, "faults", i, "agent"];
  }
}

function* jobReferences(job: TrainingJob, index: number): Generator<Named> {
  const at = ["jobs", index] as const;
  yield [job.consumer, ...at, "consumer"];
  for (const name of job.analysts) yield [name, ...at, "analysts"];
  const lists = {
    candidates: job.candidates,
    steps: job.steps,
    payments: job.payments,
    contributions: job.contributions?.rows ?? [],
    locals: job.baselines.locals?.results ?? [],
    disputes: job.disputes.flatMap(({ by, votes }) => [{ agent: by }, ...votes]),
  };
  for (const [list, rows] of Object.entries(lists)) {
    for (const { agent } of rows) yield [agent, ...at, list];
  }
  for (const { seller, buyer } of job.trades) {
    yield [seller, ...at, "trades"];
    yield [buyer, ...at, "trades"];
  }
  for (const [i, round] of job.rounds.entries()) {
    const place = [...at, "rounds", i] as const;
    yield [round.analyst, ...place, "analyst"];
    for (const name of [...round.invited, ...round.cohort, ...round.survivors]) yield [name, ...place];
    for (const name of round.aggregation.groups.flatMap(({ members }) => members)) {
      yield [name, ...place, "aggregation"];
    }
    for (const { agent } of [...round.dropouts, ...round.work, ...round.epsilon]) yield [agent, ...place];
  }
}
