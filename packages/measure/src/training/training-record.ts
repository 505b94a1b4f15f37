import { z } from "zod";
import { parseRecord } from "../parse-record.ts";
import { environmentSchema } from "../run-record.ts";
import { agentRecordSchema } from "./agent-record.ts";
import { jobRecordSchema } from "./job-record.ts";
import { findUnknownReference } from "./references.ts";
import { phaseSchema } from "./round-record.ts";
import { address, agentName, amount, count, digest, ms, text } from "./scalars.ts";

/** The version of the record's format. */
export const trainingSchemaName = "sheaf.train/1";

/** A chain that jobs were on. */
export const trainingChainSchema = z.strictObject({
  name: text,
  chainId: amount,
  consensus: text,
  /** Names of the analysts that validate it; of a foreign chain none. */
  validators: z.array(agentName),
  blockPeriodMs: z.number().positive().nullable(),
  contracts: z.strictObject({ licences: address, market: address, reputation: address }),
  /** Blocks of the run: the first it saw and the last. */
  firstBlock: count,
  lastBlock: count,
});

/** [TRAINING.7] The market contract's books on one chain, all at the same block. */
export const conservationSchema = z.strictObject({
  /** Index into the record's chains. */
  chain: count,
  block: count,
  /** Ever paid in: prices and bonds. */
  deposited: amount,
  /** Held for jobs that are not over. */
  locked: amount,
  /** Due to somebody and not yet withdrawn. */
  credited: amount,
  /** Ever paid out. */
  withdrawn: amount,
  /** Of the contract's account. */
  balance: amount,
});

/** One fact that somebody rated, as it stands on chain. */
export const ratingSchema = z.strictObject({
  /** The job's number. */
  job: amount,
  chain: count,
  rater: agentName,
  subject: agentName,
  positive: count,
  negative: count,
  uncertain: count,
  block: count,
  transaction: digest,
});

/** What an agent was worth trusting at one moment. */
export const opinionPointSchema = z.strictObject({
  job: amount,
  chain: count,
  /** After this round of the job; `null`: after its settlement; 0: before its first round. */
  round: count.nullable(),
  agent: agentName,
  belief: z.number().min(0).max(1),
  disbelief: z.number().min(0).max(1),
  uncertainty: z.number().min(0).max(1),
  trust: z.number().min(0).max(1),
});

/** A fault that was injected, or happened and was noticed. Without `endMs` it lasted to the end. */
export const trainingFaultSchema = z.strictObject({
  kind: text,
  /** `null` for the broker or a validator. */
  agent: agentName.nullable(),
  phase: phaseSchema.nullable(),
  startMs: ms,
  endMs: ms.nullable(),
  description: text,
});

/**
 * `run.json` of a training: raw facts of one run of the market, one or more jobs. Derived figures are not in
 * it. Times are milliseconds since the run's start, amounts whole smallest units as decimal strings, bytes are
 * on the wire.
 */
export const trainingRecordSchema = z.strictObject({
  schema: z.literal(trainingSchemaName),
  runId: text,
  /** Wall-clock time of the run's start, ISO 8601. */
  createdAt: z.iso.datetime(),
  title: text,
  /** The command that makes this run again. */
  command: z.string(),
  /** The configuration, complete, as it was frozen before the run. */
  config: z.record(z.string(), z.json()),
  seed: z.string(),
  environment: environmentSchema,
  /** The money of the chains: how many decimals of it the smallest unit is. */
  currency: z.strictObject({ symbol: text, decimals: z.int().min(0).max(36) }),
  /** How agents talked: "aedes, embedded", "MQTT 3.1.1", whether inside TLS. */
  bus: z.strictObject({ broker: text, protocol: text, tls: z.boolean() }),
  durationMs: ms,
  /** True when the run was ended before its last job was over. */
  interrupted: z.boolean(),
  /** What the producer found wrong: makes the run invalid. */
  problems: z.array(text),
  /** What a reader should know although the figures stand. */
  remarks: z.array(text),
  chains: z.array(trainingChainSchema).min(1),
  agents: z.array(agentRecordSchema),
  /** At least one; the first is the headline. */
  jobs: z.array(jobRecordSchema).min(1),
  ratings: z.array(ratingSchema),
  /** In the order of time. */
  reputation: z.array(opinionPointSchema),
  /** One for each chain that could still be asked at the end. */
  conservation: z.array(conservationSchema),
  faults: z.array(trainingFaultSchema),
});

export type TrainingChain = Readonly<z.infer<typeof trainingChainSchema>>;
export type ConservationBooks = Readonly<z.infer<typeof conservationSchema>>;
export type Rating = Readonly<z.infer<typeof ratingSchema>>;
export type OpinionPoint = Readonly<z.infer<typeof opinionPointSchema>>;
export type TrainingFault = Readonly<z.infer<typeof trainingFaultSchema>>;
export type TrainingRecord = Readonly<z.infer<typeof trainingRecordSchema>>;

/**
 * [TRAINING.1] The record in `value` (parsed JSON), complete and checked; every name in it is that of one agent.
 *
 * @throws CodedError `INVALID_INPUT` at `at`, with the first field that does not fit.
 */
export function parseTrainingRecord(value: unknown, at = "run.json"): TrainingRecord {
  return parseRecord(trainingRecordSchema, value, at, findUnknownReference);
}
