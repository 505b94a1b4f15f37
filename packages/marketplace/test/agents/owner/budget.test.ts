import { decode, encode } from "@msgpack/msgpack";
import { createBudget, epsilonSpent, parseBudget, spend } from "@sheaf/federated";
import { describe, expect, it } from "vitest";
import { tinySpec } from "../../simulation/orders.ts";
import { calls, events, type Seat } from "../support/table.ts";
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
