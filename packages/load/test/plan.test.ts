import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planTransactions, rowOfLane } from "../src/plan.ts";
import { createWorkload } from "../src/workloads/create-workload.ts";
import { telemetryFile } from "./support/results.ts";

const token = (transactions: number, senders: number) =>
  createWorkload({ name: "token", transactions, senders, seed: "plan" });

describe("plan", () => {
  const cases = fc.record({
    count: fc.integer({ min: 1, max: 500 }),
    senders: fc.integer({ min: 2, max: 60 }),
    chains: fc.integer({ min: 1, max: 6 }),
    validators: fc.integer({ min: 1, max: 7 }),
  });

  it("gives each lane consecutive nonces, in the order of the transactions, and one entry point", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, senders, chains, validators }) => {
        const workload = await token(count, senders);
        const plan = planTransactions(workload, {
          validatorsPerChain: new Array<number>(chains).fill(validators),
          activeChains: [...Array(chains).keys()],
          route: "sender",
        });
        const next = new Map<number, number>();
        for (let row = 0; row < count; row++) {
          const lane = plan.lane[row] as number;
          const sequence = next.get(lane) ?? 0;
          next.set(lane, sequence + 1);
          expect(lane).toBe((plan.chain[row] as number) * plan.accounts + (plan.sender[row] as number));
          expect(plan.sequence[row]).toBe(sequence);
          expect(rowOfLane(plan, lane, sequence)).toBe(row);
          expect(plan.laneEntry[lane]).toBeLessThan(validators);
        }
        for (const [lane, length] of next) {
          expect(plan.laneLength[lane]).toBe(length);
          expect(rowOfLane(plan, lane, length)).toBeUndefined();
        }
      }),
      { numRuns: 40 },
    );
  });

  it("shares transactions evenly over chains, and lanes evenly over validators, by sender", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, senders, chains, validators }) => {
        const workload = await token(count, senders);
        const plan = planTransactions(workload, {
          validatorsPerChain: new Array<number>(chains).fill(validators),
          activeChains: [...Array(chains).keys()],
          route: "sender",
        });
        const accounts = workload.accounts.count;
        const perSender = Math.ceil(count / accounts);
        const shares = [...Array(chains).keys()].map(
          (chain) => plan.chain.filter((each) => each === chain).length,
        );
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(perSender);
        for (let chain = 0; chain < chains; chain++) {
          const entries = new Array<number>(validators).fill(0);
          for (let lane = chain * accounts; lane < (chain + 1) * accounts; lane++) {
            if (plan.laneLength[lane] === 0) continue;
            const entry = plan.laneEntry[lane] as number;
            entries[entry] = (entries[entry] as number) + 1;
          }
          expect(Math.max(...entries) - Math.min(...entries)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("loads only the chains that are active", async () => {
    const workload = await token(100, 10);
    const plan = planTransactions(workload, {
      validatorsPerChain: [4, 4, 4],
      activeChains: [2],
      route: "sender",
    });
    expect(new Set(plan.chain)).toEqual(new Set([2]));
  });

  it("keeps every device, or every application, of a file on one chain, and spreads them", async () => {
    const workload = await createWorkload({
      name: "record",
      transactions: 1_625,
      senders: 30,
      seed: "plan",
      input: telemetryFile,
    });
    for (const route of ["device", "application"] as const) {
      const plan = planTransactions(workload, {
        validatorsPerChain: [4, 4, 4],
        activeChains: [0, 1, 2],
        route,
      });
      const chainOf = new Map<number, number>();
      for (let row = 0; row < plan.count; row++) {
        const key = workload.routeKey(row, route);
        expect(chainOf.get(key) ?? plan.chain[row]).toBe(plan.chain[row]);
        chainOf.set(key, plan.chain[row] as number);
      }
      expect(chainOf.size).toBeGreaterThan(10);
      expect(new Set(chainOf.values()).size).toBe(3);
    }
  });

  it("has no applications where the workload has none", async () => {
    const workload = await token(10, 2);
    const plan = (): unknown =>
      planTransactions(workload, { validatorsPerChain: [1], activeChains: [0], route: "application" });
    expect(plan).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

describe("workloads", () => {
  it("make the same transactions from the same seed, whatever the number of chains, and others from another", async () => {
    const bytes = async (seed: string): Promise<readonly string[]> => {
      const workload = await createWorkload({ name: "token", transactions: 50, senders: 7, seed });
      return [...Array(50).keys()].map((index) => {
        const data = new Uint8Array(workload.dataLength);
        workload.writeData(index, data);
        return Buffer.from(data).toString("hex");
      });
    };
    expect(await bytes("a")).toEqual(await bytes("a"));
    expect(await bytes("a")).not.toEqual(await bytes("b"));
  });

  it.each([
    { name: "token", transactions: 0, senders: 5, seed: "x" },
    { name: "token", transactions: 1.5, senders: 5, seed: "x" },
    { name: "token", transactions: 10, senders: 1, seed: "x" },
    { name: "token", transactions: 10, senders: 5, seed: "x", input: telemetryFile },
  ] as const)("refuse input that makes no sense: %o", async (options) => {
    await expect(createWorkload(options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
