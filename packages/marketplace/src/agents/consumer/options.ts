import type { Millis } from "@sheaf/base";
import type { ReputationParams } from "@sheaf/federated";
import type { Terms } from "../../chain/types.ts";
import type { JobSpec } from "../../job-spec.ts";
import type { AgentPorts } from "../ports.ts";
import type { OfferPolicy } from "./choose-offer.ts";

/** A model that the consumer wants. In paillier mode `privacy.paillier.n` is a placeholder [CONSUMER.12]. */
export interface Order {
  readonly spec: JobSpec;
  readonly terms: Terms;
  readonly priceWei: bigint;
}

export interface ConsumerOptions {
  /** One job each; equal orders are jobs of their own. */
  readonly orders: readonly Order[];
  /** From the request: how long offers are waited for [CONSUMER.3]. */
  readonly offerWindowMs: Millis;
  readonly offerPolicy: OfferPolicy;
  readonly reputation: ReputationParams;
  /** From the end of training: after so long without the model it counts as withheld, and at most half the dispute period [CONSUMER.6]. */
  readonly modelWaitMs: Millis;
  /** From the end of training: before that the consumer does not accept, and at most a quarter of the dispute period [CONSUMER.14]. */
  readonly acceptDelayMs: Millis;
  /** What follows when the model misses the quality that the specification declares [CONSUMER.8]. */
  readonly onPoorQuality: "accept" | "dispute";
  /** A transaction that failed is tried again after so long, then twice as long, up to a minute. */
  readonly retryMs: Millis;
  /** A request of a process that died is waited for so long before it is made again [CONSUMER.2]. */
  readonly requestPatienceMs: Millis;
}

export const CONSUMER_DEFAULTS: Omit<ConsumerOptions, "orders"> = {
  offerWindowMs: 10_000,
  offerPolicy: { minTrust: 0.2, feeWeight: 0.5 },
  reputation: {},
  modelWaitMs: 60_000,
  acceptDelayMs: 5_000,
  onPoorQuality: "dispute",
  retryMs: 2_000,
  requestPatienceMs: 60_000,
};

/** What every handler of the consumer has at hand. */
export interface Attention {
  readonly options: ConsumerOptions;
  readonly ports: AgentPorts;
  readonly nowMs: Millis;
}
