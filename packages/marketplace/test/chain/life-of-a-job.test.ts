import { keccak256, toUtf8Bytes } from "ethers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { MarketClient } from "../../src/chain/connect-market.ts";
import { bondOf } from "../../src/chain/contracts.ts";
import { revokeLicences } from "../../src/chain/deploy-market.ts";
import type { ChainEvent, MarketCall } from "../../src/chain/types.ts";
import {
  accountOf,
  authorityKey,
  hash,
  type LocalMarket,
  startLocalMarket,
  terms,
} from "./support/local-market.ts";

const names = {
  owners: ["ada", "ben", "cleo", "dan"].map(accountOf),
  analysts: ["first", "second", "third", "fourth"].map(accountOf),
  consumer: accountOf("consumer"),
} as const;
const owners = names.owners.map(({ address }) => address);
const analysts = names.analysts.map(({ address }) => address);

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let local: LocalMarket;
let consumer: MarketClient;
let analyst: MarketClient;
let successor: MarketClient;
let ownerClients: readonly MarketClient[];
let arbiters: readonly MarketClient[];

beforeAll(async () => {
  local = await startLocalMarket();
  await local.admit("owner", ...names.owners);
  await local.admit("analyst", ...names.analysts);
  await local.admit("consumer", names.consumer);
  consumer = await local.connect(names.consumer);
  const clients = await Promise.all(names.analysts.map((each) => local.connect(each)));
  [analyst, successor] = clients as [MarketClient, MarketClient];
  arbiters = clients.slice(2);
  ownerClients = await Promise.all(names.owners.map((each) => local.connect(each)));
});
afterAll(() => local.stop());

const spec = '{"title":"Ziffern – 数字"}';
const price = 1_000_003n;

/** A job in training with all four owners. */
async function startTraining(): Promise<bigint> {
  await consumer.transact({ method: "request", spec, terms, price });
  const job = await consumer.read.jobCount();
  await analyst.transact({ method: "offer", job, fee: 100_000n });
  await consumer.transact({ method: "award", job, analyst: analyst.address });
  await analyst.transact({ method: "invite", job, owners });
  await Promise.all(ownerClients.map((client) => client.transact({ method: "join", job })));
  await analyst.transact({ method: "select", job, owners });
  return job;
}

const open = (job: bigint, round: number, cohortBitmap = 0b1111n): MarketCall => ({
  method: "openRound",
  job,
  round,
  stateHash: hash(round),
  keysRoot: hash(100 + round),
  cohortBitmap,
});
const close = (job: bigint, round: number, survivorBitmap = 0b1111n): MarketCall => ({
  method: "closeRound",
  job,
  round,
  survivorBitmap,
  updateHashes: [1, 2, 3, 4].slice(0, survivorBitmap === 0b1111n ? 4 : 3).map(hash),
  aggregateHash: hash(200 + round),
  nextStateHash: hash(round + 1),
});

/** All events of a job, from the deployment to now. */
async function eventsOf(job: bigint): Promise<readonly ChainEvent[]> {
  const events: ChainEvent[] = [];
  await new Promise<void>((resolve) => {
    const following = consumer.follow({
      fromBlock: local.deployed.fromBlock,
      pollMs: 20,
      async listener(block, head) {
        events.push(...block.events.filter((event) => event.job === job));
        if (block.number === head) void following.stop().then(resolve);
      },
    });
  });
  return events;
}

