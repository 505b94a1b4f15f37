import { credit, type ModelJob, type ModelState, survivalsOf } from "./model-state.ts";
import { shareOut } from "./shares.ts";

const sum = (values: readonly bigint[]): bigint => values.reduce((total, each) => total + each, 0n);

/** [PAYMENT.3] */
export function settleFull(model: ModelState, id: bigint, job: ModelJob): void {
  job.state = "Settled";
  job.outcome = "Full";
  const present = survivalsOf(job).map((count) => (count > 0n ? 1n : 0n));
  payOwners(model, id, job, shareOut(job.price - job.fee, sum(job.weights) > 0n ? job.weights : present));
  const work = workOf(job);
  work[work.length - 1] = (work.at(-1) as bigint) + 1n;
  payAnalysts(model, id, job, shareOut(job.fee, work));
}

/** [PAYMENT.5] [PAYMENT.6] */
export function settleRounds(
  model: ModelState,
  id: bigint,
  job: ModelJob,
  outcome: "Partial" | "Upheld",
  accused?: string,
): void {
  job.state = "Settled";
  job.outcome = outcome;
  const closed = BigInt(job.closed.length);
  const maxRounds = BigInt(job.terms.maxRounds);
  const toOwners = shareOut(((job.price - job.fee) * closed) / maxRounds, survivalsOf(job));
  const toAnalysts = shareOut((job.fee * closed) / (maxRounds + 1n), workOf(job)).map((part, i) =>
    job.held[i] === accused ? 0n : part,
  );
  payOwners(model, id, job, toOwners);
  payAnalysts(model, id, job, toAnalysts);
  credit(model, job.consumer, job.price - sum(toOwners) - sum(toAnalysts));
}

/** Rounds closed, by analyst. */
function workOf(job: ModelJob): bigint[] {
  return job.held.map((analyst) => BigInt(job.closed.filter((round) => round.analyst === analyst).length));
}

function payOwners(model: ModelState, id: bigint, job: ModelJob, parts: readonly bigint[]): void {
  parts.forEach((amount, i) => {
    const seller = job.owners[i] as string;
    pay(model, {
      job: id,
      kind: 1,
      seller,
      buyer: job.held.at(-1) as string,
      amount,
      subject: job.stateHash,
    });
  });
}

function payAnalysts(model: ModelState, id: bigint, job: ModelJob, parts: readonly bigint[]): void {
  parts.forEach((amount, i) => {
    const seller = job.held[i] as string;
    pay(model, { job: id, kind: 2, seller, buyer: job.consumer, amount, subject: job.stateHash });
  });
}

/** [PAYMENT.10] */
function pay(model: ModelState, trade: ModelState["trades"][number]): void {
  credit(model, trade.seller, trade.amount);
  if (trade.amount > 0n) model.trades.push(trade);
}
