import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type Hex, invalidInput, type Millis } from "@sheaf/base";
import { encodeDataset } from "@sheaf/federated";
import {
  createNetwork,
  isExternal,
  type LocalChain,
  type Network,
  type NetworkChain,
  type Topology,
} from "@sheaf/launcher";
import {
  type AgentConfigInput,
  bondOf,
  deployMarket,
  issueLicences,
  type JobSpec,
  type MarketAddresses,
} from "@sheaf/marketplace";
import { type Address, privateKeyToAddress } from "@sheaf/protocol";
import { plural } from "@sheaf/reports";
import { validatorProgram } from "../layout.ts";
import type { Progress } from "../terminal/progress.ts";
import { type AgentPlace, agentFiles, createAccount, writeAgent } from "./agents.ts";
import { toOrder } from "./job-spec.ts";
import type { TrainingPlan } from "./plan-training.ts";
import type { PreparedData } from "./prepare-data.ts";

/** One chain with its market, and the agents that will work there. */
export interface MarketChain {
  readonly index: number;
  readonly chain: NetworkChain;
  readonly rpcUrl: string;
  readonly contracts: MarketAddresses;
  /** The authority's key: it deployed the market and issues its licences. */
  readonly authorityKey: Hex;
  readonly authority: Address;
  /** Block after which the market's events come. */
  readonly fromBlock: number;
  readonly agents: readonly AgentPlace[];
}

/**
 * Starts the chains that the topology describes, with money for the agents at genesis. Raises `INVALID_INPUT` for a
 * chain that runs already: nobody here has the keys of its validators, who are the analysts.
 */
export async function startChains(
  described: Topology,
  plan: TrainingPlan,
  owners: number,
  options: { readonly dir: string; readonly signal: AbortSignal; readonly progress: Progress },
): Promise<Network> {
  const { dir, signal, progress } = options;
  const count = described.chains.reduce(
    (sum, chain) => sum + (isExternal(chain) ? 1 : (chain.replicas ?? 1)),
    0,
  );
  const chains = described.chains.map((chain) => fund(chain, plan, owners, count));
  const topology = { ...described, chains };
  const total = topology.chains.reduce(
    (sum, chain) => sum + ("validators" in chain ? chain.validators * (chain.replicas ?? 1) : 0),
    0,
  );
  const phase = progress.phase(`starting ${total} validators`, total);
  try {
    const network = await createNetwork(topology, {
      program: validatorProgram,
      dir: join(dir, "network"),
      seed: plan.seed,
      signal,
      onProgress: ({ phase: step, done }) => phase.update(step === "prepare" ? 0 : done),
    });
    phase.finish(`${plural(network.chains.length, "chain")} ready`);
    return network;
  } catch (error) {
    phase.finish("failed");
    throw error;
  }
}

/** The chain with what consumers pay with, and what owners may risk as the bond of a dispute; of all `chains` there are. */
function fund(
  chain: Topology["chains"][number],
  { seed, training }: TrainingPlan,
  owners: number,
  chains: number,
): LocalChain {
  if (isExternal(chain)) {
    throw invalidInput(
      `network: chain ${chain.name}`,
      "runs already, and its validators' keys are not here",
      "name a topology that is started, or run each agent with bench agent",
    );
  }
  const price = BigInt(training.priceWei);
  const alloc = { ...chain.alloc };
  for (let place = 0; place < chains; place++) {
    for (let index = 0; index < training.jobs; index++) {
      alloc[accountOf(seed, place, "consumer", index).address] = String(2n * price);
    }
    for (let index = 0; index < owners; index++) {
      alloc[accountOf(seed, place, "owner", index).address] = String(bondOf(price));
    }
  }
  return { ...chain, alloc };
}

/** An agent's account: its own on every sub-chain, derived from the seed, so that runs have equal addresses. */
function accountOf(seed: string, chain: number, role: "owner" | "consumer", index: number) {
  return createAccount(`${seed}/${chain}/${role}-${index}`);
}

/** Deploys a market on a chain, licenses its agents and writes the agents' folders. */
export async function prepareMarket(
  index: number,
  chain: NetworkChain,
  plan: TrainingPlan,
  data: PreparedData,
  spec: JobSpec,
  options: { readonly dir: string; readonly brokerUrl: string },
): Promise<MarketChain> {
  const endpoint = chain.endpoints[0];
  if (endpoint === undefined || chain.deployerKey === undefined) {
    throw new CodedError(`chain ${chain.name} has no endpoint or no funds`, {
      code: "INVALID_INPUT",
      at: chain.name,
    });
  }
  const { rpcUrl } = endpoint;
  const authorityKey = chain.deployerKey;
  const { addresses: contracts, fromBlock } = await deployMarket({ rpcUrl, authorityKey });
  const folder = join(options.dir, "agents", chain.name);
  const named = await nameAgents(index, chain, plan, data, folder);
  await issueLicences(
    { rpcUrl, authorityKey, licences: contracts.licences },
    named.map(({ place: { address, role } }) => ({ subject: address, role })),
  );
  for (const { place, key } of named) {
    const config = agentConfig(place, chain, plan, data, {
      contracts,
      fromBlock,
      rpcUrl,
      brokerUrl: options.brokerUrl,
    });
    const samples = samplesOf(place, data);
    await writeAgent(place, config, {
      [agentFiles.key(place.dir)]: `${key}\n`,
      ...(samples === undefined ? {} : { [agentFiles.data(place.dir)]: encodeDataset(samples) }),
      ...(place.role === "consumer" ? { [agentFiles.spec(place.dir)]: JSON.stringify(spec, null, 2) } : {}),
    });
  }
  return {
    index,
    chain,
    rpcUrl,
    contracts,
    authorityKey,
    authority: privateKeyToAddress(Buffer.from(authorityKey.slice(2), "hex")),
    fromBlock,
    agents: named.map(({ place }) => place),
  };
}

