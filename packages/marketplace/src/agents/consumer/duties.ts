import type { Millis } from "@sheaf/base";
import { bondOf } from "../../chain/contracts.ts";
import type { Address, MarketCall } from "../../chain/types.ts";
import { isOver, type JobFacts } from "../view/market-view.ts";
import type { ConsumerOptions } from "./options.ts";
import type { OwnJob } from "./state.ts";

/** A transaction that is called for as long as the chain stands as it does; `because` is a code for the record. */
export interface Duty {
  /** Names the purpose: the same duty has the same id. */
  readonly id: string;
  readonly call: MarketCall;
  readonly what: "award" | "end" | "accept" | "dispute";
  readonly because: string;
  readonly subjects?: readonly Address[];
}

/** What there is to do now, or when to look again. */
export type Due = { readonly duty: Duty } | { readonly wakeMs: Millis } | undefined;

/** The chain's clock counts whole seconds and is another one than the host's: a deadline is over when it is by this. */
const GRACE_MS: Millis = 2_000;

export interface DutyContext {
  readonly nowMs: Millis;
  readonly options: ConsumerOptions;
  /** No order asked for the job. */
  readonly surplus: boolean;
  /** The best acceptable offer [CONSUMER.3]. */
  readonly choice: Address | undefined;
}

/** The transaction that an own job calls for. A function of the chain and of what was saved: nothing is lost in a crash. */
export function dutyOf(job: JobFacts, own: OwnJob, context: DutyContext): Due {
  switch (job.state) {
    case "open":
      return offersDue(job, context);
    case "recruiting":
      return after(job, job.deadlineMs, "expire", context);
    case "training":
      return after(job, job.deadlineMs + 1000 * job.terms.resumeSeconds, "expire", context);
    case "delivered":
    case "stopped":
      return verdictDue(job, own, context);
    case "disputed":
      return after(job, job.deadlineMs, "settle", context);
    default:
      return undefined;
  }
}

/** [CONSUMER.9] Leaves a state whose time is over: the consumer has the money in it. */
function after(job: JobFacts, deadlineMs: Millis, method: "expire" | "settle", { nowMs }: DutyContext): Due {
  const dueMs = deadlineMs + GRACE_MS;
  if (nowMs < dueMs) return { wakeMs: dueMs };
  return { duty: { ...dutyFor(job, { method, job: job.job }), what: "end", because: "DEADLINE_PASSED" } };
}

/** [CONSUMER.3] [CONSUMER.4] */
function offersDue(job: JobFacts, context: DutyContext): Due {
  const { nowMs, options, surplus, choice } = context;
  const { job: id } = job;
  const cancel = (because: string): Due => ({
    duty: { ...dutyFor(job, { method: "cancel", job: id }), what: "end", because },
  });
  if (surplus) return cancel("SURPLUS");
  if (nowMs >= job.deadlineMs + GRACE_MS) return after(job, job.deadlineMs, "expire", context);
  const requestedMs = job.deadlineMs - 1000 * job.terms.offerSeconds;
  const windowMs = Math.min(options.offerWindowMs, 500 * job.terms.offerSeconds);
  const dueMs = requestedMs + windowMs;
  if (nowMs < dueMs) return { wakeMs: dueMs };
  if (choice === undefined) return cancel(job.offers.size === 0 ? "NO_OFFER" : "NO_ACCEPTABLE_OFFER");
  const duty = dutyFor(job, { method: "award", job: id, analyst: choice });
  return { duty: { ...duty, what: "award", because: "BEST_OFFER", subjects: [choice] } };
}

/** [CONSUMER.7] [CONSUMER.8] */
function verdictDue(job: JobFacts, own: OwnJob, context: DutyContext): Due {
  const { verdict } = own;
  const late = after(job, job.deadlineMs, "settle", context);
  if (verdict === undefined || (late !== undefined && "duty" in late)) return late;
  const accept = (because: string): Due => acceptDue(job, because, context);
  if (verdict.kind === "good") return accept("AS_COMMITTED");
  const mine = job.disputed.find(({ by }) => by === job.consumer);
  const poor = verdict.kind === "poor";
  // Undecided, nobody has looked at the round: others have the whole period to dispute another one.
  if (mine !== undefined) return poor && mine.result === "rejected" ? accept("RECOMPUTED") : late;
  if (poor && context.options.onPoorQuality === "accept") return accept("POOR_QUALITY");
  if (own.cannotDispute || job.disputed.some(({ round }) => round === verdict.round)) return late;
  const call = { method: "dispute", job: job.job, round: verdict.round, bond: bondOf(job.price) } as const;
  return { duty: { ...dutyFor(job, call), what: "dispute", because: becauseOf[verdict.kind] } };
}

/** [CONSUMER.14] Owners have some time for disputes of their own. */
function acceptDue(job: JobFacts, because: string, { nowMs, options }: DutyContext): Due {
  const periodMs = 1000 * job.terms.disputeSeconds;
  const dueMs = job.deadlineMs - periodMs + Math.min(options.acceptDelayMs, periodMs / 4);
  if (nowMs < dueMs) return { wakeMs: dueMs };
  return { duty: { ...dutyFor(job, { method: "accept", job: job.job }), what: "accept", because } };
}

const becauseOf = { poor: "POOR_QUALITY", wrong: "WRONG_MODEL", missing: "NO_MODEL" } as const;

function dutyFor(job: JobFacts, call: MarketCall): Pick<Duty, "id" | "call"> {
  return { id: `${call.method}/${job.job}`, call };
}

/** What a finished job makes the consumer say of an analyst of it [CONSUMER.10]. */
export interface Rating {
  readonly subject: Address;
  readonly positive: number;
  readonly negative: number;
  readonly uncertain: number;
}

/** [CONSUMER.10] One rating for each analyst that held the job and is not yet rated. */
export function ratingsDue(job: JobFacts, own: OwnJob): Rating[] {
  if (!isOver(job)) return [];
  return job.analysts
    .filter((analyst) => !job.rated.has(`${job.consumer} ${analyst}`))
    .map((subject) => ({ subject, ...opinionOf(job, own, subject) }));
}

function opinionOf(job: JobFacts, own: OwnJob, analyst: Address): Omit<Rating, "subject"> {
  const good = { positive: 1, negative: 0, uncertain: 0 };
  const bad = { positive: 0, negative: 1, uncertain: 0 };
  const unclear = { positive: 0, negative: 0, uncertain: 1 };
  if (job.state === "refunded") return unclear;
  if (job.outcome === "upheld") return job.disputed.at(-1)?.accused === analyst ? bad : unclear;
  if (analyst !== job.analyst) return bad;
  if (job.outcome === "partial") return bad;
  return own.verdict?.kind === "good" ? good : unclear;
}
