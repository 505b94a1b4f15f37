import { decodeTransaction } from "@sheaf/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { parseCertificate } from "../../src/commit-certificate.ts";
import type { ChainStore } from "../../src/ports.ts";
import { expectAgreement, expectNoDoubleVotes } from "../support/agreement.ts";
import { EPOCH_CONTRACT, epochContract, settingWeight } from "../support/epoch-contract.ts";
import { expectDrawnProposers, type SeenBlock } from "../support/expected-epochs.ts";
import { makeNetwork, type TestNetwork, transfer } from "../support/make-network.ts";
import { createVirtualNetwork, type VirtualNetwork } from "../support/virtual-network.ts";

const AT_GENESIS = [0, 3, 1, 0];

let test: TestNetwork;
let net: VirtualNetwork;
let used = 0;

async function open(seed: string, blocks: number, started: readonly number[] = [0, 1, 2, 3]): Promise<void> {
  test = await makeNetwork({
    accounts: 60,
    consensus: { roundTimeoutMs: 400, emptyBlockPeriodMs: 400 },
    alloc: (_, validators) => ({ [EPOCH_CONTRACT]: epochContract(validators, AT_GENESIS) }),
    epochs: { contract: EPOCH_CONTRACT, blocks },
  });
  net = createVirtualNetwork(test, seed);
  used = 0;
  for (const index of started) await net.start(index);
}

afterEach(async () => {
  await net.close();
  test.remove();
});

const stores = () => [...net.running.values()].map(({ store }) => store);
const heights = (): number[] => stores().map(({ head }) => head.block.header.number);
const allAt = (height: number) => (): boolean => heights().every((each) => each >= height);

/** Changes weights by transactions of an account each, sent to validator `index`. */
function setWeights(index: number, ...settings: readonly (readonly [number, number])[]): void {
  const raw = settings.map(([slot, weight]) =>
    transfer(test.genesis, test.accounts[used++] as TestNetwork["accounts"][number], 0, {
      to: EPOCH_CONTRACT,
      gasLimit: 100_000n,
      valueWei: 0n,
      data: settingWeight(slot, weight),
    }),
  );
  net.running.get(index)?.mempool.add(raw);
}

function seenBlocks(store: ChainStore): SeenBlock[] {
  return Array.from({ length: store.head.block.header.number }, (_, index): SeenBlock => {
    const number = index + 1;
    const stored = store.block(number);
    const receipts = store.receipts(number) ?? [];
    if (stored === undefined) return expect.fail(`no block ${number}`);
    expect(receipts.every(({ succeeded }) => succeeded)).toBe(true);
    const inputs = stored.block.transactions.map((raw) => {
      const transaction = decodeTransaction(raw);
      return "fault" in transaction ? expect.fail(transaction.fault) : transaction.data;
    });
    const round = parseCertificate(stored.certificate)?.round ?? 0;
    return { number, hash: stored.block.hash, proposer: stored.block.header.proposer, round, inputs };
  });
}

/** Every chain agrees, and its proposers and stored weights are those of the model. */
function expectEpochs(): readonly (readonly number[])[] {
  expectAgreement(stores());
  expectNoDoubleVotes(net.mesh.votes);
  expect([...net.running.values()].map(({ failure }) => failure)).toEqual(heights().map(() => undefined));
  const blocks = test.genesis.epochs?.blocks ?? 0;
  const all = stores().map((store) => {
    const weights = expectDrawnProposers(test.genesis, AT_GENESIS, seenBlocks(store));
    expect(weights.slice(1).map((_, index) => store.weightsAfter((index + 1) * blocks))).toEqual(
      weights.slice(1),
    );
    return weights;
  });
  return all.sort((a, b) => b.length - a.length)[0] ?? [];
}

