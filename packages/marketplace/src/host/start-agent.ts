import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bytesToHex, hexToBytes, type Millis, systemClock } from "@sheaf/base";
import { type Bus, connectBus, createMailbox } from "@sheaf/bus";
import type { Dataset } from "@sheaf/federated";
import { type Address, keccak256 } from "@sheaf/protocol";
import { createAnalyst } from "../agents/analyst/create-analyst.ts";
import { createConsumer } from "../agents/consumer/create-consumer.ts";
import type { Order } from "../agents/consumer/options.ts";
import { createOwner } from "../agents/owner/create-owner.ts";
import type { AgentPorts } from "../agents/ports.ts";
import { connectMarket, type MarketClient } from "../chain/connect-market.ts";
import { loadDataset } from "../data/load-dataset.ts";
import { parseJobSpec } from "../job-spec.ts";
import { type AgentConfig, readJson, readText } from "./agent-config.ts";
import { type AgentHost, type AgentHostPorts, createAgentHost } from "./agent-host.ts";
import { createCompute } from "./compute.ts";
import { type EventLog, openEventLog } from "./event-log.ts";
import { followChain } from "./follow-chain.ts";
import { type AgentKey, isOpenToOthers, readKeyFile, recoverSigner } from "./identity.ts";
import type { Log } from "./log.ts";
import { openSavedState } from "./saved-state.ts";
import { lockFolder } from "./state-lock.ts";

/** An agent that runs in this process. */
export interface RunningAgent {
  readonly role: AgentConfig["role"];
  readonly address: Address;
  /** Ends it in order: no new inputs, the one under way finished, receipts awaited for a moment. */
  stop(): Promise<void>;
}

export interface StartAgentPorts {
  readonly log: Log;
  /** The agent cannot go on. */
  readonly onFatal: (error: unknown) => void;
}

/** So long an agent waits at its start for a broker that is not there yet. */
const BROKER_WITHIN_MS: Millis = 60_000;

/**
 * Starts an agent; settles when it follows the chain up to its newest block and hears messages. Raises `INVALID_INPUT` for
 * what the configuration and the files it names have wrong, `BROKER_REFUSED`, `BROKER_UNREACHABLE`, `RPC_UNREACHABLE`,
 * `STATE_CORRUPT`.
 */
