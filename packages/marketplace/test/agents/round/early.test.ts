import { describe, expect, it } from "vitest";
import {
  ANALYST_KINDS,
  dueEarly,
  type EarlyMessages,
  keepEarly,
  mayBeEarly,
  OWNER_KINDS,
} from "../../../src/agents/early.ts";
import { effectFailed, emptyLedger, isGivenUp, released, transactOnce } from "../../../src/agents/effects.ts";
import { emptyView, type JobFacts } from "../../../src/agents/view/market-view.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { calls, events, type Seat } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

const message = (from: string, kind: string) => ({
  from: from as `0x${string}`,
  to: "*" as const,
  job: 1n,
  kind,
  body: new Uint8Array(),
});

describe("messages ahead of the chain [AGENT.5]", () => {
  it("are kept for a minute, the newest eight of a sender, 256 in all", () => {
    let early: EarlyMessages = [];
    for (let count = 0; count < 12; count++)
      early = keepEarly(early, message("0xaa", `${count}`), 1000 * count);
    early = keepEarly(early, message("0xbb", "other"), 12_000);
    expect(dueEarly(early, 12_000).map(({ kind }) => kind)).toEqual([
      "4",
      "5",
      "6",
      "7",
      "8",
      "9",
      "10",
      "11",
      "other",
    ]);
    expect(dueEarly(early, 67_500).map(({ kind }) => kind)).toEqual(["8", "9", "10", "11", "other"]);
    for (let count = 0; count < 300; count++) early = keepEarly(early, message(`0x${count}`, "x"), 12_000);
    expect(early.length).toBe(256);
  });

  it("are bounded in bytes, of a sender and of all", () => {
    const big = (from: string, kind: string) => ({
      ...message(from, kind),
      body: new Uint8Array(40 * 1024 * 1024),
    });
    let early: EarlyMessages = [];
    for (const kind of ["1", "2", "3"]) early = keepEarly(early, big("0xaa", kind), 0);
    expect(dueEarly(early, 0).map(({ kind }) => kind)).toEqual(["3"]);
    for (let count = 0; count < 10; count++) early = keepEarly(early, big(`0x${count}`, `${count}`), 0);
    expect(dueEarly(early, 0).map(({ kind }) => kind)).toEqual(["4", "5", "6", "7", "8", "9"]);
  });

  it("are of kinds that the role can be sent, and of no job beyond the next", () => {
    const known = (live: boolean) => ({
      view: { ...emptyView, jobs: new Map([[6n, {} as JobFacts]]) },
      live,
    });
    const of = (job: bigint, kind: string) => ({ ...message("0xaa", kind), job });
    expect(mayBeEarly(OWNER_KINDS, known(true), of(7n, "round.announce"))).toBe(true);
    expect(mayBeEarly(OWNER_KINDS, known(true), of(8n, "round.announce"))).toBe(false);
    expect(mayBeEarly(OWNER_KINDS, known(false), of(8n, "round.announce"))).toBe(true);
    expect(mayBeEarly(OWNER_KINDS, known(true), of(7n, "round.masked"))).toBe(false);
    expect(mayBeEarly(ANALYST_KINDS, known(true), of(7n, "round.masked"))).toBe(true);
  });

  it("are acted on when the chain has caught up: an owner that sees blocks late still takes part", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: tinySpec("secagg") });
    const [slow] = owners as [Seat];
    // Its blocks come a second and a half late, its messages at once.
    table.delayBlocks(slow, 1_500);
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    for (const { survivors } of events(analyst, "round")) expect(survivors).toContain(slow.address);
    expect(events(slow, "rejected")).toEqual([]);
  });
});

describe("effects [AGENT.6]", () => {
  it("are asked for once, rest after a failure, and are given up after five", () => {
    let job = { job: 3n, ...emptyLedger };
    const call = { method: "join", job: 3n } as const;
    for (let tries = 1; tries <= 5; tries++) {
      const [asked, outputs] = transactOnce(job, "join", call);
      expect(outputs).toEqual([{ type: "transact", id: "3/join", call }]);
      expect(transactOnce(asked, "join", call)[1]).toEqual([]);
      const [failed, rest] = effectFailed(asked, "join");
      expect(rest).toEqual([{ type: "schedule", timer: "3/retry/join", delayMs: 2000 }]);
      expect(transactOnce(failed, "join", call)[1]).toEqual([]);
      expect(isGivenUp(failed, "join")).toBe(tries === 5);
      job = released(failed, "join");
    }
    expect(transactOnce(job, "join", call)[1]).toEqual([]);
  });
});