interface NamedAgent {
  readonly place: AgentPlace;
  readonly key: Hex;
}

/** Names, accounts and folders. Analysts are the chain's validators and sign with their keys. */
async function nameAgents(
  chainIndex: number,
  chain: NetworkChain,
  plan: TrainingPlan,
  data: PreparedData,
  folder: string,
): Promise<readonly NamedAgent[]> {
  const prefix = chainIndex === 0 ? "" : `${chain.name}/`;
  const named: NamedAgent[] = [];
  const add = (role: AgentPlace["role"], index: number, key: Hex, address: Address): void => {
    const name = `${prefix}${role}-${index}`;
    const place = { name, role, address, chain: chainIndex, index, dir: join(folder, `${role}-${index}`) };
    named.push({ place, key });
  };
  for (const { index, keyFile } of chain.endpoints) {
    if (keyFile === undefined) continue;
    const key = (await readFile(keyFile, "utf8")).trim() as Hex;
    add("analyst", index, key, privateKeyToAddress(Buffer.from(key.slice(2), "hex")));
  }
  for (const [role, count] of [
    ["owner", data.owners.length],
    ["consumer", plan.training.jobs],
  ] as const) {
    for (let index = 0; index < count; index++) {
      const { key, address } = accountOf(plan.seed, chainIndex, role, index);
      add(role, index, key, address);
    }
  }
  return named;
}

function samplesOf({ role, index }: AgentPlace, { owners, validation, test }: PreparedData) {
  if (role === "owner") return owners[index];
  return role === "analyst" ? validation : test;
}

interface MarketPlace {
  readonly contracts: MarketAddresses;
  readonly fromBlock: number;
  readonly rpcUrl: string;
  readonly brokerUrl: string;
}

/** What `agent-main` reads. Agents of one chain are dealt to all its validators. */
function agentConfig(
  place: AgentPlace,
  chain: NetworkChain,
  plan: TrainingPlan,
  data: PreparedData,
  { contracts, fromBlock, rpcUrl, brokerUrl }: MarketPlace,
): AgentConfigInput {
  const { dir, role, index } = place;
  const { training } = plan;
  const common = {
    schema: "sheaf.agent/1" as const,
    name: place.name,
    keyFile: agentFiles.key(dir),
    rpcUrl: chain.endpoints[index % chain.endpoints.length]?.rpcUrl ?? rpcUrl,
    contracts,
    fromBlock,
    broker: { url: brokerUrl },
    stateDir: agentFiles.state(dir),
    exitWithParent: true,
    auditDir: agentFiles.audit(dir),
  };
  const samples = { file: agentFiles.data(dir) };
  switch (role) {
    case "owner": {
      const attack = attackOf(training.attackers, index, data.owners.length);
      const { mode, dp } = training.privacy;
      const privacy = { epsilonLimit: dp.epsilonBudget, delta: dp.delta };
      return {
        ...common,
        role,
        data: samples,
        policy: { modes: [mode], ...(mode.endsWith("dp") ? { privacy } : {}) },
        ...(attack === undefined ? {} : { adversary: { kind: attack } }),
      };
    }
    case "analyst":
      return {
        ...common,
        role,
        ...(data.validation === undefined ? {} : { data: samples }),
        policy: { feeShare: training.analystShare },
      };
    case "consumer": {
      const order = toOrder(training, data.owners.length, agentFiles.spec(dir));
      return { ...common, role, data: samples, orders: [order], policy: { offerWindowMs: OFFER_WINDOW_MS } };
    }
  }
}

/** Analysts answer within a few blocks. */
const OFFER_WINDOW_MS: Millis = 3_000;

type Attackers = TrainingPlan["training"]["attackers"];

/** What the owner does instead of honest training: the last owners are the attackers. */
export function attackOf(
  attackers: Attackers,
  index: number,
  owners: number,
): Attackers[number]["kind"] | undefined {
  let from = owners;
  for (const { kind, owners: count } of attackers) {
    if (index >= from - count && index < from) return kind;
    from -= count;
  }
  return undefined;
}
