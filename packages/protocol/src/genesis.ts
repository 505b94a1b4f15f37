import { compareBytes, type Hex, invalidInput, utf8 } from "@sheaf/base";
import { z } from "zod";
import { keccak256 } from "./crypto/keccak.ts";
import { invalidField } from "./invalid-field.ts";

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, "an address is 0x and 40 lower-case hex digits")
  .transform((text) => text as Hex);
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, "a hash is 0x and 64 lower-case hex digits")
  .transform((text) => text as Hex);
/** At most 77 digits, which is below 2^256. */
const wei = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,76})$/, "an amount is a decimal integer in quotes, in wei, of at most 77 digits");
const millis = z.number().int().min(1).max(3_600_000);

/** What a block's encoding needs beside one transaction, at most. */
const BLOCK_OVERHEAD_BYTES = 512;

/** One validator: who signs votes, how often it proposes, and whose TLS key may connect. */
const validator = z.strictObject({
  /** The account that signs consensus messages. */
  address,
  /** Share of proposals relative to the others' weights. */
  weight: z.number().int().min(1).max(1_000_000),
  /** SHA-256 of the validator's TLS public key (SubjectPublicKeyInfo, DER): peers are pinned to it. */
  tlsKeyHash: hash,
});

/** What an account has at genesis. */
export const genesisAccountSchema = z.strictObject({
  balanceWei: wei.default("0"),
  nonce: z.number().int().min(0).default(0),
  code: z
    .string()
    .regex(/^0x([0-9a-f]{2})*$/)
    .default("0x"),
  storage: z.record(hash, hash).default({}),
});

/** Proposer weights that a contract gives, epoch by epoch (`specs/epochs.md`). */
const epochs = z.strictObject({
  /** The contract that is asked for the weights, and told of every block; its code stands in `alloc`. */
  contract: address,
  /** Blocks of an epoch. */
  blocks: z.number().int().min(1).max(1_000_000),
});

/** What every validator of a chain must agree on before its first block. */
export const genesisSchema = z.strictObject({
  schema: z.literal("sheaf.genesis/1"),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens"),
  chainId: z
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  timestampMs: z
    .number()
    .int()
    .min(0)
    .max(2 ** 47),
  consensus: z.strictObject({
    /** Least time between the timestamps of two blocks that carry transactions. */
    blockPeriodMs: millis,
    /** Time after which an empty block is made; at least `blockPeriodMs`. */
    emptyBlockPeriodMs: millis,
    /** Timeout of round 0; each further round multiplies it by `roundTimeoutFactor`. */
    roundTimeoutMs: millis,
    roundTimeoutFactor: z.number().min(1).max(4),
    maxRoundTimeoutMs: millis,
  }),
  limits: z.strictObject({
    transactionsPerBlock: z.number().int().min(1).max(100_000),
    gasPerBlock: z.number().int().min(21_000).max(Number.MAX_SAFE_INTEGER),
    /** Encoded size of a block. */
    blockBytes: z
      .number()
      .int()
      .min(1_024)
      .max(64 * 1024 * 1024),
    /** Encoded size of one transaction. */
    transactionBytes: z
      .number()
      .int()
      .min(128)
      .max(1024 * 1024),
  }),
  /** The price of gas that every transaction must at least offer; 0 makes gas free. Constant: a consortium has no fee market. */
  baseFeePerGasWei: wei,
  validators: z.array(validator).min(1).max(100),
  /** X.509 certificate (PEM) of the network's own authority, which issued every validator's certificate. */
  authorityCertificate: z.string().startsWith("-----BEGIN CERTIFICATE-----"),
  alloc: z.record(address, genesisAccountSchema),
  /** Proposers take turns by the weights of `validators` when it is left out. */
  epochs: epochs.optional(),
});

/** The parsed genesis, complete and frozen by convention. */
export type Genesis = z.infer<typeof genesisSchema>;
export type GenesisAccount = z.infer<typeof genesisAccountSchema>;
export type GenesisValidator = Genesis["validators"][number];

/** Parses genesis JSON. Raises `INVALID_INPUT` naming `at` and the field. */
export function parseGenesis(value: unknown, at: string): Genesis {
  const parsed = genesisSchema.safeParse(value);
  if (!parsed.success) throw invalidField(parsed.error, at);
  const { validators, consensus, limits } = parsed.data;
  if (new Set(validators.map((each) => each.address)).size !== validators.length) {
    throw invalidInput(`${at}: validators`, "an address stands there twice");
  }
  if (new Set(validators.map((each) => each.tlsKeyHash)).size !== validators.length) {
    throw invalidInput(`${at}: validators`, "a tlsKeyHash stands there twice");
  }
  if (consensus.emptyBlockPeriodMs < consensus.blockPeriodMs) {
    throw invalidInput(`${at}: consensus.emptyBlockPeriodMs`, "must be at least blockPeriodMs");
  }
  if (consensus.maxRoundTimeoutMs < consensus.roundTimeoutMs) {
    throw invalidInput(`${at}: consensus.maxRoundTimeoutMs`, "must be at least roundTimeoutMs");
  }
  if (limits.transactionBytes > limits.blockBytes - BLOCK_OVERHEAD_BYTES) {
    throw invalidInput(
      `${at}: limits.transactionBytes`,
      `must be at least ${BLOCK_OVERHEAD_BYTES} below blockBytes, so that every transaction fits in a block`,
    );
  }
  checkEpochs(parsed.data, at);
  return parsed.data;
}

/** [EPOCH.1] */
function checkEpochs({ epochs, alloc }: Genesis, at: string): void {
  if (epochs === undefined) return;
  const code = alloc[epochs.contract]?.code ?? "0x";
  if (code === "0x") {
    throw invalidInput(`${at}: epochs.contract`, `${epochs.contract} has no code in alloc`);
  }
}

/** Keccak-256 of the genesis as canonical JSON (keys sorted, no white space): the chain's identity [STATE.1]. */
export function genesisHash(genesis: Genesis): Uint8Array {
  return keccak256(utf8(canonicalJson(genesis)));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const given = Object.entries(value).filter(([, item]) => item !== undefined);
    const entries = given.sort(([a], [b]) => compareBytes(utf8(a), utf8(b)));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
