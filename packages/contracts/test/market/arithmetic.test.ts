import type { Result } from "ethers";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { account, type Deployed, deploy } from "../evm.ts";
import { compileHarness } from "./harness.ts";
import { shareOut } from "./shares.ts";

let arithmetic: Deployed;
beforeAll(async () => {
  arithmetic = await deploy(await compileHarness("Arithmetic"));
});

const amount = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 96n - 1n), fc.constant(2n ** 96n - 1n));
const weight = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 2n ** 64n - 1n), fc.constant(2n ** 64n - 1n));
const weights = fc
  .array(weight, { minLength: 1, maxLength: 256 })
  .filter((list) => list.some((each) => each > 0n));

describe("sharing by largest remainder [PAYMENT.2]", () => {
  it("gives what the reference gives, and sums exactly", async () => {
    await fc.assert(
      fc.asyncProperty(amount, weights, async (total, list) => {
        const parts = (await arithmetic.read<Result>("split", total, list)).toArray() as bigint[];
        expect(parts).toEqual(shareOut(total, list));
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(total);
      }),
      { numRuns: 150 },
    );
  });

  it("prefers the lower index among equal remainders", async () => {
    const parts = await arithmetic.read<Result>("split", 5n, [1n, 1n, 1n, 1n]);
    expect(parts.toArray()).toEqual([2n, 1n, 1n, 1n]);
    const all = await arithmetic.read<Result>("split", 255n, new Array(256).fill(7n));
    expect(all.toArray()).toEqual([...new Array(255).fill(1n), 0n]);
  });
});

describe("counting survivors by bitmap", () => {
  it("counts as a plain loop does", async () => {
    const bitmaps = fc.array(fc.bigInt(0n, 2n ** 256n - 1n), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(bitmaps, async (list) => {
        const counters = await deploy(await harness);
        for (const bits of list) await counters.send(account(1), "add", bits);
        const counted = (await counters.read<Result>("counters", 256n)).toArray();
        const expected = Array.from({ length: 256 }, (_, i) =>
          list.reduce((sum, bits) => sum + ((bits >> BigInt(i)) & 1n), 0n),
        );
        expect(counted).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  });

  it("knows how many bits are set, and which are the first", async () => {
    for (const bits of [0n, 1n, 0b1011n, 2n ** 255n, 2n ** 256n - 1n]) {
      expect(await arithmetic.read("size", bits)).toBe(BigInt(bits.toString(2).replaceAll("0", "").length));
    }
    for (const count of [0n, 1n, 3n, 255n, 256n]) {
      expect(await arithmetic.read("firstBits", count)).toBe((1n << count) - 1n);
    }
  });
});

const harness = compileHarness("Arithmetic");