describe("four validators in a chain with epochs", () => {
  it("draw proposers by the contract's weights, which follow at boundaries alone [EPOCH.2] [EPOCH.3]", async () => {
    await open("weights", 5);
    await net.runUntil(allAt(6), 60_000);
    // within epoch 1, at once in the contract's storage
    setWeights(0, [0, 500], [1, 0], [2, 0]);
    await net.runUntil(allAt(12), 60_000);
    setWeights(2, [0, 0]);
    await net.runUntil(allAt(17), 60_000);
    const weights = expectEpochs();
    expect(weights.slice(0, 4)).toEqual([[1, 1, 1, 1], AT_GENESIS, [500, 0, 0, 0], [1, 1, 1, 1]]);
    const proposers = seenBlocks(stores()[0] as ChainStore).map(({ proposer }) => proposer);
    const first = test.validators[0]?.address;
    expect(new Set(proposers.slice(10, 15))).toEqual(new Set([first]));
    expect(proposers.slice(5, 10)).not.toContain(first);
  }, 60_000);

  it("are counted by the reward call, each for the blocks it proposed [REWARDCALL.1]", async () => {
    await open("rewards", 3);
    await net.runUntil(allAt(14), 60_000);
    const store = stores()[0] as ChainStore;
    const won = new Map<string, number>();
    for (const { proposer } of seenBlocks(store)) won.set(proposer, (won.get(proposer) ?? 0) + 1);
    for (const { address } of test.validators) {
      const slot = store.state.storage(EPOCH_CONTRACT, `0x${address.slice(2).padStart(64, "0")}`);
      expect(slot[31]).toBe(won.get(address) ?? 0);
    }
    expect(seenBlocks(store).every(({ number }) => store.receipts(number)?.length === 0)).toBe(true);
  }, 60_000);

  it("go on when all whom the contract gives weight are down: the others have their rounds [PROPOSER.6]", async () => {
    await open("weight down", 2);
    setWeights(0, [0, 0], [1, 7], [2, 0]);
    await net.runUntil(allAt(5), 60_000);
    await net.kill(1);
    const before = Math.max(...heights());
    expect(await net.runUntil(allAt(before + 6), 120_000)).toBe(true);
    expect(expectEpochs().at(-1)).toEqual([0, 7, 0, 0]);
  }, 60_000);

  it("keep to an epoch's weights when one restarts in its midst, though the contract now says others [EPOCH.3]", async () => {
    await open("restart", 8);
    await net.runUntil(allAt(10), 60_000);
    setWeights(0, [0, 9], [1, 0], [2, 0], [3, 9]);
    await net.runUntil(() => net.running.get(0)?.mempool.size.pending === 0, 10_000);
    expect(Math.max(...heights())).toBeLessThan(15);
    for (const index of [3, 1]) {
      await net.kill(index);
      await net.start(index);
    }
    await net.runUntil(allAt(26), 60_000);
    expect(expectEpochs().slice(0, 3)).toEqual([[1, 1, 1, 1], AT_GENESIS, [9, 0, 0, 9]]);
    expect(net.mesh.votes.filter(({ message }) => message.round > 1)).toEqual([]);
  }, 60_000);

  it("take up one that comes late, over several epochs [FETCH.2] [BLOCK.5] [EPOCH.2]", async () => {
    await open("sync", 3, [0, 1, 2]);
    for (let height = 3; height <= 24; height += 3) {
      await net.runUntil(allAt(height), 60_000);
      setWeights(height % 3, [height % 4, height * 7], [(height + 1) % 4, 0]);
    }
    await net.start(3);
    const reached = Math.max(...heights());
    expect(await net.runUntil(allAt(reached + 5), 60_000)).toBe(true);
    expect(new Set(expectEpochs().map(String)).size).toBeGreaterThan(5);
  }, 60_000);

  const SEEDS = Number(process.env["SHEAF_HOST_SEEDS"] ?? 4);
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`agree under faults, weights changing all the time: seed ${seed} [EPOCH.2] [EPOCH.3]`, async () => {
      await open(`epoch faults ${seed}`, 1 + (seed % 4));
      const { random } = net;
      const address = (index: number) => test.validators[index]?.address ?? "0x";
      for (let event = 0; event < 25; event++) {
        const victim = random.int(4);
        const other = (victim + 1 + random.int(3)) % 4;
        const kind = random.int(4);
        if (kind === 0) net.mesh.cut(address(victim), address(other), random.int(3_000));
        else if (kind === 1) net.mesh.partition([address(victim), address(other)], random.int(2_000));
        else if (!net.running.has(victim)) await net.start(victim);
        else if (kind === 2) await net.kill(victim);
        if (net.running.has(other)) setWeights(other, [random.int(4), random.int(3) * random.int(300)]);
        await net.run(random.int(1_000));
        expectAgreement(stores());
      }
      for (const index of test.validators.keys()) if (!net.running.has(index)) await net.start(index);
      await net.run(4_000);
      const goal = Math.max(...heights()) + 5;
      expect(await net.runUntil(allAt(goal), 120_000)).toBe(true);
      expect(new Set(expectEpochs().map(String)).size).toBeGreaterThan(2);
    }, 60_000);
  }
});
