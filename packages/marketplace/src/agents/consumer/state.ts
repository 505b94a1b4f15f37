import type { Hex, Millis } from "@sheaf/base";
import type { EarlyMessages } from "../early.ts";
import { emptyView, type MarketView } from "../view/market-view.ts";

/** What the consumer has done about an order beside what the chain shows. */
export interface OrderProgress {
  /** Mode paillier: `secret` never leaves. */
  readonly keys: { readonly n: Hex; readonly secret: Uint8Array } | undefined;
  /** When it last sent the request. */
  readonly askedAtMs: Millis | undefined;
  /** Why it will not be asked again. */
  readonly failed: string | undefined;
}

export interface Quality {
  readonly loss: number;
  readonly accuracy: number | null;
  readonly rmse: number | null;
}

/** What the consumer holds of the model that it got, or did not get. */
export type Verdict =
  | { readonly kind: "good" }
  /** `round` is the one to dispute. */
  | { readonly kind: "poor" | "wrong" | "missing"; readonly round: number };

/** What the consumer knows of a job of its own beside what the chain shows. */
export interface OwnJob {
  /** The hash of the state that is held under `modelKey(job)`. */
  readonly heldHash: Hex | undefined;
  /** The last state that came before its hash was on chain. */
  readonly early: Uint8Array | undefined;
  /** States that came and were not the one on chain. */
  readonly wrongStates: number;
  readonly askedAtMs: Millis | undefined;
  readonly asked: number;
  readonly verdict: Verdict | undefined;
  /** It cannot pay a bond: the dispute period runs out. */
  readonly cannotDispute: boolean;
  /** Hashes of the sums whose decryption was granted, by round [CONSUMER.13]. */
  readonly decryptions: ReadonlyMap<number, Hex>;
}

/** A transaction under way, in a block that is not yet seen, or one that failed and rests. */
export type Effort =
  | { readonly at: "sent"; readonly tries: number }
  | { readonly at: "mined"; readonly blockNumber: number }
  | { readonly at: "resting"; readonly untilMs: Millis; readonly tries: number };

export interface ConsumerState {
  readonly view: MarketView;
  readonly live: boolean;
  /** Jobs up to this one are of earlier orders; `undefined` until the chain was seen [CONSUMER.2]. */
  readonly begun: bigint | undefined;
  readonly orders: readonly OrderProgress[];
  readonly jobs: ReadonlyMap<bigint, OwnJob>;
  readonly efforts: ReadonlyMap<string, Effort>;
  readonly early: EarlyMessages;
  /** When the timer is due. */
  readonly wakeMs: Millis | undefined;
}

const newOrder: OrderProgress = { keys: undefined, askedAtMs: undefined, failed: undefined };

export const newJob: OwnJob = {
  heldHash: undefined,
  early: undefined,
  wrongStates: 0,
  askedAtMs: undefined,
  asked: 0,
  verdict: undefined,
  cannotDispute: false,
  decryptions: new Map(),
};

export function initialState(orders: number): ConsumerState {
  return {
    view: emptyView,
    live: false,
    begun: undefined,
    orders: Array.from({ length: orders }, () => newOrder),
    jobs: new Map(),
    efforts: new Map(),
    early: [],
    wakeMs: undefined,
  };
}

export function ownJob(state: ConsumerState, job: bigint): OwnJob {
  return state.jobs.get(job) ?? newJob;
}

export function withOwnJob(state: ConsumerState, job: bigint, change: Partial<OwnJob>): ConsumerState {
  return { ...state, jobs: new Map(state.jobs).set(job, { ...ownJob(state, job), ...change }) };
}

export function withOrder(
  state: ConsumerState,
  index: number,
  change: Partial<OrderProgress>,
): ConsumerState {
  return {
    ...state,
    orders: state.orders.map((order, at) => (at === index ? { ...order, ...change } : order)),
  };
}

export function withEffort(state: ConsumerState, id: string, effort: Effort | undefined): ConsumerState {
  const efforts = new Map(state.efforts);
  if (effort === undefined) efforts.delete(id);
  else efforts.set(id, effort);
  return { ...state, efforts };
}
