import { z } from "zod";

const count = z.int().nonnegative();
const text = z.string().min(1);

/** How load was offered. `window` is over all chains of the arm together, as `ratePerSecond` is. */
export const modeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("windowed"), window: z.int().positive() }),
  z.strictObject({
    kind: z.literal("open-loop"),
    arrivals: z.enum(["constant", "poisson"]),
    ratePerSecond: z.number().positive(),
  }),
]);

/** What the protocol allows each chain; `null` where the chain does not tell (a foreign endpoint). */
export const limitsSchema = z.strictObject({
  blockPeriodMs: z.number().positive().nullable(),
  maxTransactionsPerBlock: z.int().positive().nullable(),
  blockGasLimit: z.number().positive().nullable(),
  /** Largest encoded block, bytes. */
  blockBytes: z.number().positive().nullable().default(null),
});

/** What was sent. */
export const workloadSchema = z.strictObject({
  name: text,
  description: z.string(),
  /** Keccak-256 of the deployed bytecode, hex; `null` for a workload without a contract. */
  codeHash: z.string().nullable(),
  /** Mean size of a signed transaction; `null` when not known. */
  transactionBytes: z.number().positive().nullable(),
  /** Mean gas of a transaction; `null` when not known. */
  gasPerTransaction: z.number().positive().nullable(),
  /** Mean gas limit of a transaction: what a block builder counts. `null` when not known. */
  gasLimitPerTransaction: z.number().positive().nullable().default(null),
  senders: count,
  /** The file whose rows became transactions, or `null`. */
  input: z.string().nullable(),
});

/** The comparison of the final state with what the workload must have produced. */
export const stateCheckSchema = z.strictObject({
  ok: z.boolean(),
  /** How many values were compared. */
  checked: count,
  /** What was compared, in one sentence. */
  description: z.string(),
  /** The first mismatches, readable. */
  mismatches: z.array(z.string()),
});

/** A fault that was injected. Without `endMs` it lasted to the end of the arm. */
export const faultSchema = z.strictObject({
  kind: text,
  startMs: z.number(),
  endMs: z.number().nullable(),
  chain: count.nullable(),
  validator: count.nullable(),
  description: z.string(),
});

/** Something that a reader must know, found while the arm ran. */
export const warningSchema = z.strictObject({
  code: text,
  message: text,
  timeMs: z.number().nullable(),
});

/** A sender whose next nonce never arrived, and what was done about it. */
export const nonceRepairSchema = z.strictObject({
  timeMs: z.number(),
  chain: count,
  sender: count,
  nonce: count,
  /** How many transactions were sent again. */
  resent: count,
});

/** How far the driver's clock can be trusted over the arm. */
export const clockAuditSchema = z.strictObject({
  source: text,
  /** Smallest step seen between two different readings. */
  resolutionMs: z.number().nonnegative(),
  /** Monotonic minus wall clock, end against start. */
  driftMs: z.number(),
  /** Longest time the driver's event loop was away. */
  maxStallMs: z.number().nonnegative(),
});

/** One arm of a run: one network, one load. Several entries with one name are repetitions. */
export const armRecordSchema = z.strictObject({
  name: text,
  /** From 0. */
  repetition: count,
  /** What the comparison divides (`candidate`) by what (`baseline`); a `control` is only reported. */
  role: z.enum(["baseline", "candidate", "control"]),
  chains: z.int().positive(),
  /** Names of the chains, in order. */
  chainNames: z.array(text),
  /** The chains under load: all of them, but for a control with idle chains. */
  loadedChains: z.array(count).min(1),
  validatorsPerChain: z.int().positive(),
  /** The consensus protocol, and the emulated links ("none" when there are none). */
  consensus: text,
  topology: text,
  mode: modeSchema,
  limits: limitsSchema,
  workload: workloadSchema,
  /** Wall-clock time of the start barrier, ISO 8601. */
  startedAt: z.iso.datetime(),
  /** When watching ended: rows that had not committed by then are censored here [LOST.1]. */
  drainEndMs: z.number(),
  /** True when the arm was ended before its load was. */
  interrupted: z.boolean(),
  stateCheck: stateCheckSchema.nullable(),
  faults: z.array(faultSchema),
  warnings: z.array(warningSchema),
  nonceRepairs: z.array(nonceRepairSchema),
  clockAudit: clockAuditSchema,
});

export type LoadMode = Readonly<z.infer<typeof modeSchema>>;
export type ProtocolLimits = Readonly<z.infer<typeof limitsSchema>>;
export type WorkloadRecord = Readonly<z.infer<typeof workloadSchema>>;
export type StateCheck = Readonly<z.infer<typeof stateCheckSchema>>;
export type Fault = Readonly<z.infer<typeof faultSchema>>;
export type Warning = Readonly<z.infer<typeof warningSchema>>;
export type NonceRepair = Readonly<z.infer<typeof nonceRepairSchema>>;
export type ClockAudit = Readonly<z.infer<typeof clockAuditSchema>>;
export type ArmRecord = Readonly<z.infer<typeof armRecordSchema>>;
