import { CodedError } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CoalitionsConfig, coalitionsAccount, coalitionsContract } from "../../src/index.ts";
import { account } from "../evm.ts";
import { authority, config, createWorld } from "./world.ts";

const most = 2n ** 96n - 1n;
const configs: fc.Arbitrary<CoalitionsConfig> = fc.record({
  authority: fc.constantFrom(authority, account(7) as CoalitionsConfig["authority"]),
  epochBlocks: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  synergyQuarters: fc.integer({ min: 1, max: 6 }),
  split: fc.constantFrom("proportional" as const, "equal" as const),
  rewardPerBlockWei: fc.bigInt(0n, most),
  poolWei: fc.bigInt(0n, most),
  bondWei: fc.bigInt(0n, most),
  answerBlocks: fc.integer({ min: 1, max: 255 }),
  suspensionEpochs: fc.integer({ min: 1, max: 65_535 }),
});

describe("the account in the genesis", () => {
  it("is what the contract reads [COALITION.1] [AWARD.7]", async () => {
    await fc.assert(
      fc.asyncProperty(configs, async (changes) => {
        const { coalitions } = await createWorld(changes);
        const read = async (name: string) => coalitions.read<unknown>(name);
        expect(String(await read("authority")).toLowerCase()).toBe(changes.authority);
        expect(await read("candidate")).toBe(`0x${"0".repeat(40)}`);
        for (const name of ["epochBlocks", "synergyQuarters", "answerBlocks", "suspensionEpochs"] as const) {
          expect(await read(name), name).toBe(BigInt(changes[name]));
        }
        expect(await read("split")).toBe(changes.split === "equal" ? 1n : 0n);
        expect(await read("rewardPerBlockWei")).toBe(changes.rewardPerBlockWei);
        expect(await read("bondWei")).toBe(changes.bondWei);
        const { result } = await coalitions.send(authority, "funds");
        expect(result.toArray()).toEqual([changes.poolWei, 0n, 0n, changes.poolWei]);
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, Partial<CoalitionsConfig>]>([
    ["authority", { authority: `0x${"0".repeat(40)}` }],
    ["authority", { authority: "0xAB" }],
    ["epochBlocks", { epochBlocks: 0 }],
    ["epochBlocks", { epochBlocks: 1.5 }],
    ["synergyQuarters", { synergyQuarters: 7 }],
    ["answerBlocks", { answerBlocks: 256 }],
    ["suspensionEpochs", { suspensionEpochs: 0 }],
    ["rewardPerBlockWei", { rewardPerBlockWei: most + 1n }],
    ["bondWei", { bondWei: -1n }],
    ["poolWei", { poolWei: most + 1n }],
  ])("refuses %s that is out of range: %o", (at, changes) => {
    try {
      coalitionsAccount({ ...config, ...changes });
      expect.unreachable();
    } catch (error) {
      expect(error instanceof CodedError && error.detail).toEqual({ code: "INVALID_INPUT", at });
    }
  });

  it("has code that a chain accepts: at most 24,576 bytes", () => {
    expect((coalitionsContract.deployedBytecode.length - 2) / 2).toBeLessThanOrEqual(24_576);
  });
});
