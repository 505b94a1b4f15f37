import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, createRandom, type Hex, sleep } from "@sheaf/base";
import { type Broker, startBroker } from "@sheaf/bus";
import { encodeDataset } from "@sheaf/federated";
import { privateKeyToAddress } from "@sheaf/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMarket, type MarketClient } from "../../src/chain/connect-market.ts";
import { type DeployedMarket, deployMarket, issueLicences } from "../../src/chain/deploy-market.ts";
import type { LicenceRole } from "../../src/chain/types.ts";
import type { AgentConfigInput } from "../../src/host/agent-config.ts";
import { parseJobSpec } from "../../src/job-spec.ts";
import { FEATURES, PARAMETERS, syntheticData } from "../simulation/tiny-model.ts";
import { type AgentProcess, eventsOf, runAgent } from "./support/agent-process.ts";
import { type Anvil, startAnvil } from "./support/anvil.ts";

const folder = mkdtempSync(join(tmpdir(), "sheaf-agents-"));
const random = createRandom("agent processes");
const authority = random.bytes(32);
let anvil: Anvil;
let broker: Broker;
let market: DeployedMarket;
let reader: MarketClient;
const processes: AgentProcess[] = [];

interface Agent {
  readonly role: LicenceRole;
  readonly name: string;
  readonly address: Hex;
  readonly keyFile: string;
  readonly stateDir: string;
}

const agents: Agent[] = [
  ...Array.from({ length: 4 }, (_, index) => createAgent("owner", `owner-${index}`)),
  createAgent("analyst", "analyst"),
  createAgent("consumer", "consumer"),
];

function createAgent(role: LicenceRole, name: string): Agent {
  const key = random.bytes(32);
  const keyFile = join(folder, `${name}.key`);
  writeFileSync(keyFile, `${bytesToHex(key)}\n`, { mode: 0o600 });
  return { role, name, address: privateKeyToAddress(key), keyFile, stateDir: join(folder, name) };
}

const SPEC = parseJobSpec({
  version: 1,
  title: "three classes of points",
  task: { kind: "classification", classes: 3 },
  shape: [FEATURES],
  model: { kind: "softmax" },
  training: {
    optimiser: { kind: "fedavg" },
    rounds: 2,
    cohort: "all",
    localEpochs: 1,
    batchSize: 10,
    learningRate: { kind: "constant", initial: 0.1 },
    convergence: { tolerance: 0, patience: 10, minRounds: 1 },
  },
  privacy: { mode: "secagg", secagg: {} },
  aggregation: { kind: "mean" },
  contribution: { method: "participation" },
  phaseMs: { keys: 15_000, shares: 15_000, train: 15_000, confirm: 6_000, unmask: 15_000 },
  seed: "agent processes",
});

function dataFile(name: string, count: number): string {
  const path = join(folder, `${name}.data`);
  writeFileSync(path, encodeDataset(syntheticData(random.fork(name), count)));
  return path;
}

function configOf(agent: Agent): string {
  const { role, name, keyFile, stateDir } = agent;
  const common = {
    schema: "sheaf.agent/1" as const,
    name,
    keyFile,
    stateDir,
    rpcUrl: anvil.url,
    contracts: market.addresses,
    fromBlock: market.fromBlock,
    broker: { url: broker.url },
    exitWithParent: true,
    auditDir: join(folder, "audit", name),
  };
  const specFile = join(folder, "spec.json");
  writeFileSync(specFile, JSON.stringify(SPEC));
  const seconds = {
    offerSeconds: 60,
    recruitSeconds: 60,
    roundSeconds: 300,
    resumeSeconds: 60,
    disputeSeconds: 60,
  };
  const terms = { ...seconds, minRounds: 1, maxRounds: 2, minOwners: 3, maxOwners: 8 };
  const configs: Record<LicenceRole, AgentConfigInput> = {
    owner: { role: "owner", ...common, data: { file: dataFile(name, 40) } },
    analyst: { role: "analyst", ...common },
    consumer: {
      role: "consumer",
      ...common,
      data: { file: dataFile(name, 100) },
      orders: [{ specFile, terms, priceWei: "1000000" }],
      policy: { offerWindowMs: 12_000 },
    },
  };
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(configs[role]));
  return path;
}

