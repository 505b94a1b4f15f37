import { readFile } from "node:fs/promises";
import { errorCode, errorMessage, type Hex, hexToBytes, invalidInput, parseHex } from "@sheaf/base";
import {
  createRpcClient,
  parseQuantity,
  privateKeyToAddress,
  type RpcClient,
  secp256k1,
} from "@sheaf/protocol";
import type { ExternalChainPlan } from "../topology/chain-plan.ts";
import type { NetworkChain } from "./network-chain.ts";

const ANSWER_LIMIT_MS = 10_000;

/**
 * Reaches the endpoints of a chain that runs already: each must answer, and all with one chain id.
 * The key, when one is named, must hold funds unless gas is free. Raises `INVALID_INPUT` naming the
 * field and what to do.
 */
export async function connectExternal(plan: ExternalChainPlan): Promise<NetworkChain> {
  const answers = await Promise.all(plan.endpoints.map((url, index) => identifyEndpoint(plan, url, index)));
  const chainId = plan.chainId ?? (answers[0] as EndpointAnswer).chainId;
  for (const [index, answer] of answers.entries()) {
    if (answer.chainId === chainId) continue;
    const problem = `${plan.endpoints[index]} is on chain ${answer.chainId}, not ${chainId}`;
    throw invalidInput(field(plan, `endpoints[${index}]`), problem, "correct the address or chainId");
  }
  const deployerKey = await readFundedKey(plan);
  if (deployerKey !== undefined) await checkFunds(plan, deployerKey);
  return {
    name: plan.name,
    chainId,
    plan,
    endpoints: plan.endpoints.map((rpcUrl, index) => ({
      index,
      rpcUrl,
      wsUrl: plan.websockets?.[index],
      keyFile: undefined,
    })),
    deployerKey,
    genesisHash: undefined,
    clientVersion: answers[0]?.clientVersion,
  };
}

interface EndpointAnswer {
  readonly chainId: number;
  readonly clientVersion: string | undefined;
}

async function identifyEndpoint(
  plan: ExternalChainPlan,
  url: string,
  index: number,
): Promise<EndpointAnswer> {
  const at = field(plan, `endpoints[${index}]`);
  return withClient(url, at, async (client) => {
    const chainId = parseQuantity(await client.call("eth_chainId", []));
    if (chainId === undefined)
      throw invalidInput(at, `${url} gives no chain id`, "name an Ethereum JSON-RPC endpoint");
    const version = await client.call("web3_clientVersion", []).catch(() => undefined);
    return { chainId: Number(chainId), clientVersion: typeof version === "string" ? version : undefined };
  });
}

async function readFundedKey(plan: ExternalChainPlan): Promise<Hex | undefined> {
  const { fundedKeyEnv, fundedKeyFile } = plan;
  if (fundedKeyEnv !== undefined) {
    const at = field(plan, "fundedKeyEnv");
    const text = process.env[fundedKeyEnv];
    const advice = `set ${fundedKeyEnv} to the private key of an account that holds funds`;
    if (text === undefined || text === "") throw invalidInput(at, `${fundedKeyEnv} is not set`, advice);
    return parseKey(text, at, advice);
  }
  if (fundedKeyFile === undefined) return undefined;
  const at = field(plan, "fundedKeyFile");
  const advice = "name a file with the private key of an account that holds funds, 0x and 64 hex digits";
  const text = await readFile(fundedKeyFile, "utf8").catch((error: unknown) => {
    throw invalidInput(at, `${fundedKeyFile} cannot be read (${errorCode(error)})`, advice);
  });
  return parseKey(text, at, advice);
}

/** The key is never part of the message. */
function parseKey(text: string, at: string, advice: string): Hex {
  const bytes = parseHex(text.trim());
  if (bytes === undefined || !secp256k1.isPrivateKey(bytes))
    throw invalidInput(at, "is not a private key", advice);
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

async function checkFunds(plan: ExternalChainPlan, key: Hex): Promise<void> {
  const address = privateKeyToAddress(hexToBytes(key));
  const at = field(plan, plan.fundedKeyEnv === undefined ? "fundedKeyFile" : "fundedKeyEnv");
  await withClient(plan.endpoints[0] as string, at, async (client) => {
    const balance = parseQuantity(await client.call("eth_getBalance", [address, "latest"]));
    const gasPrice = parseQuantity(await client.call("eth_gasPrice", []));
    if (balance === 0n && gasPrice !== 0n) {
      throw invalidInput(at, `account ${address} holds no funds`, "send it funds, or name another key");
    }
  });
}

async function withClient<T>(url: string, at: string, use: (client: RpcClient) => Promise<T>): Promise<T> {
  const client = createRpcClient(url, { connections: 1, timeoutMs: ANSWER_LIMIT_MS });
  try {
    return await use(client);
  } catch (error) {
    if (errorCode(error) === "INVALID_INPUT") throw error;
    throw invalidInput(at, errorMessage(error), "check that the node runs and that the address is right");
  } finally {
    client.close();
  }
}

function field(plan: ExternalChainPlan, name: string): string {
  return `chain ${plan.name}: ${name}`;
}
