import { errorCode } from "@sheaf/base";
import { afterEach, describe, expect, it } from "vitest";
import { expectAgreement, expectNoDoubleVotes } from "../support/agreement.ts";
import { makeNetwork, type TestNetwork, type TestNetworkOptions, transfer } from "../support/make-network.ts";
import {
  createVirtualNetwork,
  divergingFrom,
  type VirtualChange,
  type VirtualNetwork,
} from "../support/virtual-network.ts";

let test: TestNetwork;
let net: VirtualNetwork;

async function open(seed: string, options: TestNetworkOptions = {}): Promise<void> {
  test = await makeNetwork(options);
  net = createVirtualNetwork(test, seed);
}

afterEach(async () => {
  await net.close();
  test.remove();
});

const stores = () => [...net.running.values()].map(({ store }) => store);
const heights = (): number[] => stores().map(({ head }) => head.block.header.number);
const allAt = (height: number) => (): boolean => heights().every((each) => each >= height);

/** Sends every account's next transaction to one validator, at a virtual moment. */
function submit(index: number, nonce: number): void {
  const raw = test.accounts.map((account) => transfer(test.genesis, account, nonce));
  net.running.get(index)?.mempool.add(raw);
}

async function startAll(): Promise<void> {
  for (const index of test.validators.keys()) await net.start(index);
}

describe("four validators on a virtual clock", () => {
  it("make empty blocks at the empty-block period without changing a round [BLOCK.1] [BLOCK.3]", async () => {
    await open("idle", { consensus: { blockPeriodMs: 200, emptyBlockPeriodMs: 6_000, roundTimeoutMs: 500 } });
    await startAll();
    await net.run(60_000);
    expect(heights()).toEqual([10, 10, 10, 10]);
    expect(net.mesh.votes.filter(({ message }) => message.round > 0)).toEqual([]);
    expectAgreement(stores());
  });

  it("propose soon after the first transaction, and then once a block period to the millisecond [BLOCK.1] [BLOCK.2]", async () => {
    await open("load", { consensus: { blockPeriodMs: 1_000, emptyBlockPeriodMs: 20_000 } });
    await startAll();
    await net.runUntil(allAt(1), 30_000);
    await net.run(3_000);
    const before = net.clock.wallMs();
    submit(0, 0);
    expect(await net.runUntil(allAt(2), 1_000)).toBe(true);
    expect(net.clock.wallMs() - before).toBeLessThan(100);
    for (let nonce = 1; nonce <= 20; nonce++) {
      submit(nonce % 4, nonce);
      await net.run(500);
    }
    await net.runUntil(() => net.running.get(0)?.mempool.size.pending === 0, 10_000);
    const chain = stores()[0];
    const times = [3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => chain?.block(n)?.block.header.timestampMs ?? 0);
    expect(times.slice(1).map((at, index) => at - (times[index] as number))).toEqual(Array(8).fill(1_000));
    expect(chain?.state.account(test.accounts[0]?.address ?? "0x").nonce).toBe(21n);
  });

  it("spread transactions to every pool once [GOSSIP.1] [GOSSIP.2]", async () => {
    await open("gossip", { consensus: { blockPeriodMs: 5_000, emptyBlockPeriodMs: 60_000 } });
    await startAll();
    await net.runUntil(allAt(1), 70_000);
    submit(2, 0);
    await net.run(60);
    expect([...net.running.values()].map(({ mempool }) => mempool.size.pending)).toEqual([10, 10, 10, 10]);
  });

  it("need no round change for messages that a lost connection swallowed [WIRE.11]", async () => {
    await open("lost", {
      consensus: {
        emptyBlockPeriodMs: 2_000,
        blockPeriodMs: 2_000,
        roundTimeoutMs: 60_000,
        maxRoundTimeoutMs: 60_000,
      },
    });
    await startAll();
    await net.runUntil(allAt(1), 10_000);
    const addresses = test.validators.map(({ address }) => address);
    // All connections are lost while the votes of a block are under way, each time a little later.
    for (const afterMs of [1_985, 1_995, 2_005, 2_015, 2_025, 2_035]) {
      const height = Math.max(...heights());
      const parentMs = stores()[0]?.block(height)?.block.header.timestampMs ?? 0;
      await net.run(parentMs + afterMs - net.clock.wallMs());
      for (const a of addresses) net.mesh.partition([a], 500);
      expect(await net.runUntil(allAt(height + 1), 1_500)).toBe(true);
    }
    expect(net.mesh.votes.filter(({ message }) => message.round > 0)).toEqual([]);
  });

  it("go on without one, and take it up again when it returns [FETCH.1] [FETCH.2]", async () => {
    await open("one down");
    await startAll();
    await net.kill(3);
    for (let nonce = 0; nonce < 10; nonce++) {
      submit(nonce % 3, nonce);
      await net.run(1_000);
    }
    const reached = Math.min(...heights());
    expect(reached).toBeGreaterThan(5);
    await net.start(3);
    expect(await net.runUntil(allAt(reached + 2), 20_000)).toBe(true);
    expectAgreement(stores());
    expectNoDoubleVotes(net.mesh.votes);
  });

  it("stop when two are gone, and go on when one returns", async () => {
    await open("two down");
    await startAll();
    await net.runUntil(allAt(2), 20_000);
    await net.kill(1);
    await net.kill(2);
    await net.run(1_000);
    const stopped = Math.max(...heights());
    await net.run(30_000);
    expect(Math.max(...heights())).toBe(stopped);
    await net.start(1);
    expect(await net.runUntil(allAt(stopped + 3), 60_000)).toBe(true);
    expectAgreement(stores());
    expectNoDoubleVotes(net.mesh.votes);
  });

  it("continue the chain after all were killed [PERSIST.3]", async () => {
    await open("all down");
    await startAll();
    submit(0, 0);
    await net.runUntil(allAt(3), 20_000);
    const before = stores()[0]?.block(3)?.block.hash;
    for (const index of test.validators.keys()) await net.kill(index);
    await startAll();
    expect(await net.runUntil(allAt(6), 30_000)).toBe(true);
    expect(stores()[0]?.block(3)?.block.hash).toBe(before);
    expectAgreement(stores());
    expectNoDoubleVotes(net.mesh.votes);
  });

  it("leave one that computes other results behind: it stops, the others go on [BLOCK.9] [STATE.6]", async () => {
    await open("diverged");
    for (const index of [0, 1, 2]) await net.start(index);
    const wrong = await net.start(3, { executor: divergingFrom(4) });
    expect(await net.runUntil(() => wrong.failure !== undefined, 60_000)).toBe(true);
    expect(errorCode(wrong.failure)).toBe("DIVERGED");
    const head = wrong.store.head.block.header.number;
    expect(head).toBe(4);
    await net.kill(3);
    expect(await net.runUntil(allAt(head + 5), 60_000)).toBe(true);
    expectAgreement(stores());
  });
});

