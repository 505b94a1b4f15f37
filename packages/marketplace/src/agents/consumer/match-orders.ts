import type { Address } from "../../chain/types.ts";
import type { JobSpec } from "../../job-spec.ts";
import type { JobFacts, MarketView } from "../view/market-view.ts";
import type { Order } from "./options.ts";
import type { OrderProgress } from "./state.ts";

/** Which job is which order's. */
export interface Matching {
  /** By index of the order. */
  readonly jobOf: ReadonlyMap<number, bigint>;
  /** Own jobs after `begun` that no order asked for: a request that was made twice. */
  readonly surplus: ReadonlySet<bigint>;
}

/**
 * Own jobs after `begun`, in order, each for the first order without a job that asks for the same [CONSUMER.2].
 * A function of the chain, so that a restart comes to the same.
 */
export function matchOrders(
  view: MarketView,
  self: Address,
  begun: bigint,
  orders: readonly Order[],
  progress: readonly OrderProgress[],
): Matching {
  const jobOf = new Map<number, bigint>();
  const surplus = new Set<bigint>();
  const wanted = orders.map((order, index) =>
    wish(specOf(order, progress[index]), order.priceWei, order.terms),
  );
  for (const job of ownJobs(view, self)) {
    if (job.job <= begun) continue;
    const found = job.spec === undefined ? "" : wish(job.spec, job.price, job.terms);
    const index = wanted.findIndex((each, at) => each === found && !jobOf.has(at));
    if (index < 0) surplus.add(job.job);
    else jobOf.set(index, job.job);
  }
  return { jobOf, surplus };
}

/** The consumer's jobs, oldest first. */
export function ownJobs(view: MarketView, self: Address): JobFacts[] {
  return [...view.jobs.values()].filter(({ consumer }) => consumer === self);
}

/** What is published: in paillier mode with the consumer's own key in it [CONSUMER.12]. */
export function specOf(order: Order, progress: OrderProgress | undefined): JobSpec {
  const { spec } = order;
  const { paillier } = spec.privacy;
  if (paillier === undefined || progress?.keys === undefined) return spec;
  return { ...spec, privacy: { ...spec.privacy, paillier: { ...paillier, n: progress.keys.n } } };
}

function wish(spec: JobSpec, price: bigint, terms: Order["terms"]): string {
  const sorted = Object.entries(terms).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([spec, price.toString(), sorted]);
}
