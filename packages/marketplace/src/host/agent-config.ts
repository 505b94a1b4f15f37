import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { errorMessage, invalidInput } from "@sheaf/base";
import { z } from "zod";
import { analystPolicySchema } from "../agents/analyst/options.ts";
import { ownerPolicySchema } from "../agents/owner/options.ts";

/** A file, relative to the folder of the configuration. */
const file = z.string().min(1);
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "is no address")
  .transform((text) => text.toLowerCase() as `0x${string}`);
const seconds = z.int().min(1).max(31_622_400);

const brokerSchema = z.strictObject({
  /** `mqtt://host:port` or `mqtts://host:port`; never with a password in it. */
  url: z.string(),
  user: z.string().optional(),
  /** A file that holds the password and nothing else. */
  passwordFile: file.optional(),
  /** PEM: the authority of the broker's certificate. */
  caFile: file.optional(),
  /** PEM: this agent's certificate, and its key. */
  certFile: file.optional(),
  keyFile: file.optional(),
});

/** CSV, Parquet or Sheaf's own encoding of a dataset; for a table, how its columns become samples. */
const dataSchema = z.strictObject({
  file,
  /** Column that is to be predicted; needed for tables. */
  label: z.string().optional(),
  task: z.enum(["classification", "regression"]).optional(),
  exclude: z.array(z.string()).default([]),
  scale: z.enum(["standard", "minmax", "none"]).optional(),
  /** Names of the classes, in their order, where not every file has all of them. */
  classes: z.array(z.string()).optional(),
  /** JSON that `tableToDataset` made of another file of the study: all owners must encode alike. */
  encodingFile: file.optional(),
});

/** Conditions of a job, as in the market contract. */
export const termsSchema = z.strictObject({
  offerSeconds: seconds,
  recruitSeconds: seconds,
  roundSeconds: seconds,
  resumeSeconds: seconds,
  disputeSeconds: seconds,
  minRounds: z.int().min(1).max(65_535),
  maxRounds: z.int().min(1).max(65_535),
  minOwners: z.int().min(3).max(256),
  maxOwners: z.int().min(3).max(256),
});

const common = {
  schema: z.literal("sheaf.agent/1"),
  /** For logs and records. */
  name: z.string().min(1).max(64).optional(),
  /** Hexadecimal private key, in a file of its own that only its owner may read. */
  keyFile: file,
  rpcUrl: z.url({ protocol: /^https?$/ }),
  contracts: z.strictObject({ licences: address, market: address, reputation: address }),
  /** The block of the market's deployment, or one before it. */
  fromBlock: z.int().min(0).default(0),
  broker: brokerSchema,
  /** Where the agent keeps its state, its lock and `events.jsonl`; made when missing. */
  stateDir: file,
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
  /** Ends when standard input closes. */
  exitWithParent: z.boolean().default(false),
  /** Simulations only: plain updates are left here, to be compared with what masking reveals. */
  auditDir: file.optional(),
};

/** Experiments only: an owner that cheats. `factor` is for `scaling`. */
const adversarySchema = z.strictObject({
  kind: z.enum(["label-flip", "sign-flip", "scaling", "free-rider"]),
  factor: z.number().optional(),
});

const orderSchema = z.strictObject({
  /** A job specification, JSON. */
  specFile: file,
  terms: termsSchema,
  /** Decimal digits. */
  priceWei: z
    .string()
    .regex(/^[0-9]+$/)
    .transform(BigInt),
  /** Jobs of this kind. */
  count: z.int().min(1).max(1000).default(1),
});

const consumerPolicySchema = z.strictObject({
  offerWindowMs: z.int().min(0).optional(),
  offerPolicy: z
    .strictObject({ minTrust: z.number().min(0).max(1), feeWeight: z.number().min(0) })
    .optional(),
  modelWaitMs: z.int().min(0).optional(),
  acceptDelayMs: z.int().min(0).optional(),
  onPoorQuality: z.enum(["accept", "dispute"]).optional(),
  retryMs: z.int().min(1).optional(),
  requestPatienceMs: z.int().min(1).optional(),
});

/** One agent's process: `node agent-main.js CONFIG.json`. Unknown fields are errors. */
export const agentConfigSchema = z.discriminatedUnion("role", [
  z.strictObject({
    role: z.literal("owner"),
    ...common,
    data: dataSchema,
    policy: ownerPolicySchema.prefault({}),
    adversary: adversarySchema.optional(),
  }),
  z.strictObject({
    role: z.literal("analyst"),
    ...common,
    /** Its validation set; without one it cannot value contributions by loss. */
    data: dataSchema.optional(),
    policy: analystPolicySchema.prefault({}),
  }),
  z.strictObject({
    role: z.literal("consumer"),
    ...common,
    /** Its test set. */
    data: dataSchema.optional(),
    orders: z.array(orderSchema).min(1),
    policy: consumerPolicySchema.default({}),
  }),
]);

export type AgentConfig = Readonly<z.output<typeof agentConfigSchema>>;
/** As a person or a launcher writes it. */
export type AgentConfigInput = z.input<typeof agentConfigSchema>;
export type DataConfig = z.output<typeof dataSchema>;

/** Reads a configuration. Raises `INVALID_INPUT` that names the file and the field. */
export function readAgentConfig(path: string): AgentConfig {
  const parsed = agentConfigSchema.safeParse(readJson(path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw invalidInput(field === "" ? path : `${path}: ${field}`, issue?.message ?? "is no configuration");
  }
  return resolveFiles(parsed.data, dirname(resolve(path)));
}

/** The JSON in a file. Raises `INVALID_INPUT`. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw invalidInput(path, errorMessage(error));
  }
}

/** The text of a file that a configuration names. Raises `INVALID_INPUT`; never quotes the content. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw invalidInput(path, errorMessage(error));
  }
}

const FILES: ReadonlySet<string> = new Set(["stateDir", "auditDir", "file"]);

/** Makes every path absolute: fields named `...File`, `stateDir`, `auditDir`, and `file` of `data`. */
function resolveFiles<T>(value: T, folder: string): T {
  if (Array.isArray(value)) return value.map((each) => resolveFiles(each, folder)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    const isFile = typeof each === "string" && (key.endsWith("File") || FILES.has(key));
    return [key, isFile ? absolute(each, folder) : resolveFiles(each, folder)];
  });
  return Object.fromEntries(entries);
}

function absolute(path: string, folder: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
