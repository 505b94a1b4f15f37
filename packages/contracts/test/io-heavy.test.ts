import { MaxUint256 } from "ethers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ioHeavyContract } from "../src/index.ts";
import { account, deploy } from "./evm.ts";

it("counts the updates of every slot, in any order of calls", async () => {
  const ranges = fc.array(fc.tuple(fc.nat(20), fc.nat(12)), { maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(ranges, async (calls) => {
      const { send, read } = await deploy(ioHeavyContract);
      for (const [first, count] of calls) await send(account(1), "update", first, count);
      const expected = new Array<bigint>(40).fill(0n);
      for (const [first, count] of calls) {
        for (let key = first; key < first + count; key++) expected[key] = (expected[key] ?? 0n) + 1n;
      }
      expect([...(await read<bigint[]>("valuesOf", 0, 40))]).toEqual(expected);
      expect(await read("scan", 0, 40)).toBe(calls.reduce((sum, [, count]) => sum + BigInt(count), 0n));
    }),
    { numRuns: 25 },
  );
}, 60_000);

it("takes no range beyond the last key", async () => {
  const { send, read } = await deploy(ioHeavyContract);
  expect((await send(account(1), "update", MaxUint256, 1n)).error).toBe("Panic(17)");
  expect((await send(account(1), "scan", 2n, MaxUint256)).error).toBe("Panic(17)");
  expect((await send(account(1), "update", MaxUint256 - 1n, 1n)).error).toBeUndefined();
  expect(await read("scan", MaxUint256 - 1n, 1n)).toBe(1n);
});

it("undoes a call that runs out of gas", async () => {
  const { send, read } = await deploy(ioHeavyContract);
  expect((await send(account(1), "update", 0n, 100_000n)).error).toBe("out of gas");
  expect(await read("scan", 0n, 100n)).toBe(0n);
});
