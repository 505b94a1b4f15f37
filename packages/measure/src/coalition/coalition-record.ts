import { z } from "zod";
import { parseRecord } from "../parse-record.ts";
import { environmentSchema } from "../run-record.ts";
import { count, ms, text } from "../training/scalars.ts";
import { coalitionChainSchema } from "./coalition-chain-record.ts";
import { findInconsistency } from "./coalition-consistency.ts";
import { comparisonSchema } from "./comparison-record.ts";
import { formationSchema, utilitiesSchema } from "./formation-record.ts";
import { stabilitySchema } from "./stability-record.ts";

/** The version of the format of a coalition run's record. */
export const coalitionRunSchemaName = "sheaf.coalition-run/1";

/** A place in the plane, km. */
export const positionSchema = z.tuple([z.number(), z.number()]);

/** The game that was played, with all its parameters. */
export const coalitionModelSchema = z.strictObject({
  kind: z.enum(["sensing", "table", "equal-share"]),
  /** What the game is, a sentence or two. */
  description: text,
  /** The unit of utilities: "tokens an epoch"; "" where they have none. */
  utilityUnit: z.string(),
  parameters: z.array(
    z.strictObject({
      name: text,
      value: z.union([z.number(), z.string()]),
      /** "" for a pure number or a name. */
      unit: z.string(),
      meaning: text,
    }),
  ),
});

/** A miner. What the model does not have is `null`. */
export const playerSchema = z.strictObject({
  id: text,
  position: positionSchema.nullable(),
  /** xi, tokens a second. */
  powerCost: z.number().nullable(),
  /** Ids of the workers that it picked. */
  workers: z.array(text),
  /** Samples that count, alone: the sum of reputation times samples over its workers. */
  ownValue: z.number().nullable(),
});

/** Who senses. */
export const workerSchema = z.strictObject({
  id: text,
  position: positionSchema.nullable(),
  /** Distinct records an epoch. */
  samples: count,
  reputation: z.number().min(0).max(1),
  /** Time to collect them, an epoch. */
  seconds: z.number().nonnegative(),
});

/**
 * `run.json` of a coalition run: raw facts, as plain data. Derived figures are not in it. Players are referred to by
 * their index in `players`; amounts on chain are whole smallest units as decimal strings.
 */
export const coalitionRecordSchema = z.strictObject({
  schema: z.literal(coalitionRunSchemaName),
  runId: text,
  /** Wall-clock time of the run's start, ISO 8601. */
  createdAt: z.iso.datetime(),
  title: text,
  /** What the run tests, one sentence; "" when it tests nothing. */
  claim: z.string(),
  /** The command that makes this run again. */
  command: z.string(),
  /** The configuration, complete, as it was frozen before the run. */
  config: z.record(z.string(), z.json()),
  seed: z.string(),
  environment: environmentSchema,
  durationMs: ms,
  /** True when the run was ended before all of it was done. */
  interrupted: z.boolean(),
  /** What the producer found wrong: makes the run invalid. */
  problems: z.array(text),
  /** What a reader should know although the figures stand. */
  remarks: z.array(text),
  model: coalitionModelSchema,
  players: z.array(playerSchema).min(1),
  workers: z.array(workerSchema),
  formation: formationSchema,
  utilities: utilitiesSchema,
  stability: stabilitySchema,
  comparison: comparisonSchema,
  /** `null` without a chain. */
  chain: coalitionChainSchema.nullable(),
});

export type CoalitionModel = Readonly<z.infer<typeof coalitionModelSchema>>;
export type CoalitionPlayer = Readonly<z.infer<typeof playerSchema>>;
export type CoalitionWorker = Readonly<z.infer<typeof workerSchema>>;
export type CoalitionRecord = Readonly<z.infer<typeof coalitionRecordSchema>>;

/**
 * [CRECORD.1] The record in `value` (parsed JSON), complete, checked and consistent in itself.
 *
 * @throws CodedError `INVALID_INPUT` at `at`, with the first field that does not fit.
 */
export function parseCoalitionRecord(value: unknown, at = "run.json"): CoalitionRecord {
  return parseRecord(coalitionRecordSchema, value, at, findInconsistency);
}
