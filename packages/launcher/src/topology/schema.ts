import { genesisAccountSchema, genesisSchema, linkSchema, nodeConfigSchema } from "@sheaf/protocol";
import { z } from "zod";

const consensus = genesisSchema.shape.consensus.shape;
const limits = genesisSchema.shape.limits.shape;
const epochShape = genesisSchema.shape.epochs.unwrap().shape;

const name = genesisSchema.shape.name;
const WEI = 'must be a whole number of wei, in quotes when it is large ("1000000000000000000")';
const weiAmount = z
  .union([z.number().int().min(0), z.string().regex(/^(0|[1-9][0-9]*)$/, WEI)], { error: WEI })
  .transform(String);
const accountAddress = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "must be an address: 0x and 40 hex digits, in quotes")
  .transform((text) => text.toLowerCase());

const word = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "must be 32 bytes: 0x and 64 hex digits, in quotes")
  .transform((text) => text.toLowerCase());
const accountSchema = z.strictObject({
  balanceWei: weiAmount.default("0").describe("Balance in wei."),
  nonce: genesisAccountSchema.shape.nonce.describe("Nonce; 1 is usual for a contract."),
  code: z
    .string()
    .regex(/^0x([0-9a-fA-F]{2})*$/, "must be code: 0x and pairs of hex digits, in quotes")
    .transform((text) => text.toLowerCase())
    .default("0x")
    .describe("Code of a contract as it runs (not the code that creates it)."),
  storage: z
    .record(word, word)
    .default({})
    .describe("Storage of a contract: value by slot, 32 bytes each in hex."),
});

const linkFields = {
  delayMs: linkSchema.shape.delayMs.describe("One-way delay in milliseconds."),
  jitterMs: linkSchema.shape.jitterMs.describe(
    "Standard deviation of the delay in milliseconds; frames keep their order, as TCP keeps it.",
  ),
  loss: linkSchema.shape.loss.describe(
    "Probability that a frame is lost and comes one retransmission timeout later, as with TCP.",
  ),
  bandwidthMbps: linkSchema.shape.bandwidthMbps.describe(
    "Rate of the link in one direction, in megabits a second; 0 is unlimited.",
  ),
};

const linksSchema = z.strictObject({
  placement: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      "Region of each validator in turn; when there are more validators than entries, it starts again from the first.",
    ),
  within: z
    .strictObject(linkFields)
    .prefault({})
    .describe("The link between two validators of one region; without delay when left out."),
  routes: z
    .array(
      z.strictObject({
        between: z.tuple([z.string(), z.string()]).describe("Two regions."),
        ...linkFields,
      }),
    )
    .default([])
    .describe("The links between regions, in both directions. Every two regions in use need one."),
  pairs: z
    .array(
      z.strictObject({
        between: z
          .tuple([z.number().int().min(0), z.number().int().min(0)])
          .describe("Two validators, counted from 0."),
        oneWay: z
          .boolean()
          .default(false)
          .describe("Whether this holds only for what the first sends to the second."),
        ...linkFields,
      }),
    )
    .default([])
    .describe("Links of single pairs of validators, in place of what their regions say."),
});

const protocolSchema = z.strictObject({
  blockPeriodMs: consensus.blockPeriodMs
    .default(1_000)
    .describe("Least time between the timestamps of two blocks that carry transactions, in milliseconds."),
  emptyBlockPeriodMs: consensus.emptyBlockPeriodMs
    .default(2_000)
    .describe("Time after which an empty block is made, in milliseconds; at least blockPeriodMs."),
  roundTimeoutMs: consensus.roundTimeoutMs
    .default(4_000)
    .describe("How long validators wait for round 0 before they change the proposer, in milliseconds."),
  roundTimeoutFactor: consensus.roundTimeoutFactor
    .default(1.5)
    .describe("Each further round's timeout is this many times the one before."),
  maxRoundTimeoutMs: consensus.maxRoundTimeoutMs
    .default(30_000)
    .describe("Longest timeout of a round, in milliseconds."),
  transactionsPerBlock: limits.transactionsPerBlock.default(450).describe("Most transactions in one block."),
  gasPerBlock: limits.gasPerBlock
    .default(60_000_000)
    .describe("Most gas that one block's transactions may ask for."),
  blockBytes: limits.blockBytes.default(1024 * 1024).describe("Largest encoded block, in bytes."),
  transactionBytes: limits.transactionBytes
    .default(128 * 1024)
    .describe("Largest encoded transaction, in bytes."),
});

