import { z } from "zod";
import { armRecordSchema } from "./arm-record.ts";
import { parseRecord } from "./parse-record.ts";

/** The version of the record's format. */
export const runSchemaName = "sheaf.run/1";

const text = z.string().min(1);

/** Where and with what a run was made: the white paper's list, as far as it is one for all arms. */
export const environmentSchema = z.strictObject({
  hardware: z.strictObject({
    cpuModel: text,
    cores: z.int().positive(),
    memoryMb: z.number().positive(),
    platform: text,
    architecture: text,
  }),
  /** Name to version: sheaf, node, and every library in the measured path. */
  software: z.record(text, z.string()),
  /** Where the driver sat ("same machine as all validators") and which client sent. */
  driver: z.strictObject({ location: text, client: text }),
  /** How transactions were spread over validators. */
  entryPoints: text,
  /** At what commits were observed. */
  observationPoints: text,
  dataStore: z.strictObject({ engine: text, durability: text }),
  /** Sender recoveries a second on one core, measured on this machine; `null` when not measured. */
  signatureRecoveriesPerSecond: z.number().positive().nullable(),
});

/** `run.json`: everything about a run but its rows. Derived figures are not in it. */
export const runRecordSchema = z.strictObject({
  schema: z.literal(runSchemaName),
  runId: text,
  /** Wall-clock time of the run's start, ISO 8601. */
  createdAt: z.iso.datetime(),
  benchmark: z.strictObject({
    name: text,
    title: text,
    /** The claim that the benchmark tests, one sentence. */
    claim: z.string(),
  }),
  /** The command that makes this run again. */
  command: z.string(),
  /** The configuration, complete, as it was frozen before the run. */
  config: z.record(z.string(), z.json()),
  environment: environmentSchema,
  seed: z.string(),
  /** True when the run was ended before its last arm was over. */
  interrupted: z.boolean(),
  /** Checks of the producer that make the run invalid when they failed; the measured ones are derived. */
  problems: z.array(text),
  arms: z.array(armRecordSchema),
});

export type EnvironmentRecord = Readonly<z.infer<typeof environmentSchema>>;
export type RunRecord = Readonly<z.infer<typeof runRecordSchema>>;

/**
 * The record in `value` (parsed JSON), complete and checked.
 *
 * @throws CodedError `INVALID_INPUT` at `at`, with the first field that does not fit.
 */
export function parseRunRecord(value: unknown, at = "run.json"): RunRecord {
  return parseRecord(runRecordSchema, value, at);
}