function run(agent: Agent): AgentProcess {
  const started = runAgent(configOf(agent));
  processes.push(started);
  return started;
}

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  [anvil, broker] = await Promise.all([startAnvil(), startBroker()]);
  await anvil.fund(privateKeyToAddress(authority));
  for (const { address } of agents) await anvil.fund(address);
  const options = { rpcUrl: anvil.url, authorityKey: bytesToHex(authority) };
  market = await deployMarket(options);
  const grants = agents.map(({ address, role }) => ({ subject: address, role }));
  await issueLicences({ ...options, licences: market.addresses.licences }, grants);
  reader = await connectMarket({
    rpcUrl: anvil.url,
    key: bytesToHex(authority),
    addresses: market.addresses,
  });
}, 60_000);

afterAll(async () => {
  for (const { child } of processes) child.kill("SIGKILL");
  reader?.close();
  await broker?.stop();
  await anvil?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("agents in processes of their own", () => {
  test("sell a model, although an owner and the analyst are killed and started again on the way", {
    timeout: 300_000,
  }, async () => {
    const running = new Map(agents.map((agent) => [agent.name, run(agent)]));
    for (const { role, name, address } of agents) {
      expect(await running.get(name)?.ready).toEqual({ event: "ready", role, address });
    }
    const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
      for (const startMs = Date.now(); !(await holds()); await sleep(200)) {
        if (Date.now() - startMs < 90_000) continue;
        throw new TypeError(
          `waited in vain for ${what}: ${[...running.values()].map((each) => each.errors()).join("")}`,
        );
      }
    };
    const kindsOf = (name: string): unknown[] => eventsOf(join(folder, name)).map(({ kind }) => kind);
    const restart = async (name: string): Promise<void> => {
      const agent = agents.find((each) => each.name === name) as Agent;
      running.get(name)?.child.kill("SIGKILL");
      await running.get(name)?.ended;
      running.set(name, run(agent));
      await running.get(name)?.ready;
    };
    await until("the first update", () => kindsOf("owner-0").includes("trained"));
    await restart("owner-0");
    await until("the first round", async () => ((await reader.read.job(1n))?.closedRounds ?? 0) >= 1);
    await restart("analyst");
    await until("the settlement", async () => (await reader.read.job(1n))?.state === "settled");
    const job = await reader.read.job(1n);
    expect(job).toMatchObject({ outcome: "full", closedRounds: 2 });
    await until("the payments", async () => {
      const paid = await Promise.all(agents.map(({ address }) => reader.read.credit(address)));
      return paid.every((credit) => credit === 0n);
    });
    for (const { child } of running.values()) child.kill("SIGTERM");
    for (const { ended, lines } of running.values()) {
      expect(await ended).toBe(0);
      expect(lines.at(-1)).toEqual({ event: "ended" });
    }
    const ownerKinds = ["host-start", "sent", "received", "transacted", "compute", "trained", "host-end"];
    for (const [name, wanted] of [
      ["owner-1", ownerKinds],
      ["analyst", ["phase", "round"]],
    ] as const) {
      const kinds = eventsOf(join(folder, name)).map(({ kind }) => kind);
      for (const kind of wanted) expect(kinds).toContain(kind);
    }
    // What was opened is the sum of what went in, within the steps of the quantisation.
    const floats = (name: string, file: string): Float32Array => {
      const bytes = readFileSync(join(folder, "audit", name, file));
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    };
    const closed = eventsOf(join(folder, "analyst")).find(
      (each) => each["kind"] === "round" && each["round"] === 2,
    );
    const { attempt, survivors } = closed as { attempt: number; survivors: Hex[] };
    const names = agents.filter(({ address }) => survivors.includes(address)).map(({ name }) => name);
    const updates = names.map((name) => floats(name, `update-1-2-${attempt}.f32`));
    const opened = floats("analyst", `sum-1-2-${attempt}-0.f32`);
    expect(names.length).toBeGreaterThan(2);
    expect(opened.length).toBe(PARAMETERS);
    for (const [index, value] of opened.entries()) {
      const plain = updates.reduce((sum, update) => sum + (update[index] ?? Number.NaN), 0);
      expect(Math.abs(value - plain)).toBeLessThan(4 / (2 ** 15 - 1));
    }
  });
});