/** A chain that the launcher starts. */
export const localChainSchema = z.strictObject({
  name: name.describe("The chain's name: lower-case letters, digits and hyphens."),
  replicas: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("This many identical chains, named name-1, name-2 and so on."),
  validators: z.number().int().min(1).max(100).default(4).describe("Number of validators, one process each."),
  weights: z
    .array(z.number().int().min(1).max(1_000_000))
    .optional()
    .describe("How often each validator proposes, relative to the others; all alike when left out."),
  chainId: genesisSchema.shape.chainId
    .optional()
    .describe("Chain id; replicas count up from it. Chosen by the launcher when left out."),
  protocol: protocolSchema
    .prefault({})
    .describe("Times and limits that all validators of the chain agree on (its genesis)."),
  baseFeePerGasWei: weiAmount
    .default("0")
    .describe("Price of gas that every transaction must at least offer; 0 makes gas free. It is constant."),
  durability: nodeConfigSchema.shape.durability.describe(
    "What a committed block survives: `process`, a kill of the validator; `power`, also a power cut (fsync).",
  ),
  mempool: z
    .strictObject({
      maxTransactions: z
        .number()
        .int()
        .min(1)
        .default(100_000)
        .describe("Most transactions that wait in one validator's pool."),
      maxPerSender: z
        .number()
        .int()
        .min(1)
        .default(4_096)
        .describe("Most transactions of one sender that wait in one validator's pool."),
    })
    .prefault({})
    .describe("Limits of each validator's pool of waiting transactions."),
  alloc: z
    .record(accountAddress, z.union([weiAmount, accountSchema]))
    .default({})
    .describe(
      "Accounts at genesis, by address, beside the deployer's own: a balance in wei, or `{ balanceWei, nonce, code, storage }`.",
    ),
  epochs: z
    .strictObject({
      contract: accountAddress.describe("The contract that gives the weights; its code stands in `alloc`."),
      blocks: epochShape.blocks.describe("Blocks of an epoch."),
    })
    .optional()
    .describe(
      "Proposers drawn by weights that a contract gives, epoch by epoch, and a call of it in each block (specs/epochs.md); by turns when left out.",
    ),
  links: linksSchema
    .optional()
    .describe("Emulated links between the validators; without delay when left out."),
  down: z
    .array(z.number().int().min(0))
    .default([])
    .describe("Validators, counted from 0, that are not started: at most floor((validators - 1) / 3)."),
  rpcPort: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe(
      "JSON-RPC port of the first validator; the others (and the replicas) take the ports after it. Free ports when left out.",
    ),
  logLevel: nodeConfigSchema.shape.logLevel.describe("Least severity that the validators log."),
});

const httpUrl = z.string().regex(/^https?:\/\//, "must be an address such as http://127.0.0.1:8545");
const wsUrl = z.string().regex(/^wss?:\/\//, "must be an address such as ws://127.0.0.1:8546");

/** A chain that runs already, whatever its node software: loaded and measured, not started. */
export const externalChainSchema = z.strictObject({
  name: name.describe("The chain's name in the report: lower-case letters, digits and hyphens."),
  endpoints: z
    .array(httpUrl)
    .min(1)
    .describe("HTTP addresses of JSON-RPC endpoints, one for each node to observe."),
  websockets: z
    .array(wsUrl)
    .optional()
    .describe(
      "WebSocket addresses, one for each endpoint, in the same order; heads are polled when left out.",
    ),
  chainId: z
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("The chain id that the endpoints must answer with; any when left out."),
  fundedKeyFile: z
    .string()
    .min(1)
    .optional()
    .describe("File with the private key of an account that holds funds, relative to this file."),
  fundedKeyEnv: z
    .string()
    .min(1)
    .optional()
    .describe("Environment variable with the private key of an account that holds funds."),
});

/** A file of `networks/`: one or several chains, strict (an unknown key is an error). */
export const topologySchema = z.strictObject({
  schema: z.literal("sheaf.network/1").describe("Format of the file."),
  description: z.string().default("").describe("What the network is for, in one sentence."),
  chains: z
    .array(z.union([externalChainSchema, localChainSchema]))
    .min(1)
    .describe("The chains, each started by the launcher or, when it names endpoints, running already."),
});

export type LinksSpec = z.infer<typeof linksSchema>;
export type ProtocolSpec = z.infer<typeof protocolSchema>;
export type LocalChain = z.infer<typeof localChainSchema>;
/** An account at genesis: a balance in wei, or all that it has. */
export type AllocEntry = LocalChain["alloc"][string];
export type ExternalChain = z.infer<typeof externalChainSchema>;
export type Topology = z.infer<typeof topologySchema>;
/** One entry of `chains`. */
export type ChainEntry = Topology["chains"][number];

/** Whether the chain runs already and is reached over its endpoints. */
export function isExternal(chain: ChainEntry): chain is ExternalChain {
  return "endpoints" in chain;
}
