import { decode, encode } from "@msgpack/msgpack";
import { hexToBytes } from "@sheaf/base";
import { createBudget, epsilonSpent, parseBudget, spend } from "@sheaf/federated";
import { describe, expect, it } from "vitest";
import { encodeBody } from "../../../src/agents/messages/codec.ts";
import { bitmapToBytes } from "../../../src/agents/round/bitmap.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { factsOf } from "../support/look.ts";
import { calls, events, type Seat } from "../support/table.ts";
import { hashOf } from "../support/toy-market.ts";
import { startTraining } from "../support/training.ts";

const dp = { clip: 1, noiseMultiplier: 1.5, delta: 1e-5, epsilonBudget: 1000 } as const;
const spec = (rounds: number, mode: "dp" | "secagg+dp" = "dp") => {
  const base = tinySpec("secagg");
  const privacy =
    mode === "dp"
      ? ({ mode, dp: { ...dp, noise: "central" } } as const)
      : ({ mode, dp: { ...dp, noise: "distributed" }, secagg: { threshold: 0.6 } } as const);
  return tinySpec("none", { privacy, training: { ...base.training, rounds } });
};

/** Epsilon of `rounds` rounds. */
function epsilonOf(rounds: number): number {
  const outcome = spend(createBudget({ epsilonLimit: 1e6, delta: 1e-5 }), {
    job: "x",
    mechanism: { noiseMultiplier: 1.5 },
    steps: rounds,
  });
  return outcome.epsilon;
}

const savedEpsilon = (seat: Seat): number =>
  epsilonSpent(parseBudget(decode(seat.saved.get("budget") ?? new Uint8Array())));

describe("the privacy budget of an owner [OWNER.5]", () => {
  it.each(["dp", "secagg+dp"] as const)(
    "mode %s: an owner that spent before leaves, the others go on",
    async (mode) => {
      const limit = epsilonOf(10);
      const ownerPolicy = { privacy: { epsilonLimit: limit * 1.05, delta: 1e-5 } };
      const { table, owners, analyst } = await startTraining({ owners: 5, spec: spec(3, mode), ownerPolicy });
      const poor = owners[0] as Seat;
      const fresh = createBudget({ epsilonLimit: limit * 1.05, delta: 1e-5 });
      const before = spend(fresh, { job: "another", mechanism: { noiseMultiplier: 1.5 }, steps: 9 });
      poor.saved.set("budget", encode("budget" in before ? before.budget : fresh));
      table.restart(poor);
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      const took = events(analyst, "round").map(({ survivors }) => survivors.includes(poor.address));
      expect(took).toEqual([true, false, false]);
      expect(calls(poor, "leave").length).toBe(1);
      expect(owners.slice(1).every((seat) => calls(seat, "leave").length === 0)).toBe(true);
    },
  );

  it("pays each round once, saves it before the update leaves, and leaves when it is spent", async () => {
    const limit = (epsilonOf(2) + epsilonOf(3)) / 2;
    const ownerPolicy = { privacy: { epsilonLimit: limit, delta: 1e-5 } };
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: spec(5), ownerPolicy });
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    expect(events(analyst, "round").length).toBe(2);
    for (const seat of owners) {
      expect(calls(seat, "leave")).toEqual([{ method: "leave", job: 1n }]);
      expect(savedEpsilon(seat)).toBeCloseTo(epsilonOf(2), 6);
      const order = seat.outputs.flatMap((output) =>
        output.type === "save" && output.key === "budget"
          ? ["budget"]
          : output.type === "send" && output.kind === "round.update"
            ? ["update"]
            : [],
      );
      expect(order).toEqual(["budget", "update", "budget", "update"]);
    }
  });

  it("does not pay twice for a round that is attempted twice: the same bytes are sent [OWNER.7]", async () => {
    const ownerPolicy = { privacy: { epsilonLimit: 100, delta: 1e-5 } };
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: spec(1), ownerPolicy });
    const losing = new Set<string>(owners.slice(0, 2).map(({ address }) => address));
    table.courier = (message) =>
      losing.has(message.from) && message.kind === "round.update" && events(analyst, "aborted").length === 0
        ? []
        : [message];
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const [again] = owners as [Seat];
    const updates = again.outputs.filter(
      (output) => output.type === "audit" && output.name.startsWith("update-"),
    );
    expect(updates.length).toBe(2);
    expect(updates[0]).toMatchObject({ bytes: updates[1]?.type === "audit" ? updates[1].bytes : undefined });
    expect(savedEpsilon(again)).toBeCloseTo(epsilonOf(1), 6);
  });

  it("outlives a restart, and counts over jobs", async () => {
    const ownerPolicy = { privacy: { epsilonLimit: (epsilonOf(2) + epsilonOf(3)) / 2, delta: 1e-5 } };
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: spec(5), ownerPolicy });
    await table.run(() => events(analyst, "round").length === 1);
    for (const seat of owners) table.restart(seat);
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    expect(events(analyst, "round").length).toBe(2);
    for (const seat of owners) expect(savedEpsilon(seat)).toBeCloseTo(epsilonOf(2), 6);
  });
});