export async function startAgent(config: AgentConfig, ports: StartAgentPorts): Promise<RunningAgent> {
  const ends: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return { ...(await open(config, ports, ends)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What an agent could not do is for whoever runs it, too: an order given up, a job left. */
function withProblemsTold(events: EventLog, log: Log): EventLog {
  return {
    record(event, agoMs) {
      events.record(event, agoMs);
      if (event.kind === "problem") log("warn", event.text, { code: event.code });
    },
    close: () => events.close(),
  };
}

/** Each part that is opened puts what ends it into `ends`; they are ended in the reverse order. */
async function open(
  config: AgentConfig,
  { log, onFatal }: StartAgentPorts,
  ends: (() => unknown)[],
): Promise<Omit<RunningAgent, "stop">> {
  const key = readKeyFile(config.keyFile);
  if (isOpenToOthers(config.keyFile)) {
    log("warn", "other users may read the file of the private key: restrict it with chmod 600", {
      code: "KEY_FILE_OPEN",
      file: config.keyFile,
    });
  }
  const dataset = config.data && (await loadDataset(config.data)).dataset;
  ends.push(lockFolder(config.stateDir));
  const store = await openSavedState(config.stateDir);
  const events = withProblemsTold(openEventLog(join(config.stateDir, "events.jsonl"), systemClock), log);
  ends.push(() => events.close());
  events.record({
    kind: "host-start",
    role: config.role,
    name: config.name ?? config.role,
    address: key.address,
  });
  const { rpcUrl, contracts } = config;
  const chain = await connectMarket({ rpcUrl, key: bytesToHex(key.privateKey), addresses: contracts });
  ends.push(() => chain.close());
  const bus = await openBus(config, key.address);
  ends.push(async () => {
    const { sentBytes, receivedBytes } = bus.traffic;
    events.record({ kind: "host-end", busBytes: { sent: sentBytes, received: receivedBytes } });
    await bus.close();
  });
  watchBus(bus, events, log);
  const host = createHost(config, dataset, agentPorts(key, chain.scope), {
    clock: systemClock,
    store,
    compute: createCompute({ dataset, adversary: config.role === "owner" ? config.adversary : undefined }),
    events,
    transact: async (call) => {
      const { transactionHash, blockNumber } = await chain.transact(call);
      return { hash: transactionHash, blockNumber };
    },
    openMailbox: () => openMailbox(bus, key, chain),
    audit: config.auditDir === undefined ? undefined : auditInto(config.auditDir),
    onFatal,
  });
  await host.start();
  const following = followChain(chain, host, { fromBlock: config.fromBlock, events, log, onFatal });
  ends.push(() => following.stop());
  ends.push(() => host.stop());
  await following.caughtUp;
  return { role: config.role, address: key.address };
}

function agentPorts(key: AgentKey, scope: string): AgentPorts {
  return {
    self: key.address,
    scope,
    entropy: (length) => new Uint8Array(randomBytes(length)),
    keccak256: (bytes) => bytesToHex(keccak256(bytes)),
    sign: (digest) => key.sign(hexToBytes(digest)),
    recover: recoverSigner,
  };
}

function createHost(
  config: AgentConfig,
  data: Dataset | undefined,
  agent: AgentPorts,
  ports: AgentHostPorts,
): AgentHost {
  switch (config.role) {
    case "owner":
      // The schema has it that an owner has data.
      return createAgentHost(createOwner({ policy: config.policy, data: data as Dataset }, agent), ports);
    case "analyst":
      return createAgentHost(createAnalyst({ policy: config.policy, validation: data }, agent), ports);
    case "consumer": {
      const policy = Object.fromEntries(
        Object.entries(config.policy).filter(([, value]) => value !== undefined),
      );
      return createAgentHost(createConsumer({ orders: ordersOf(config), ...policy }, agent), ports);
    }
  }
}

function ordersOf({ orders }: Extract<AgentConfig, { role: "consumer" }>): Order[] {
  return orders.flatMap(({ specFile, terms, priceWei, count }) => {
    const spec = parseJobSpec(readJson(specFile), specFile);
    return Array.from({ length: count }, () => ({ spec, terms, priceWei }));
  });
}

function openBus({ broker }: AgentConfig, address: Address): Promise<Bus> {
  const { url, user, passwordFile, caFile, certFile, keyFile } = broker;
  const text = <Name extends string>(name: Name, path: string | undefined) =>
    path === undefined ? {} : ({ [name]: readText(path).trim() } as Record<Name, string>);
  return connectBus(url, {
    // Two processes of one identifier would end each other's connections.
    clientId: `${address}-${randomBytes(4).toString("hex")}`,
    ...(user === undefined ? {} : { user }),
    ...text("password", passwordFile),
    ...text("ca", caFile),
    ...text("cert", certFile),
    ...text("key", keyFile),
    limits: { connectWithinMs: BROKER_WITHIN_MS },
  });
}

function watchBus(bus: Bus, events: EventLog, log: Log): void {
  bus.onState((up) => {
    events.record({ kind: "link", link: "bus", up });
    log(up ? "info" : "warn", up ? "connected to the broker" : "lost the broker; trying again");
  });
}

function openMailbox(bus: Bus, key: AgentKey, chain: MarketClient) {
  return createMailbox(bus, key, {
    chainScope: chain.scope,
    clock: systemClock,
    licensed: (address) => chain.licences.isLicensed(address),
    keccak256,
    recover: recoverSigner,
  });
}

function auditInto(folder: string): (name: string, bytes: Uint8Array) => void {
  mkdirSync(folder, { recursive: true });
  return (name, bytes) => writeFileSync(join(folder, basename(name)), bytes);
}