describe("other sizes", () => {
  it("one validator makes a chain alone", async () => {
    await open("one", { validators: 1 });
    await startAll();
    submit(0, 0);
    expect(await net.runUntil(allAt(3), 10_000)).toBe(true);
    await net.kill(0);
    await net.start(0);
    expect(await net.runUntil(allAt(6), 10_000)).toBe(true);
    expect(stores()[0]?.state.account(test.accounts[0]?.address ?? "0x").nonce).toBe(1n);
  });

  it("seven go on without two", async () => {
    await open("seven", { validators: 7 });
    await startAll();
    await net.kill(2);
    await net.kill(5);
    submit(0, 0);
    expect(await net.runUntil(allAt(8), 60_000)).toBe(true);
    expectAgreement(stores());
  });
});

/** Cuts, partitions, crashes and restarts at random, under load; then everything heals. */
async function sufferFaults(change: VirtualChange = {}): Promise<void> {
  for (const index of test.validators.keys()) await net.start(index, change);
  const { random } = net;
  const address = (index: number) => test.validators[index]?.address ?? "0x";
  let nonce = 0;
  for (let event = 0; event < 25; event++) {
    const victim = random.int(4);
    const other = (victim + 1 + random.int(3)) % 4;
    const kind = random.int(4);
    if (kind === 0) net.mesh.cut(address(victim), address(other), random.int(3_000));
    else if (kind === 1) net.mesh.partition([address(victim), address(other)], random.int(2_000));
    else if (!net.running.has(victim)) await net.start(victim, change);
    else if (kind === 2) await net.kill(victim);
    if (net.running.has(other)) submit(other, nonce++);
    await net.run(random.int(1_000));
    expectAgreement(stores());
  }
  for (const index of test.validators.keys()) if (!net.running.has(index)) await net.start(index, change);
}

const FAULTY: TestNetworkOptions = { consensus: { roundTimeoutMs: 400, emptyBlockPeriodMs: 400 } };

describe("agreement and progress under faults", () => {
  const SEEDS = Number(process.env["SHEAF_HOST_SEEDS"] ?? 6);
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`hold for seed ${seed}: cut connections, crashes and restarts [PERSIST.1] [FETCH.2]`, async () => {
      await open(`faults ${seed}`, FAULTY);
      await sufferFaults();
      await net.run(4_000);
      const goal = Math.max(...heights()) + 5;
      expect(await net.runUntil(allAt(goal), 120_000)).toBe(true);
      expectAgreement(stores());
      expectNoDoubleVotes(net.mesh.votes);
      expect([...net.running.values()].map(({ failure }) => failure)).toEqual(Array(4).fill(undefined));
    }, 60_000);
  }

  it("do not hold for validators that forget their votes: the same faults show it [PERSIST.1]", async () => {
    let violation: unknown;
    for (let seed = 1; seed <= 60 && violation === undefined; seed++) {
      await open(`forgetful ${seed}`, FAULTY);
      try {
        await sufferFaults({ isForgetful: true });
        expectNoDoubleVotes(net.mesh.votes);
      } catch (error) {
        violation = error;
      }
      await net.close();
      test.remove();
    }
    expect(violation).toBeDefined();
    await open("forgetful");
  }, 120_000);
});
