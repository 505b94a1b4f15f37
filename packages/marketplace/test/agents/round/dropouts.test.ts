import { describe, expect, it } from "vitest";
import type { MessageKind } from "../../../src/agents/messages/bodies.ts";
import type { JobSpecInput } from "../../../src/job-spec.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { aggregationErrors } from "../support/audit.ts";
import { calls, events, type Seat, type Table } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

const SPEC = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { threshold: 0.6, bits: 16, clip: 2 } },
});

/** From its first message of `kind` on, in round 1, nothing of the seats arrives anywhere. */
function loseFrom(table: Table, kind: MessageKind, seats: readonly Seat[], rounds = 1): void {
  const gone = new Set<string>();
  const losing = new Set(seats.map(({ address }) => address as string));
  const chain = (): number =>
    table.blocks.flatMap(({ events: all }) => all).filter(({ event }) => event === "roundClosed").length;
  table.courier = (message) => {
    if (losing.has(message.from) && message.kind === kind && chain() < rounds) gone.add(message.from);
    if (chain() >= rounds) gone.clear();
    return gone.has(message.from) ? [] : [message];
  };
}

const stages: readonly MessageKind[] = [
  "round.keys",
  "round.shares",
  "round.masked",
  "round.confirm",
  "round.unmask",
];

describe("owners that vanish", () => {
  it.each(stages)("one of five at %s: the round goes on without it [PHASE.9]", async (kind) => {
    const training = await startTraining({ owners: 5, spec: SPEC });
    const { table, owners, analyst } = training;
    loseFrom(table, kind, owners.slice(0, 1));
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const [first, second] = events(analyst, "round");
    // Who had sent its masked input counts, even if it was not there to sign or to unmask.
    const inputIsIn = kind === "round.confirm" || kind === "round.unmask";
    expect(first?.survivors.includes(owners[0]?.address as `0x${string}`)).toBe(inputIsIn);
    expect(second?.survivors.length).toBeGreaterThanOrEqual(4);
    expect(events(analyst, "aborted")).toEqual([]);
    expect(events(analyst, "dropped")[0]).toMatchObject({ member: owners[0]?.address, round: 1 });
    for (const error of aggregationErrors(training)) expect(error).toBeLessThan(5 * (2 / 32_767) + 1e-5);
  });

  it.each(["round.keys", "round.shares", "round.masked"] as const)(
    "three of five at %s: nothing is opened, and the next attempt succeeds when they are back [PHASE.8] [ANALYST.4]",
    async (kind) => {
      const training = await startTraining({ owners: 5, spec: SPEC });
      const { table, owners, analyst } = training;
      const losing = new Set(owners.slice(0, 3).map(({ address }) => address as string));
      table.courier = (message) => {
        const lost =
          losing.has(message.from) && message.kind === kind && events(analyst, "aborted").length === 0;
        return lost ? [] : [message];
      };
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      expect(events(analyst, "aborted").map(({ attempt }) => attempt)).toEqual([1]);
      expect(events(analyst, "round")[0]).toMatchObject({ round: 1, attempt: 2, survivors: { length: 5 } });
      for (const error of aggregationErrors(training)) expect(error).toBeLessThan(5 * (2 / 32_767) + 1e-5);
    },
  );

  it("three of five at unmask: who has opened does not open again, and training ends with what there is [OWNER.6] [ANALYST.4]", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 5, spec: SPEC });
    loseSecondRound(table, owners.slice(0, 3));
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    expect(events(analyst, "round").map(({ round }) => round)).toEqual([1]);
    expect(events(analyst, "aborted").every(({ round }) => round === 2)).toBe(true);
    const refusals = owners.slice(3).flatMap((seat) => events(seat, "decision"));
    expect(refusals).toContainEqual(expect.objectContaining({ what: "refuse", because: "ALREADY_OPENED" }));
    expect(calls(analyst, "closeRound").length).toBe(1);
  });

  it("all but two: the market is left to expire, since no round was closed [ANALYST.5]", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 5, spec: SPEC });
    for (const owner of owners.slice(0, 3)) {
      await table.run(() => calls(owner, "join").length > 0);
    }
    await table.run(() => calls(analyst, "select").length > 0);
    for (const owner of owners.slice(0, 3)) owner.away = true;
    expect(await table.run(() => events(analyst, "decision").some(({ what }) => what === "end"))).toBe(true);
    expect(calls(analyst, "closeRound")).toEqual([]);
    expect(calls(analyst, "deliver")).toEqual([]);
    expect(await table.run(() => calls(analyst, "expire").length > 0)).toBe(true);
  });
});

/** The seats' unmask shares of round 2 never arrive, however often they are asked for. */
function loseSecondRound(table: Table, seats: readonly Seat[]): void {
  const losing = new Set(seats.map(({ address }) => address as string));
  table.courier = (message) => {
    const closed = table.blocks
      .flatMap(({ events: all }) => all)
      .some(({ event }) => event === "roundClosed");
    return closed && losing.has(message.from) && message.kind === "round.unmask" ? [] : [message];
  };
}

describe("owners that vanish without masks", () => {
  const dp = { clip: 1, noiseMultiplier: 1, delta: 1e-5, epsilonBudget: 100, noise: "distributed" } as const;
  const modes: readonly (readonly [string, JobSpecInput["privacy"], number])[] = [
    ["none", { mode: "none" }, 3],
    ["dp, distributed noise: two thirds of the cohort", { mode: "dp", dp }, 4],
  ];
  it.each(modes)("%s: fewer than enough updates abort the attempt [PHASE.9]", async (_, privacy, least) => {
    const { table, owners, analyst } = await startTraining({
      owners: 6,
      spec: tinySpec("none", { privacy }),
    });
    const losing = new Set(owners.slice(0, 7 - least).map(({ address }) => address as string));
    table.courier = (message) => {
      const lost =
        losing.has(message.from) &&
        message.kind === "round.update" &&
        events(analyst, "aborted").length === 0;
      return lost ? [] : [message];
    };
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    expect(events(analyst, "aborted")).toMatchObject([{ because: "TOO_FEW_UPDATES", phase: "train" }]);
    expect(events(analyst, "round")[0]).toMatchObject({ attempt: 2 });
    if (privacy.mode === "dp") expect(events(analyst, "round")[0]?.survivors.length).toBe(6);
  });
});
