import { bytesToHex, type Hex } from "@sheaf/base";
import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { addToTally, emptyTally, type Reading, readingDigest, recordContract } from "../src/index.ts";
import { account, type Deployed, deploy, keccak } from "./evm.ts";

const reporters = [account(1), account(2)] as const;
const devices = [1, 2, 3].map(device);
let registry: Deployed;

beforeEach(async () => {
  registry = await deploy(recordContract);
});

function device(index: number): Hex {
  return `0x${String(index).padStart(64, "0")}`;
}

function report(reading: Reading, from: string = reporters[0]) {
  return registry.send(from, "record", reading.device, reading.kind, reading.valueHash, reading.timestamp);
}

const readings = fc.record({
  device: fc.constantFrom(...devices),
  kind: fc.nat(2 ** 32 - 1),
  valueHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex),
  timestamp: fc.bigInt(0n, 2n ** 64n - 1n),
});

it("keeps and returns every reading, in order, whatever is recorded", async () => {
  const entries = fc.array(fc.tuple(readings, fc.constantFrom(...reporters)), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(entries, async (list) => {
      registry = await deploy(recordContract);
      for (const [reading, from] of list) expect((await report(reading, from)).error).toBeUndefined();
      for (const id of devices) {
        const mine = list.filter(([reading]) => reading.device === id);
        const stored = await registry.read<unknown[][]>("readingsOf", id, 0n, 100n);
        expect(stored.map(plain)).toEqual(mine.map(([reading, from]) => row(reading, from)));
        for (const [index, [reading, from]] of mine.entries()) {
          expect(plain(await registry.read("readingOf", id, index))).toEqual(row(reading, from));
        }
      }
    }),
    { numRuns: 20 },
  );
}, 60_000);

it("tallies what the model expects, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(readings, { maxLength: 12 }), async (list) => {
      registry = await deploy(recordContract);
      for (const reading of list) await report(reading);
      const tallies = await registry.read<bigint[][]>("talliesOf", devices);
      const total = (await registry.send(reporters[0], "total")).result;
      const shuffled = [...list].reverse();
      expect([...total]).toEqual(Object.values(tally(shuffled)));
      expect(tallies.map((each) => [...each])).toEqual(
        devices.map((id) => Object.values(tally(shuffled.filter((reading) => reading.device === id)))),
      );
    }),
    { numRuns: 20 },
  );
}, 60_000);

it("emits the reading with its index", async () => {
  const reading = { device: device(7), kind: 3, valueHash: device(99), timestamp: 1_700_000_000_000n };
  await report(reading);
  const { events } = await report({ ...reading, kind: 4 }, reporters[1]);
  expect(events.map(({ name }) => name)).toEqual(["Recorded"]);
  expect(events[0]?.args.toObject()).toMatchObject({
    device: reading.device,
    kind: 4n,
    index: 1n,
    valueHash: reading.valueHash,
    timestamp: reading.timestamp,
  });
  expect(String(events[0]?.args["reporter"]).toLowerCase()).toBe(reporters[1]);
});

it("keeps equal readings apart", async () => {
  const reading = { device: device(1), kind: 0, valueHash: device(0), timestamp: 0n };
  await report(reading);
  await report(reading);
  expect((await registry.read<unknown[]>("readingsOf", device(1), 0n, 10n)).length).toBe(2);
});

it("pages, and says which reading is not there", async () => {
  for (let i = 0; i < 5; i++) {
    await report({ device: device(1), kind: i, valueHash: device(i), timestamp: BigInt(i) });
  }
  const page = async (first: bigint, limit: bigint) =>
    (await registry.read<unknown[][]>("readingsOf", device(1), first, limit)).map((reading) => reading[3]);
  expect(await page(1n, 2n)).toEqual([1n, 2n]);
  expect(await page(4n, 10n)).toEqual([4n]);
  expect(await page(0n, 0n)).toEqual([]);
  expect(await page(5n, 1n)).toEqual([]);
  expect(await page(2n ** 256n - 1n, 2n ** 256n - 1n)).toEqual([]);
  const { error } = await registry.send(reporters[0], "readingOf", device(1), 5n);
  expect(error).toBe(`NoSuchReading(${device(1)},5)`);
});

function tally(list: readonly Reading[]) {
  return list.reduce((sum, reading) => addToTally(sum, readingDigest(reading, keccak)), emptyTally);
}

function row(reading: Reading, from: string) {
  return [reading.valueHash, from, String(reading.timestamp), String(reading.kind)];
}

function plain(stored: readonly unknown[]) {
  return stored.map((field) => String(field).toLowerCase());
}
