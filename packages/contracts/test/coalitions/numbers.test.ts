import { utf8 } from "@sheaf/base";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  coalitionEpoch,
  dataValue,
  largestRemainder,
  sampleProof,
  sampleRoot,
  workerReputationBps,
} from "../../src/index.ts";
import { type Deployed, deploy, keccak } from "../evm.ts";
import { compileHarness } from "../market/harness.ts";
import { shareOut } from "../market/shares.ts";

let numbers: Deployed;
beforeAll(async () => {
  numbers = await deploy(await compileHarness("Numbers", "coalitions"));
});

const total = fc.oneof(fc.bigInt(1n, 300n), fc.bigInt(1n, 2n ** 58n), fc.constant(2n ** 64n));
const shares = total.chain((all) => fc.tuple(fc.bigInt(0n, all), fc.constant(all)));
const quarters = fc.integer({ min: 1, max: 6 });

describe("the value of data [SENSE.7]", () => {
  it("is on chain what it is here, and never overflows", async () => {
    await fc.assert(
      fc.asyncProperty(shares, quarters, async ([data, all], q) => {
        const value = dataValue(data, all, q);
        expect(await numbers.read("valueOf", data, all, q)).toBe(value);
        expect(value < 2n ** 64n).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("is the power that the rule names, rounded down", () => {
    fc.assert(
      fc.property(shares, quarters, ([data, all], q) => {
        const value = dataValue(data, all, q);
        const x = (data * (2n ** 40n - 1n)) / all;
        const power = (x ** BigInt(q)) << BigInt(256 - 40 * q);
        expect(value ** 4n <= power && power < (value + 1n) ** 4n).toBe(true);
      }),
    );
    expect(dataValue(5n, 5n, 4)).toBe((2n ** 40n - 1n) << 24n);
    expect(Number(dataValue(1n, 4n, 6)) / 2 ** 64).toBeCloseTo(0.125, 9);
    expect(Number(dataValue(1n, 16n, 1)) / 2 ** 64).toBeCloseTo(0.5, 9);
  });

  it("takes square roots of all words", async () => {
    const word = fc.oneof(fc.bigInt(0n, 2n ** 256n - 1n), fc.bigInt(0n, 100n), fc.constant(2n ** 256n - 1n));
    const square = fc
      .bigInt(1n, 2n ** 128n - 1n)
      .chain((n) => fc.constantFrom(n * n, n * n - 1n, n * n + 1n));
    await fc.assert(
      fc.asyncProperty(fc.oneof(word, square), async (n) => {
        const root = await numbers.read<bigint>("root", n);
        expect(root * root <= n && n < (root + 1n) * (root + 1n)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

const statement = fc.record({
  worker: fc.constantFrom("a", "b", "c", "d", "e"),
  samples: fc.bigInt(1n, 2n ** 32n),
});
const reputations = new Map(["a", "b", "c", "d", "e"].map((name, i) => [name, BigInt(i * 2_500)]));
const miner = fc.record({
  coalition: fc.bigInt(1n, 3n),
  data: fc.uniqueArray(statement, { selector: ({ worker }) => worker }),
});
const epochs = fc.record({
  synergyQuarters: quarters,
  split: fc.constantFrom("proportional" as const, "equal" as const),
  rewardPerBlockWei: fc.bigInt(0n, 2n ** 96n - 1n),
});

describe("an epoch [SENSE.8] [SENSE.9] [SENSE.10] [AWARD.3] [AWARD.4]", () => {
  it("pays no more than the reward, shares it exactly and keeps weights below 2^48", () => {
    fc.assert(
      fc.property(fc.array(miner, { minLength: 1, maxLength: 8 }), epochs, (list, rules) => {
        const sized = new Map(list.flatMap(({ data }) => data.map((each) => [each.worker, each.samples])));
        const miners = list.map(({ coalition, data }) => ({
          coalition,
          data: data.map(({ worker }) => ({
            worker,
            samples: sized.get(worker) as bigint,
            reputationBps: reputations.get(worker) as bigint,
          })),
        }));
        const epoch = coalitionEpoch(miners, rules);
        expect(epoch.rewardWei <= rules.rewardPerBlockWei).toBe(true);
        const weights = epoch.seats.reduce((sum, { weight }) => sum + weight, 0n);
        expect(weights < 2n ** 48n).toBe(true);
        for (const coalition of new Set(miners.map((each) => each.coalition))) {
          const seats = epoch.seats.filter((_, i) => miners[i]?.coalition === coalition);
          const paid = seats.reduce((sum, { partWei }) => sum + partWei, 0n);
          expect(paid).toBe(seats[0]?.value === 0n ? 0n : epoch.rewardWei);
        }
      }),
    );
  });

  it("counts a worker once in a coalition, and once for each of two", () => {
    const same = { worker: "w", samples: 10n, reputationBps: 5_000n };
    const rules = { synergyQuarters: 4, split: "proportional", rewardPerBlockWei: 1_000n } as const;
    const apart = coalitionEpoch(
      [1n, 2n].map((coalition) => ({ coalition, data: [same] })),
      rules,
    );
    const together = coalitionEpoch(
      [1n, 1n].map((coalition) => ({ coalition, data: [same] })),
      rules,
    );
    expect(together.valueSum * 2n).toBeLessThanOrEqual(apart.valueSum + 2n);
    expect([apart.rewardWei, together.rewardWei]).toEqual([999n, 499n]);
    expect(together.seats.map(({ partWei }) => partWei)).toEqual([250n, 249n]);
  });

  it("shares as the market does", () => {
    const weights = fc
      .array(fc.bigInt(0n, 50n), { minLength: 1 })
      .filter((all) => all.some((each) => each > 0n));
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 20n), weights, (amount, list) => {
        expect(largestRemainder(amount, list)).toEqual(shareOut(amount, list));
      }),
    );
  });

  it("trusts a worker as an opinion with base rate one half does [SENSE.6]", () => {
    expect(workerReputationBps(0n, 0n)).toBe(5_000n);
    expect(workerReputationBps(1n, 0n)).toBe(6_666n);
    expect(workerReputationBps(0n, 1n)).toBe(2_500n);
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (good, bad) => {
        const [a, n] = [good, 2 * bad];
        const uncertainty = 2 / (a + n + 2);
        const belief = a + n === 0 ? 0 : ((1 - uncertainty) * a) / (a + n);
        const bps = Number(workerReputationBps(BigInt(good), BigInt(bad)));
        expect(Math.abs(bps - 10_000 * (belief + uncertainty / 2))).toBeLessThan(1.001);
      }),
    );
  });
});

describe("the tree of samples [CHALLENGE.3]", () => {
  const samplesOf = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => utf8(`sample ${i}`));
  const holds = (
    root: Uint8Array,
    size: number,
    index: number,
    leaf: Uint8Array,
    proof: readonly Uint8Array[],
  ) => numbers.read<boolean>("holds", root, size, index, leaf, proof);

  it("proves each leaf of trees of every size, and none under another size or index", async () => {
    for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17]) {
      const samples = samplesOf(size);
      const root = sampleRoot(samples, keccak);
      for (const [index, leaf] of samples.entries()) {
        const proof = sampleProof(samples, index, keccak);
        expect(await holds(root, size, index, leaf, proof), `${index} of ${size}`).toBe(true);
        expect(await holds(root, size, index, utf8("another"), proof)).toBe(false);
        if (size > 1) expect(await holds(root, size, (index + 1) % size, leaf, proof)).toBe(false);
      }
    }
  });

  it("has no proof that a tree of fewer leaves has more", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        async (real, more) => {
          const samples = samplesOf(real);
          const root = sampleRoot(samples, keccak);
          for (const [at, leaf] of samples.entries()) {
            const proof = sampleProof(samples, at, keccak);
            for (let index = real; index < real + more; index++) {
              expect(await holds(root, real + more, index, leaf, proof), `${at} as ${index}`).toBe(false);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("takes no node for a leaf", async () => {
    const samples = samplesOf(4);
    const left = sampleRoot(samples.slice(0, 2), keccak);
    const right = sampleRoot(samples.slice(2), keccak);
    const inner = Uint8Array.from([...left, ...right]);
    expect(await holds(sampleRoot(samples, keccak), 1, 0, inner, [])).toBe(false);
  });
});
