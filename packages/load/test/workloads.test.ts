import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkload, type LoadChain, runLoad, type Workload, workloadNames } from "../src/index.ts";
import { type Anvil, anvilKey, startAnvil } from "./support/anvil.ts";
import { countStatuses, outOfOrder, telemetryFile } from "./support/results.ts";

let anvil: Anvil;
let chain: LoadChain;

beforeAll(async () => {
  anvil = await startAnvil();
  const address = `127.0.0.1:${anvil.port}`;
  const validator = { rpcUrl: `http://${address}`, wsUrl: `ws://${address}` };
  chain = { name: "anvil", validators: [validator], fundedKey: anvilKey };
});

afterAll(() => anvil.stop());

function expectAllCommitted(result: Awaited<ReturnType<typeof runLoad>>, workload: Workload): void {
  expect(result.stateCheck).toMatchObject({ ok: true, mismatches: [] });
  expect(countStatuses(result.transactions)).toEqual({ committed: workload.count });
  expect(outOfOrder(result.transactions)).toEqual([]);
  expect(result.interrupted).toBe(false);
}

describe("a real JSON-RPC endpoint", () => {
  it.each(workloadNames)("commits the workload %s and leaves the state that it must", async (name) => {
    const seed = `workload ${name}`;
    const workload = await createWorkload({ name, transactions: 120, senders: 12, seed });
    const mode = { kind: "windowed", window: 60 } as const;
    const result = await runLoad({ chains: [chain], workload, mode, seed });
    expectAllCommitted(result, workload);
    expect(result.stateCheck?.checked).toBeGreaterThan(12);
    const held = result.blocks.filter((block) => block.transactions > 0);
    expect(held.every((block) => block.transactions <= 60)).toBe(true);
    expect(held.reduce((sum, block) => sum + block.transactions, 0)).toBe(120);
    expect(result.workload.gasPerTransaction).toBeGreaterThanOrEqual(21_000);
    expect(result.workload.gasLimitPerTransaction).toBe(workload.gasLimit);
  });

  it("turns the rows of a file into records, and again from the start when there are too few", async () => {
    const seed = "rows";
    const workload = await createWorkload({
      name: "record",
      transactions: 1_700,
      senders: 20,
      seed,
      input: telemetryFile,
    });
    const mode = { kind: "windowed", window: 1_000 } as const;
    const result = await runLoad({ chains: [chain], workload, mode, seed, route: "device" });
    expectAllCommitted(result, workload);
    expect(result.warnings.map(({ code }) => code)).toEqual(["INPUT_CYCLED"]);
    expect(result.workload.input).toBe(telemetryFile);
  });

  it("holds an open loop with Poisson arrivals, and watches heads by polling without a WebSocket", async () => {
    const seed = "open loop";
    const workload = await createWorkload({ name: "do-nothing", transactions: 200, senders: 8, seed });
    const polled = { ...chain, validators: chain.validators.map(({ rpcUrl }) => ({ rpcUrl })) };
    const mode = { kind: "open-loop", arrivals: "poisson", ratePerSecond: 100 } as const;
    const result = await runLoad({ chains: [polled], workload, mode, seed });
    expectAllCommitted(result, workload);
    expect(result.warnings.map(({ code }) => code)).toEqual(["HEADS_POLLED"]);
    const { scheduledMs } = result.transactions.columns;
    expect(scheduledMs[199]).toBeGreaterThan(1_000);
    expect(scheduledMs.every((at, row) => row === 0 || at >= (scheduledMs[row - 1] as number))).toBe(true);
  });

  it("loads one of two chains while it observes both, and runs again on accounts that were used before", async () => {
    const seed = "workload do-nothing";
    const other = await startAnvil();
    try {
      const address = `127.0.0.1:${other.port}`;
      const idle = {
        ...chain,
        name: "idle",
        validators: [{ rpcUrl: `http://${address}`, wsUrl: `ws://${address}` }],
      };
      const workload = await createWorkload({ name: "do-nothing", transactions: 60, senders: 12, seed });
      const mode = { kind: "windowed", window: 30 } as const;
      const result = await runLoad({ chains: [idle, chain], activeChains: [1], workload, mode, seed });
      expectAllCommitted(result, workload);
      expect(result.loadedChains).toEqual([1]);
      expect(result.transactions.row(0)).toMatchObject({ chain: 1, nonce: 10 });
      expect(result.blocks.some((block) => block.chain === 0 && block.transactions === 0)).toBe(true);
    } finally {
      await other.stop();
    }
  });
});
