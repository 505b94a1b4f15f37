import type { Dataset } from "@sheaf/federated";
import { z } from "zod";
import type { AgentPorts } from "../ports.ts";

/** How an analyst does its business. */
export const analystPolicySchema = z.strictObject({
  /** Jobs with a lower price are passed over. */
  minimumPriceWei: z.coerce.bigint().min(0n).default(0n),
  /** Fee asked for, as a share of the price; the rest is for the owners. */
  feeShare: z.number().min(0).max(1).default(0.2),
  maxJobs: z.int().min(1).default(8),
  maxParameters: z.int().min(1).default(10_000_000),
  /** Jobs that leave less time for disputes, and for answering them, are passed over. */
  minimumDisputeSeconds: z.int().min(1).default(30),
  /** Owners invited at most. */
  maxInvitations: z.int().min(3).max(1024).default(256),
  /** How long owners have to answer, as a share of the time for recruiting; all answered ends it. */
  recruitShare: z.number().gt(0).lt(1).default(0.5),
  /** Share of the places for owners of whom little is known, 0 to 1. */
  exploration: z.number().min(0).max(1).default(0.2),
  /** Owners trusted less are not selected, 0 to 1. */
  minimumTrust: z.number().min(0).max(1).default(0.2),
  /** How good and bad rounds of others' jobs count. */
  reputation: z
    .strictObject({
      base: z.number().min(0).max(1).optional(),
      negativeWeight: z.number().min(1).optional(),
      /** Blocks after which a rating counts half. */
      halfLife: z.number().positive().optional(),
    })
    .default({}),
  /** Attempts at one round before training ends with what there is. */
  maxAttempts: z.int().min(1).max(16).default(4),
  /** Rest before a round is attempted again. */
  retryMs: z.int().min(0).default(1_000),
  /** Whether stalled jobs of other analysts are taken over. */
  takeOver: z.boolean().default(true),
});

export type AnalystPolicy = Readonly<z.output<typeof analystPolicySchema>>;

/** What a data set is; the host holds the samples. */
export type DataFacts = Pick<Dataset, "task" | "shape" | "count">;

export interface AnalystOptions {
  readonly policy: AnalystPolicy;
  /** The host's validation set, if it has one. */
  readonly validation: DataFacts | undefined;
}

/** What the handlers see. */
export type AnalystInside = AnalystOptions & { readonly ports: AgentPorts };
