import type { ChildProcess } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyseCoalition, type CoalitionRecord, type CoalitionSummary } from "@sheaf/measure";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { namedCoalitions, readCoalition, refuted } from "./coalition-fixture.ts";
import { childrenOf, endLeftovers, processesWith, startBench } from "./tool.ts";

// Coalitions on a real chain: a validator a miner. What is drawn by weight is left out of the expectations.

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheaf-mining-"));
});
afterEach(async () => {
  await endLeftovers();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** A run of four miners; `during` is called when they mine. */
async function mine(
  words: readonly string[],
  during: (child: ChildProcess) => Promise<void> = async () => {},
) {
  const out = join(folder, "run");
  const started = startBench(folder, [
    "coalition",
    ...["--miners", "4", "--epoch-blocks", "30", "--seeds", "0", "--no-sweeps", "--json", "--out", out],
    ...words,
  ]);
  await started.shows(/^mining \.\.\.$/m);
  await during(started.child);
  const { code, stdout, stderr } = await started.ended;
  const record = await readCoalition(out);
  const summary = JSON.parse(stdout) as CoalitionSummary;
  expect(summary.coalitions).toEqual(namedCoalitions(record));
  expect(await processesWith(record.runId)).toEqual([]);
  expect(await readdir(out)).toContain("report.html");
  const chain = record.chain;
  expect(chain, stderr).not.toBeNull();
  return {
    code,
    stderr,
    record,
    summary,
    chain: chain as NonNullable<typeof chain>,
    analysis: analyseCoalition(record),
  };
}

/** Whatever chance draws, and whoever fails: no unit is lost, rewards are those of the rules, validators agree. */
function expectExact(record: CoalitionRecord): void {
  expect(refuted(record).filter((subject) => subject !== "blocks")).toEqual([]);
}

/** Resolves after so many milliseconds of mining. */
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("bench coalition on a chain", () => {
  it("mines by the coalitions' shares, lets one leave, and finds the cheat out", async () => {
    const { code, stderr, record, summary, chain } = await mine([
      ...["--epochs", "3", "--seed", "a", "--leave", "1:0", "--cheat", "1:1"],
    ]);
    expect(code, stderr).toBe(0);
    expect(record).toMatchObject({ interrupted: false, problems: [] });
    expectExact(record);
    expect(chain.agreement).toMatchObject({ validators: 4, holds: true });
    expect(summary.chain?.blocks).toBe(90);
    expect(Object.keys(summary.chain ?? {})).toEqual(["blocks", "chiSquareP"]);

    const kinds = chain.events.map(({ kind, miner }) => `${kind} ${miner}`);
    expect(kinds).toEqual(expect.arrayContaining(["left 0", "challenged 1", "suspended 1"]));
    expect(chain.epochs.map(({ weights }) => weights).slice(-3)).toEqual([
      "contract",
      "contract",
      "contract",
    ]);
    const [first, second, third] = chain.epochs.slice(-3).map(({ coalitions }) => coalitions);
    expect(first?.map(({ members }) => members)).toEqual(record.formation.final);
    expect(record.formation.final).toContainEqual(expect.arrayContaining([0, 1]));
    expect(second?.find(({ members }) => members.includes(0))?.members).toEqual([0]);
    // The cheat, found out in the epoch after, is alone and without a share in the next.
    expect(third?.find(({ members }) => members.includes(1))).toMatchObject({
      members: [1],
      predictedShare: 0,
      rewardWei: "0",
    });
    expect(BigInt(chain.books.awarded)).toBeGreaterThan(0n);
    expect(chain.books.bondsHeld).toBe("0");
  }, 300_000);

  it("stops soon when it is interrupted, and keeps what was mined", async () => {
    const { code, stderr, record, chain } = await mine(["--epochs", "200"], async (child) => {
      await pass(9_000);
      child.kill("SIGINT");
    });
    expect(code, stderr).toBe(130);
    expect(record).toMatchObject({ interrupted: true, problems: [] });
    const last = chain.epochs.at(-1);
    expect(last?.lastBlock).toBe(chain.books.block);
    expect(chain.epochs.length).toBeLessThan(200);
    expectExact(record);
    expect(chain.agreement.holds).toBe(true);
  }, 240_000);

  it("goes on when the first of four validators is killed, and says so", async () => {
    const { code, stderr, record, chain, analysis } = await mine(["--epochs", "3"], async ({ pid }) => {
      const validators = await childrenOf(pid as number, "/validator-");
      expect(validators).toHaveLength(4);
      await pass(5_000);
      const [first] = validators.filter(({ line }) => line.includes("/validator-0/"));
      process.kill(first?.pid as number, "SIGKILL");
    });
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/^invalid: validator 0 of coalitions ended \(SIGKILL\)/m);
    expect(record.problems).toEqual([expect.stringMatching(/^validator 0 of coalitions ended \(SIGKILL\)/)]);
    expect(record.remarks.join()).toMatch(/m1 .*: its validator has ended/);
    expect(chain.agreement).toMatchObject({ validators: 3, holds: true });
    expectExact(record);
    expect(analysis.chain?.blocks).toBe(90);
    expect(analysis.problems).toEqual(record.problems);
  }, 300_000);
});
