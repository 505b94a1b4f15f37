import { createRpcClient, type RpcClient } from "@sheaf/protocol";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { readNodeFiles } from "../../src/node-files.ts";
import { startValidator, type Validator } from "../../src/validator.ts";
import { makeNetwork, type TestNetwork, type TestNetworkOptions, transfer } from "../support/make-network.ts";
import { eventually } from "../support/processes.ts";

// Whole validators with their real parts (TLS on 127.0.0.1, LMDB, EVM, RPC), four in this process.
let test: TestNetwork;
let validators: Validator[] = [];
let clients: RpcClient[] = [];
const failures: unknown[] = [];

async function open(options: TestNetworkOptions): Promise<void> {
  test = await makeNetwork(options);
  validators = [];
  for (const index of test.validators.keys()) validators.push(await start(index));
  clients = validators.map(({ rpcPort }) => createRpcClient(`http://127.0.0.1:${rpcPort}`));
}

const start = (index: number): Promise<Validator> =>
  startValidator(readNodeFiles(test.validators[index]?.configFile ?? ""), {
    log: pino({ level: "silent" }),
    onFatal: (error) => void failures.push(error),
  });

afterEach(async () => {
  for (const client of clients) client.close();
  await Promise.all(validators.map((validator) => validator.stop()));
  test.remove();
  expect(failures).toEqual([]);
});

const heights = (): Promise<number[]> =>
  Promise.all(clients.map(async (client) => (await client.call("sheaf_status", [])).height));

async function reach(height: number): Promise<void> {
  await eventually(`height ${height}`, async () => (await heights()).every((each) => each >= height), 30_000);
}

async function expectEqualBlocks(): Promise<void> {
  const common = Math.min(...(await heights()));
  for (let number = 1; number <= common; number++) {
    const outcomes = await Promise.all(
      clients.map((client) => client.call("sheaf_getBlockOutcomes", [`0x${number.toString(16)}`])),
    );
    expect(
      outcomes.every((each) => each?.hash === outcomes[0]?.hash && each?.statuses === outcomes[0]?.statuses),
    ).toBe(true);
  }
}

describe("four whole validators in one process", () => {
  it("commit what any of them is sent, and tell the same of it", async () => {
    await open({ accounts: 20 });
    for (let nonce = 0; nonce < 5; nonce++) {
      const raw = test.accounts.map((account) => transfer(test.genesis, account, nonce));
      const hex = raw.map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
      const outcomes = await clients[nonce % 4]?.sendRawBatch(hex);
      expect(outcomes?.every(({ ok }) => ok)).toBe(true);
    }
    const last = test.accounts.at(-1)?.address;
    await eventually("all committed everywhere", async () => {
      const nonces = await Promise.all(
        clients.map((each) => each.call("eth_getTransactionCount", [last, "latest"])),
      );
      return nonces.every((nonce) => nonce === "0x5");
    });
    await expectEqualBlocks();
    for (const client of clients) {
      const certificate = await client.call("sheaf_getCommitCertificate", ["0x1"]);
      expect(certificate?.seals.length).toBeGreaterThanOrEqual(3);
      const peers = await client.call("sheaf_peers", []);
      expect(peers.filter(({ connected }) => connected)).toHaveLength(3);
    }
    const metrics = await (await fetch(`http://127.0.0.1:${validators[0]?.rpcPort}/metrics`)).text();
    expect(metrics).toMatch(/sheaf_transactions_total 100\n/);
    expect(metrics).toMatch(/sheaf_peer_connected\{peer="0x[0-9a-f]{40}"\} 1/);
    expect(metrics).toMatch(/sheaf_gossip_transactions_total\{direction="in"\} \d+/);
  }, 60_000);

  it("agree over links with delay, jitter and loss [LINK.1] [LINK.2] [LINK.3]", async () => {
    await open({
      link: { delayMs: 30, jitterMs: 5, loss: 0.01 },
      consensus: { blockPeriodMs: 500, emptyBlockPeriodMs: 500, roundTimeoutMs: 4_000 },
    });
    await reach(8);
    await expectEqualBlocks();
    // Each block takes a proposal and two rounds of votes: two delays at the very least.
    const times = await clients[0]?.call("sheaf_getCommitTimes", ["0x2", "0x6"]);
    expect(times?.every(({ decidedAtMs, availableAtMs }) => availableAtMs >= decidedAtMs)).toBe(true);
    expect((times?.at(-1)?.decidedAtMs ?? 0) - (times?.[0]?.decidedAtMs ?? 0)).toBeGreaterThan(5 * 60);
  }, 60_000);

  it("take one up again that was stopped and started", async () => {
    await open({ consensus: { emptyBlockPeriodMs: 300 } });
    await reach(2);
    await validators[3]?.stop();
    const others = clients.slice(0, 3);
    const before = (await others[0]?.call("sheaf_status", []))?.height ?? 0;
    await eventually("three go on", async () => {
      const all = await Promise.all(others.map((each) => each.call("sheaf_status", [])));
      return all.every(({ height }) => height >= before + 4);
    });
    validators[3] = await start(3);
    clients[3]?.close();
    clients[3] = createRpcClient(`http://127.0.0.1:${validators[3].rpcPort}`);
    await reach(before + 6);
    await expectEqualBlocks();
  }, 60_000);
});