describe("a job on a real chain", () => {
  it("goes from the request to the payment, and tells it in events and views", async () => {
    const job = await startTraining();
    expect(await consumer.read.job(job)).toMatchObject({
      job,
      state: "training",
      outcome: "none",
      consumer: consumer.address,
      analyst: analyst.address,
      price,
      fee: 100_000n,
      specHash: keccak256(toUtf8Bytes(spec)),
      terms,
      closedRounds: 0,
      attempt: 0,
      ownerCount: 4,
      leftBitmap: 0n,
      dispute: undefined,
    });
    await analyst.transact(open(job, 1));
    await analyst.transact(open(job, 1));
    await analyst.transact(close(job, 1));
    await ownerClients[3]?.transact({ method: "leave", job });
    await analyst.transact(open(job, 2, 0b0111n));
    await analyst.transact(close(job, 2, 0b0111n));
    expect(await consumer.read.job(job)).toMatchObject({
      closedRounds: 2,
      leftBitmap: 0b1000n,
      stateHash: hash(3),
    });
    const weights = [3n, 2n, 1n, 1n];
    await analyst.transact({ method: "deliver", job, stateHash: hash(3), weights });
    await consumer.transact({ method: "accept", job });
    await consumer.transact({
      method: "rate",
      job,
      subject: analyst.address,
      positive: 2,
      negative: 0,
      uncertain: 1,
    });

    const events = await eventsOf(job);
    expect(events.map(({ event }) => event)).toEqual([
      ...["requested", "offered", "awarded", "invited", "joined", "joined", "joined", "joined", "selected"],
      ...["roundOpened", "roundOpened", "roundClosed", "left", "roundOpened", "roundClosed", "delivered"],
      ...["credited", "traded", "credited", "traded", "credited", "traded", "credited", "traded"],
      ...["credited", "traded", "settled", "rated"],
    ]);
    expect(events[0]).toMatchObject({ consumer: consumer.address, price, spec, terms });
    expect(events[10]).toMatchObject({ round: 1, attempt: 2, stateHash: hash(1), cohortBitmap: 0b1111n });
    expect(events[11]).toMatchObject({ updateHashes: [1, 2, 3, 4].map(hash), aggregateHash: hash(201) });
    expect(events[15]).toMatchObject({ stateHash: hash(3), weights });

    const trades = (await consumer.read.trades()).filter((row) => row.job === job);
    expect(trades.map(({ kind, seller, amount }) => [kind, seller, amount])).toEqual([
      ["owner-analyst", owners[0], 385_715n],
      ["owner-analyst", owners[1], 257_144n],
      ["owner-analyst", owners[2], 128_572n],
      ["owner-analyst", owners[3], 128_572n],
      ["analyst-consumer", analyst.address, 100_000n],
    ]);
    expect(trades.reduce((sum, { amount }) => sum + amount, 0n)).toBe(price);
    expect(trades.every(({ subject }) => subject === hash(3))).toBe(true);
    expect(await consumer.read.job(job)).toMatchObject({ state: "settled", outcome: "full" });
    expect(
      (await consumer.read.rounds(job)).map(({ closed, attempt, survivorBitmap }) => [
        closed,
        attempt,
        survivorBitmap,
      ]),
    ).toEqual([
      [true, 2, 0b1111n],
      [true, 1, 0b0111n],
    ]);
    expect((await consumer.read.ratings()).at(-1)).toMatchObject({
      rater: consumer.address,
      positive: 2,
      uncertain: 1,
    });
  });

  it("is taken over by another analyst, and ends with a dispute that is upheld", async () => {
    const job = await startTraining();
    await analyst.transact(open(job, 1));
    await analyst.transact(close(job, 1));
    await expect(successor.transact({ method: "takeOver", job })).rejects.toMatchObject({
      code: "TOO_EARLY",
    });
    await local.passTime(1_001);
    await successor.transact({ method: "takeOver", job });
    await expect(analyst.transact(open(job, 2))).rejects.toMatchObject({ code: "NOT_ANALYST" });
    await successor.transact(open(job, 2));
    await successor.transact(close(job, 2));
    await successor.transact({ method: "deliver", job, stateHash: hash(3), weights: [0n, 0n, 0n, 0n] });
    await consumer.transact({ method: "dispute", job, round: 2, bond: bondOf(price) });
    expect((await consumer.read.job(job))?.dispute).toEqual({
      by: consumer.address,
      round: 2,
      accused: successor.address,
      arbiters: 2,
      upheld: 0,
      rejected: 0,
    });
    await Promise.all(arbiters.map((each) => each.transact({ method: "vote", job, upheld: true })));
    expect(await consumer.read.job(job)).toMatchObject({ state: "settled", outcome: "upheld" });
    expect(await consumer.read.analysts(job)).toEqual(analysts.slice(0, 2));
    const events = await eventsOf(job);
    expect(events.find(({ event }) => event === "tookOver")).toMatchObject({
      analyst: successor.address,
      previous: analyst.address,
    });
    expect(events.filter(({ event }) => event === "voted")).toHaveLength(2);
    const credits = events.flatMap((each) => (each.event === "credited" ? [each] : []));
    expect(credits.reduce((sum, { amount }) => sum + amount, 0n)).toBe(price + bondOf(price));
    expect(credits.filter(({ kind }) => kind === "analyst")).toMatchObject([
      { account: analyst.address, amount: 25_000n },
    ]);
  });

  it("pays out every coin that came in", async () => {
    const before = await consumer.read.funds();
    expect(before.balance).toBe(before.locked + before.credited);
    for (const client of [...ownerClients, analyst, successor, consumer, ...arbiters]) {
      if ((await client.read.credit(client.address)) > 0n) await client.transact({ method: "withdraw" });
    }
    expect(await consumer.read.funds()).toEqual({ locked: 0n, credited: 0n, balance: 0n });
  });

  it("knows the licences by heart, and hears of revocations", async () => {
    const [first, second] = names.owners as [(typeof names.owners)[0], (typeof names.owners)[0]];
    const { licences } = consumer;
    expect(licences.isLicensed(first.address)).toBe(true);
    expect(licences.isLicensed(first.address, "consumer")).toBe(false);
    expect(licences.holders("analyst")).toEqual(analysts);
    const following = consumer.follow({
      fromBlock: local.deployed.fromBlock,
      pollMs: 20,
      listener: () => {},
    });
    const register = {
      rpcUrl: local.rpcUrl,
      authorityKey,
      pollMs: 30,
      licences: local.deployed.addresses.licences,
    };
    await revokeLicences(register, [{ subject: second.address, role: "owner" }]);
    await expect.poll(() => licences.isLicensed(second.address)).toBe(false);
    expect(licences.isLicensed(first.address)).toBe(true);
    expect(await consumer.read.holders("owner")).not.toContain(second.address);
    await following.stop();
  });
});
