import { bytesToHex } from "@sheaf/base";
import fc from "fast-check";
import { expect, it } from "vitest";
import { addToTally, cpuHeavyContract, emptyTally, sortDigest } from "../src/index.ts";
import { account, deploy, keccak } from "./evm.ts";

const maxUint64 = 2n ** 64n - 1n;

it("sorts as the model does and tallies every call", async () => {
  const { send } = await deploy(cpuHeavyContract);
  let expected = emptyTally;
  const calls = fc.tuple(fc.bigInt(0n, maxUint64), fc.nat(60));
  await fc.assert(
    fc.asyncProperty(calls, async ([seed, length]) => {
      const digest = sortDigest(seed, length, keccak);
      const sorted = await send(account(1), "sort", seed, length);
      expect(sorted.result[0]).toBe(bytesToHex(digest));
      expected = addToTally(expected, digest);
      expect([...(await send(account(1), "total")).result]).toEqual([expected.count, expected.checksum]);
    }),
    {
      numRuns: 100,
      examples: [[[0n, 0]], [[0n, 1]], [[maxUint64, 2]]],
    },
  );
}, 60_000);

it("sorts a long list", async () => {
  const { read } = await deploy(cpuHeavyContract);
  expect(await read("sort", 42n, 2000)).toBe(bytesToHex(sortDigest(42n, 2000, keccak)));
});

it("leaves no trace of a call that cannot finish", async () => {
  const { send, read } = await deploy(cpuHeavyContract);
  expect((await send(account(1), "sort", 1n, 2n ** 64n)).error).toBe("Panic(65)");
  expect((await send(account(1), "sort", 1n, 1_000_000n)).error).toBe("out of gas");
  expect(await read("total")).toBe(0n);
});
