import { describe, expect, it } from "vitest";
import { checkLoad, createWorkload, type LoadShape, runLoad, workloadNames } from "../src/index.ts";
import { telemetryFile } from "./support/results.ts";

const key = `0x${"11".repeat(32)}` as const;
const chains = (count: number, limits = {}) =>
  Array.from({ length: count }, (_, index) => ({ name: `chain-${index + 1}`, ...limits }));
const windowed = (window: number) => ({ kind: "windowed", window }) as const;
const madeOf = (name: (typeof workloadNames)[number], transactions = 100, senders = 20) =>
  createWorkload({ name, transactions, senders, seed: "check" });

function refusal(shape: LoadShape): unknown {
  try {
    checkLoad(shape);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a load that cannot be is refused before anything runs", () => {
  it("a window without a slot for each chain", async () => {
    const workload = await madeOf("token");
    expect(refusal({ mode: windowed(3), chains: chains(4), workload })).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("window"),
      advice: expect.any(String),
    });
    expect(refusal({ mode: windowed(4), chains: chains(4), workload })).toBeUndefined();
  });

  it("fewer senders than chains, unless the devices decide", async () => {
    const mode = windowed(100);
    const few = await madeOf("token", 100, 3);
    expect(refusal({ mode, chains: chains(4), workload: few })).toMatchObject({ code: "INVALID_INPUT" });
    const fewTransactions = await madeOf("token", 3, 400);
    expect(refusal({ mode, chains: chains(4), workload: fewTransactions })).toMatchObject({
      message: expect.stringContaining("3 senders (of 3 transactions)"),
    });
    expect(refusal({ mode, chains: chains(4), workload: few, route: "device" })).toBeUndefined();
  });

  it("a route that the workload does not know", async () => {
    const shape = { mode: windowed(10), chains: chains(1), route: "application" } as const;
    expect(refusal({ ...shape, workload: await madeOf("token") })).toMatchObject({ code: "INVALID_INPUT" });
    expect(refusal({ ...shape, workload: await madeOf("record") })).toBeUndefined();
  });

  it.each(workloadNames)("blocks that cannot hold one transaction of %s", async (name) => {
    const workload = await madeOf(name);
    const shape = { mode: windowed(10), workload };
    const least = workload.gasLimit - 1;
    expect(
      refusal({ ...shape, chains: [...chains(1), { name: "narrow", gasPerBlock: least }] }),
    ).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(`gasPerBlock of chain narrow: ${least}`),
      advice: expect.stringContaining("Raise it"),
    });
    expect(
      refusal({ ...shape, chains: chains(1, { transactionBytes: 127 + workload.dataLength }) }) === undefined,
    ).toBe(workload.contract === undefined);
    expect(
      refusal({ ...shape, chains: chains(2, { gasPerBlock: 60_000_000, transactionBytes: 131_072 }) }),
    ).toBe(undefined);
  });

  it("a block that cannot hold the creation of the contract", async () => {
    const workload = await madeOf("do-nothing");
    const gasPerBlock = workload.gasLimit;
    expect(refusal({ mode: windowed(1), chains: chains(1, { gasPerBlock }), workload })).toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  it("runLoad refuses it too, before it connects", async () => {
    const workload = await createWorkload({
      name: "record",
      transactions: 50,
      senders: 10,
      seed: "check",
      input: telemetryFile,
    });
    const loaded = chains(4).map(({ name }) => ({
      name,
      validators: [{ rpcUrl: "http://127.0.0.1:1" }],
      fundedKey: key,
    }));
    const run = runLoad({ chains: loaded, workload, mode: windowed(3), seed: "check" });
    await expect(run).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("window"),
    });
  });
});
