import fc from "fast-check";
import { expect, test } from "vitest";
import type { CallOutcome } from "../../src/ports.ts";
import { estimateGas } from "../../src/rpc/estimate-gas.ts";

const LEAST = 21_000n;

test("an estimate succeeds and is at most 1.5 % above the smallest gas limit that does [RPC.7]", async () => {
  const amount = fc.bigInt({ min: LEAST, max: 40_000_000n });
  await fc.assert(
    fc.asyncProperty(
      amount,
      fc.bigInt({ min: 0n, max: 20n }),
      amount,
      async (needed, refundPercent, spare) => {
        const used = needed - (needed * refundPercent) / 100n;
        const gasUsed = used < LEAST ? LEAST : used;
        let runs = 0;
        const run = async (gasLimit: bigint): Promise<CallOutcome> => {
          runs += 1;
          const succeeded = gasLimit >= needed;
          return {
            succeeded,
            gasUsed,
            output: new Uint8Array(0),
            failure: succeeded ? undefined : "out of gas",
          };
        };
        const most = needed + spare;
        const estimate = await estimateGas(run, { least: LEAST, most });
        const gas = "gas" in estimate ? estimate.gas : 0n;
        expect(gas).toBeGreaterThanOrEqual(needed);
        expect(gas).toBeLessThanOrEqual(most);
        expect((gas - needed) * 1_000n).toBeLessThanOrEqual(gas * 15n);
        expect(runs).toBeLessThan(30);
      },
    ),
  );
});

test("what fails with all the gas it may have is not estimated [RPC.7]", async () => {
  const failed: CallOutcome = { succeeded: false, gasUsed: 5n, output: new Uint8Array(1), failure: "revert" };
  expect(await estimateGas(async () => failed, { least: 1n, most: 9n })).toEqual({ failed });
});
