import { z } from "zod";
import { invalidField } from "./invalid-field.ts";

const port = z.number().int().min(0).max(65_535);
const millis = z.number().min(0).max(600_000);
const address = z.string().regex(/^0x[0-9a-f]{40}$/, "an address is 0x and 40 lower-case hex digits");

/** An emulated link to one peer, for frames that leave this validator (`specs/wire.md`) [LINK.1]. */
export const linkSchema = z.strictObject({
  /** One-way delay. */
  delayMs: millis.default(0),
  /** Standard deviation of the delay; frames keep their order, as TCP keeps it. */
  jitterMs: millis.default(0),
  /** Probability that a frame is lost and sent again after a retransmission timeout, as TCP does. */
  loss: z.number().min(0).max(0.9).default(0),
  /** Rate of the link; 0 is unlimited. */
  bandwidthMbps: z.number().min(0).max(1_000_000).default(0),
});

/** What one validator process is started with: a JSON file named on its command line. */
export const nodeConfigSchema = z.strictObject({
  schema: z.literal("sheaf.node/1"),
  /** Path of the genesis JSON. Relative paths are relative to this file. */
  genesis: z.string(),
  dataDir: z.string(),
  /** Path of a file with the validator's secp256k1 private key, 0x and 64 hex digits, mode 0600. */
  keyFile: z.string(),
  tls: z.strictObject({ certificateFile: z.string(), keyFile: z.string() }),
  rpc: z.strictObject({
    host: z.string().default("127.0.0.1"),
    /** HTTP and WebSocket on one port; 0 takes a free one. */
    port,
    maxBodyBytes: z
      .number()
      .int()
      .min(1_024)
      .default(5 * 1024 * 1024),
    maxBatch: z.number().int().min(1).default(1_000),
    maxLogBlocks: z.number().int().min(1).default(10_000),
    maxLogs: z.number().int().min(1).default(10_000),
    maxConnections: z.number().int().min(1).default(1_000),
  }),
  p2p: z.strictObject({
    host: z.string().default("127.0.0.1"),
    port,
    /** Where each other validator listens, by its address (as in genesis). */
    peers: z.record(address, z.strictObject({ host: z.string(), port, link: linkSchema.prefault({}) })),
    linkSeed: z.string().default("sheaf"),
  }),
  mempool: z
    .strictObject({
      maxTransactions: z.number().int().min(1).default(100_000),
      /** Most bytes of encoded transactions that wait together. */
      maxBytes: z.number().int().min(1).default(67_108_864),
      maxPerSender: z.number().int().min(1).default(4_096),
      /** Least rise of both fees, in percent, for a transaction to replace one of the same nonce. */
      replacementPercent: z.number().int().min(0).default(10),
    })
    .prefault({}),
  /** What a committed block survives: `process` a kill of the process, `power` also a power cut (fsync). */
  durability: z.enum(["process", "power"]).default("process"),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  /**
   * End when standard input closes: so the validator dies with the process that started it. Once it has
   * read anything there, it stays.
   */
  exitWithParent: z.boolean().default(false),
});

export type Link = z.infer<typeof linkSchema>;
export type NodeConfig = z.infer<typeof nodeConfigSchema>;

/** Parses a validator's configuration. Raises `INVALID_INPUT` naming `at` and the field. */
export function parseNodeConfig(value: unknown, at: string): NodeConfig {
  const parsed = nodeConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidField(parsed.error, at);
}

/**
 * The line that a validator prints on standard output, as JSON, when it listens: the launcher reads
 * the ports that were free.
 */
export interface NodeReady {
  readonly event: "ready";
  readonly rpcPort: number;
  readonly p2pPort: number;
  readonly pid: number;
}

/** Exit codes of a validator process. */
export const NODE_EXIT = {
  /** Ended on request (SIGTERM, SIGINT, parent gone). */
  ok: 0,
  /** A defect. */
  defect: 1,
  /** Bad configuration, port taken, data of another chain. */
  input: 2,
  /** Its results differ from what the quorum committed: it stopped rather than go on alone [STATE.6]. */
  diverged: 3,
  /** The store cannot be written (disk full). */
  storage: 4,
} as const;
