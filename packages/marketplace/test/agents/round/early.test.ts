import { describe, expect, it } from "vitest";
import { dueEarly, type EarlyMessages, keepEarly } from "../../../src/agents/early.ts";
import { effectFailed, emptyLedger, isGivenUp, released, transactOnce } from "../../../src/agents/effects.ts";
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
