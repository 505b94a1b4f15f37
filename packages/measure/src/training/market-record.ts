import { z } from "zod";
import { agentName, amount, count, digest, ms, text, transactionSchema } from "./scalars.ts";

/** A licensed owner that a job asked. */
export const candidateSchema = z.strictObject({
  agent: agentName,
  /** `selected` ones trained; `left` ones were selected and left before the end. */
  answer: z.enum(["selected", "left", "joined", "declined", "silent"]),
  /** Reputation when owners were selected, 0 to 1; `null` for one that nobody had rated. */
  trust: z.number().min(0).max(1).nullable(),
  /** What it lets itself spend over all its jobs; `null` without differential privacy, or without a limit. */
  epsilonLimit: z.number().positive().nullable(),
});

/** A change of a job's state on chain. */
export const marketStepSchema = z.strictObject({
  /** The contract's event: "Requested", "Offered", "Settled". */
  event: text,
  /** Who sent the transaction. */
  agent: agentName,
  transaction: transactionSchema,
  /** Since the run's start, when the run saw it. */
  timeMs: ms,
});

/** [TRAINING.6] What a job credited to somebody. */
export const paymentSchema = z.strictObject({
  agent: agentName,
  /** `refund`: to the consumer. `bond`: a dispute's bond, returned or forfeited. */
  kind: z.enum(["owner-share", "analyst-fee", "refund", "bond"]),
  amount,
  transaction: transactionSchema,
});

/** A row of the market's list of trades. */
export const tradeSchema = z.strictObject({
  id: count,
  kind: z.enum(["owner-analyst", "analyst-consumer"]),
  seller: agentName,
  buyer: agentName,
  amount,
  /** Hash of the model state that was traded in. */
  subject: digest,
  transaction: transactionSchema,
});

/** The value of what each owner gave. */
export const contributionsSchema = z.strictObject({
  /** "participation", "leave-one-out", "shapley", "truncated-monte-carlo", "gtg". */
  method: text,
  /** What was valued, in words: "accuracy on the analyst's 400 validation digits". */
  utility: text,
  /** The utility of nobody and of all, where the method has them: what exact Shapley values sum to. */
  ofNobody: z.number().nullable(),
  ofAll: z.number().nullable(),
  /** How often the utility was evaluated. */
  evaluations: count.nullable(),
  /** Whether scores are of single owners, or estimated from groups over rounds. */
  basis: z.enum(["members", "groups"]),
  rows: z.array(
    z.strictObject({
      agent: agentName,
      /** As valued: may be negative. */
      score: z.number(),
      /** As delivered on chain, any scale: never negative. */
      weight: amount,
    }),
  ),
});

/** A committed round, or the delivery, that somebody contested. */
export const disputeSchema = z.strictObject({
  /** 0: the delivery itself (its weights). */
  round: count,
  by: agentName,
  bond: amount,
  votes: z.array(z.strictObject({ agent: agentName, upheld: z.boolean(), transaction: transactionSchema })),
  /** `undecided`: no majority in time. */
  result: z.enum(["upheld", "rejected", "undecided", "open"]),
});

export type Candidate = Readonly<z.infer<typeof candidateSchema>>;
export type MarketStep = Readonly<z.infer<typeof marketStepSchema>>;
export type Payment = Readonly<z.infer<typeof paymentSchema>>;
export type Trade = Readonly<z.infer<typeof tradeSchema>>;
export type Contributions = Readonly<z.infer<typeof contributionsSchema>>;
export type Dispute = Readonly<z.infer<typeof disputeSchema>>;