describe("the order and the price of what leaves [OWNER.5] [OWNER.7]", () => {
  it("the budget is saved before the record that calls the round paid", async () => {
    const ownerPolicy = { privacy: { epsilonLimit: 100, delta: 1e-5 } };
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: spec(1), ownerPolicy });
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    for (const { outputs } of owners) {
      const saves = outputs.flatMap((output) =>
        output.type === "save" && output.value ? [{ key: output.key, value: output.value }] : [],
      );
      const budget = saves.findIndex(({ key }) => key === "budget");
      const paid = saves.findIndex(
        ({ key, value }) => key === "job/1" && (decode(value) as { paidRound: number }).paidRound === 1,
      );
      expect(budget).toBeGreaterThanOrEqual(0);
      expect(paid).toBeGreaterThan(budget);
    }
  });

  it("an owner that lost its noise in a restart pays for another answer", async () => {
    const ownerPolicy = { privacy: { epsilonLimit: 100, delta: 1e-5 } };
    const distributed = tinySpec("none", { privacy: { mode: "dp", dp: { ...dp, noise: "distributed" } } });
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: distributed, ownerPolicy });
    const losing = new Set<string>(owners.slice(0, 2).map(({ address }) => address));
    table.courier = (message) =>
      losing.has(message.from) && message.kind === "round.update" && events(analyst, "aborted").length === 0
        ? []
        : [message];
    await table.run(() => events(analyst, "aborted").length > 0);
    const [again, other] = [owners[0] as Seat, owners[1] as Seat];
    table.restart(again);
    expect(await table.run(() => events(analyst, "round").length > 0)).toBe(true);
    expect(savedEpsilon(again) - savedEpsilon(other)).toBeGreaterThan(0.1);
  });

  it("without a limit an owner accounts for its privacy all the same", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: spec(1) });
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    for (const seat of owners) expect(savedEpsilon(seat)).toBeCloseTo(epsilonOf(1), 6);
  });
});

describe("the epsilon of the job", () => {
  it("is held by the owners too, when an analyst would stretch it [OWNER.5]", async () => {
    const limited = tinySpec("none", {
      privacy: { mode: "dp", dp: { ...dp, noise: "central", epsilonBudget: epsilonOf(2) * 1.01 } },
    });
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: limited });
    await table.run(() => calls(analyst, "select").length > 0);
    // On chain, they have been in two rounds already.
    const cohortBitmap = 0b1111n;
    const opening = {
      job: 1n,
      event: "roundOpened",
      attempt: 1,
      keysRoot: hashOf("k"),
      cohortBitmap,
    } as const;
    const closing = {
      job: 1n,
      event: "roundClosed",
      survivorBitmap: 15n,
      updateHashes: [],
      aggregateHash: hashOf("a"),
    } as const;
    await table.run(() => owners.every((seat) => factsOf(seat, table).owners.length > 0));
    for (const round of [1, 2]) {
      table.mine([{ ...opening, round, stateHash: hashOf(`${round}`) }]);
      table.mine([{ ...closing, round, nextStateHash: hashOf(`${round + 1}`) }]);
    }
    const body = { round: 3, attempt: 1, cohort: bitmapToBytes(15n), stateHash: hexToBytes(hashOf("3")) };
    const [owner] = owners as [Seat];
    table.give(owner, {
      type: "message",
      nowMs: table.clock.wallMs(),
      message: {
        from: analyst.address,
        to: owner.address,
        job: 1n,
        kind: "round.announce",
        body: encodeBody("round.announce", body),
      },
    });
    expect(events(owner, "decision").at(-1)).toMatchObject({
      what: "refuse",
      because: "JOB_BUDGET_EXHAUSTED",
    });
  });

  it("a repeated attempt with fewer owners would lack noise: nothing is sent again [OWNER.7] [PHASE.7]", async () => {
    const distributed = tinySpec("none", { privacy: { mode: "dp", dp: { ...dp, noise: "distributed" } } });
    const { table, owners, analyst } = await startTraining({
      owners: 9,
      spec: distributed,
      policy: { maxAttempts: 2 },
    });
    const losing = new Set<string>(owners.slice(0, 4).map(({ address }) => address));
    table.courier = (message) =>
      losing.has(message.from) && message.kind === "round.update" ? [] : [message];
    await table.run(() => events(analyst, "aborted").length > 0);
    // Six of nine were needed, five came. Of seven, five would be enough.
    for (const { address } of owners.slice(0, 2)) {
      table.mine([{ job: 0n, event: "revoked", subject: address, role: "owner" }]);
    }
    await table.run(() => events(analyst, "decision").some(({ what }) => what === "end"));
    for (const seat of owners.slice(4)) {
      expect(events(seat, "decision").at(-1)).toMatchObject({ what: "refuse", because: "NOISE_TOO_SMALL" });
    }
    expect(calls(analyst, "closeRound")).toEqual([]);
  });
});
