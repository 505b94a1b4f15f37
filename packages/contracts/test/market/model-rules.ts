import { credit, type ModelJob, type ModelState, type State } from "./model-state.ts";

/** The account that issues licences, in every test. */
export const authority = `0x${(0xacc0000).toString(16).padStart(40, "0")}`;

/** The contract's error as the test's EVM writes it: name and arguments. */
export class Refusal extends Error {}

export function refuse(name: string, ...args: readonly unknown[]): never {
  throw new Refusal(`${name}(${args.map(String).join(",")})`);
}

export function demand(condition: boolean, name: string, ...args: readonly unknown[]): void {
  if (!condition) refuse(name, ...args);
}

const stateNumber: Record<State, number> = {
  None: 0,
  Open: 1,
  Recruiting: 2,
  Training: 3,
  Delivered: 4,
  Disputed: 5,
  Settled: 6,
  Refunded: 7,
  Stopped: 8,
};

export type Operation = (model: ModelState, from: string, value: bigint, ...args: never[]) => void;

export const licensed = (model: ModelState, role: number, account: string): boolean =>
  model.licences[role]?.has(account) ?? false;

export function demandLicence(model: ModelState, role: number, account: string): void {
  demand(licensed(model, role, account), "NotLicensed", account, role);
}

export function jobIn(model: ModelState, id: bigint, ...allowed: readonly State[]): ModelJob {
  const job = model.jobs[Number(id) - 1];
  if (job === undefined) refuse("WrongState", 0);
  demand(allowed.includes(job.state), "WrongState", stateNumber[job.state]);
  return job;
}

export function timely(model: ModelState, id: bigint, ...allowed: readonly State[]): ModelJob {
  const job = jobIn(model, id, ...allowed);
  demand(model.now <= job.deadline, "TooLate", job.deadline);
  return job;
}

export const holder = (job: ModelJob): string => job.held.at(-1) as string;
export const lastMoment = (job: ModelJob): bigint => job.deadline + job.terms.resumeSeconds;

/** Training goes on under the caller. */
export function going(model: ModelState, id: bigint, from: string): ModelJob {
  const job = jobIn(model, id, "Training");
  demand(model.now <= lastMoment(job), "TooLate", lastMoment(job));
  demand(holder(job) === from, "NotAnalyst");
  demandLicence(model, 2, from);
  return job;
}

export function recruitingAs(model: ModelState, id: bigint, from: string): ModelJob {
  const job = timely(model, id, "Recruiting");
  demand(holder(job) === from, "NotAnalyst");
  demandLicence(model, 2, from);
  return job;
}

/** Licensed analysts without a part in the job. */
export function outsideAnalysts(model: ModelState, job: ModelJob): number {
  const parties = [job.consumer, ...job.owners, ...job.held];
  return [...(model.licences[2]?.keys() ?? [])].filter((each) => !parties.includes(each)).length;
}

/** Without a delivery: what was closed can be disputed before it is paid. */
export function endTraining(model: ModelState, job: ModelJob): void {
  if (job.closed.length === 0) {
    refund(model, job);
    return;
  }
  job.state = "Stopped";
  job.deadline = model.now + job.terms.disputeSeconds;
}

export function refund(model: ModelState, job: ModelJob): void {
  job.state = "Refunded";
  credit(model, job.consumer, job.price);
}
