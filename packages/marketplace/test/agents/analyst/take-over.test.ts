import { describe, expect, it } from "vitest";
import type { MessageKind } from "../../../src/agents/messages/bodies.ts";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import type { MarketCall } from "../../../src/chain/types.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { aggregationErrors } from "../support/audit.ts";
import { factsOf } from "../support/look.ts";
import { calls, events, type Seat, type Table } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

const base = tinySpec("secagg");
const SPEC = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { threshold: 0.6, bits: 16, clip: 2 } },
  training: { ...base.training, rounds: 3 },
});

type Moment = MessageKind | MarketCall["method"];
const moments: readonly Moment[] = [
  "round.announce",
  "openRound",
  "round.adverts",
  "round.shares-for",
  "round.survivors",
  "round.confirmations",
  "round.result",
  "closeRound",
  "deliver",
];

/** Whether the seat has given out something of this kind in round 2. */
function hasDone(table: Table, seat: Seat, moment: Moment): boolean {
  const inSecond = table.blocks.some(({ events: all }) => all.some(({ event }) => event === "roundClosed"));
  if (!inSecond) return false;
  const from =
    seat.outputs.findIndex((output) => output.type === "transact" && output.call.method === "closeRound") + 1;
  return seat.outputs
    .slice(from)
    .some(
      (output) =>
        (output.type === "send" && output.kind === moment) ||
        (output.type === "transact" && output.call.method === moment),
    );
}

describe("an analyst that dies and comes back", () => {
  it.each(moments)("after %s: it resumes with what it saved [ANALYST.8] [ANALYST.11]", async (moment) => {
    const { table, owners, analyst } = await startTraining({ owners: 5, spec: SPEC });
    expect(await table.run(() => hasDone(table, analyst, moment))).toBe(true);
    table.restart(analyst);
    expect(await table.run(() => factsOf(owners[0] as Seat, table).delivered !== undefined)).toBe(true);
    const { rounds } = factsOf(owners[0] as Seat, table);
    expect(rounds.map(({ round }) => round)).toEqual([1, 2, 3]);
    for (const seat of owners)
      expect(events(seat, "rejected").filter(({ message }) => message === "roundClosed")).toEqual([]);
  });
});

/** The answers to `round.confirmations` of round 2, by owner, in the order they were sent. */
function answersIn(table: Table, owners: readonly Seat[]): Uint8Array[][] {
  return owners.map(({ address }) =>
    table.sent.flatMap(({ from, kind, body }) => {
      const decoded = from === address ? decodeBody(kind, body) : { rejected: "" };
      const isAnswer = "body" in decoded && decoded.kind === "round.unmask" && decoded.body.round === 2;
      return isAnswer ? [decoded.body.shares] : [];
    }),
  );
}

describe("an analyst that dies after owners have opened the round for it", () => {
  const isAsked = (table: Table, analyst: Seat): boolean => hasDone(table, analyst, "round.confirmations");

  it("gets the same answers once more, also from owners that came back themselves [ANALYST.11] [OWNER.13]", async () => {
    const training = await startTraining({ owners: 5, spec: SPEC });
    const { table, owners, analyst } = training;
    const answers = (): Uint8Array[][] => answersIn(table, owners);
    await table.run(() => isAsked(table, analyst) && answers().every((given) => given.length > 0));
    expect(analyst.saved.has("job/1/unmasking")).toBe(true);
    for (const seat of [analyst, owners[0] as Seat, owners[3] as Seat]) table.restart(seat);
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    expect(events(analyst, "round").map(({ round, attempt }) => [round, attempt])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    for (const [first, again, ...more] of answers()) {
      expect(again).toEqual(first);
      expect(more).toEqual([]);
    }
    for (const error of aggregationErrors(training)) expect(error).toBeLessThan(5 * (2 / 32_767) + 1e-5);
    expect(analyst.saved.has("job/1/unmasking")).toBe(false);
    for (const seat of owners) expect(events(seat, "rejected")).toEqual([]);
  });

  it("and asks another owner's opening of it, or shows other signatures, gets nothing else [OWNER.13]", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 5, spec: SPEC });
    const [owner] = owners as [Seat];
    const own = (): Uint8Array[] => answersIn(table, [owner])[0] ?? [];
    await table.run(() => isAsked(table, analyst) && own().length > 0);
    const [given] = own();
    analyst.away = true;
    table.restart(owner);
    const ask = (attempt: number, from = analyst.address): void =>
      table.give(owner, {
        type: "message",
        nowMs: table.clock.wallMs(),
        message: {
          from,
          to: owner.address,
          job: 1n,
          kind: "round.confirmations",
          body: encodeBody("round.confirmations", { round: 2, attempt, confirmations: new Uint8Array(70) }),
        },
      });
    ask(2);
    ask(1, (owners[1] as Seat).address);
    expect(own().length).toBe(1);
    ask(1);
    expect(own()).toEqual([given, given]);
  });

  it("starts a new attempt when what it saved is damaged, or of an opening that no longer stands", async () => {
    for (const damage of [new Uint8Array([0x80]), undefined]) {
      const { table, owners, analyst } = await startTraining({ owners: 5, spec: SPEC });
      await table.run(() => isAsked(table, analyst));
      if (damage === undefined) analyst.saved.delete("job/1/unmasking");
      else analyst.saved.set("job/1/unmasking", damage);
      table.restart(analyst);
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      // Its owners have opened round 2 and do not do so again.
      expect(factsOf(owners[0] as Seat, table).rounds.map(({ round }) => round)).toEqual([1]);
    }
  });
});

describe("an analyst that dies for good", () => {
  it.each(moments.filter((moment) => moment !== "deliver"))(
    "after %s: another one takes over with the state that owners hold, and finishes [ANALYST.8] [OWNER.8]",
    async (moment) => {
      const { table, owners, analyst, analysts } = await startTraining({
        owners: 5,
        analysts: 2,
        spec: SPEC,
      });
      const next = analysts[1] as Seat;
      expect(await table.run(() => hasDone(table, analyst, moment))).toBe(true);
      analyst.away = true;
      expect(await table.run(() => calls(next, "deliver").length > 0)).toBe(true);
      const facts = factsOf(next, table);
      expect(facts.analysts).toEqual([analyst.address, next.address]);
      // Who had opened round 2 for the first analyst does not open it for the second: then it ends with round 1.
      const opened = owners.some((seat) =>
        events(seat, "decision").some(({ because }) => because === "ALREADY_OPENED"),
      );
      expect(facts.rounds.length).toBe(opened ? 1 : 3);
      const [delivery] = calls(next, "deliver");
      expect(delivery?.stateHash).toBe(facts.rounds.at(-1)?.nextStateHash);
      expect(delivery?.weights.every((weight) => weight > 0n)).toBe(true);
    },
  );

  it("before the first round: training begins from the specification", async () => {
    const { table, analyst, analysts } = await startTraining({ owners: 4, analysts: 2, spec: SPEC });
    const next = analysts[1] as Seat;
    await table.run(() => calls(analyst, "select").length > 0);
    analyst.away = true;
    expect(await table.run(() => calls(next, "deliver").length > 0)).toBe(true);
    expect(factsOf(next, table).rounds.length).toBe(3);
  });

  it("nobody takes over when the policy says so: the job is left to expire", async () => {
    const { table, owners, analyst, analysts } = await startTraining({
      owners: 4,
      analysts: 2,
      spec: SPEC,
      policy: { takeOver: false },
    });
    await table.run(() => events(analyst, "round").length === 1);
    analyst.away = true;
    expect(await table.run(() => calls(owners[0] as Seat, "expire").length > 0)).toBe(true);
    expect(calls(analysts[1] as Seat, "takeOver")).toEqual([]);
  });

  it("owners that lie about the state are seen through by its hash [ANALYST.8]", async () => {
    const { table, owners, analyst, analysts } = await startTraining({ owners: 5, analysts: 2, spec: SPEC });
    const next = analysts[1] as Seat;
    await table.run(() => events(analyst, "round").length === 1);
    analyst.away = true;
    const liars = new Set<string>(owners.slice(0, 4).map(({ address }) => address));
    table.courier = (message) =>
      message.kind === "state.answer" && liars.has(message.from)
        ? [{ ...message, body: message.body.map((byte, index) => (index === 60 ? byte ^ 1 : byte)) }]
        : [message];
    expect(await table.run(() => calls(next, "deliver").length > 0)).toBe(true);
    expect(factsOf(next, table).rounds.length).toBe(3);
    expect(events(next, "rejected").every(({ message }) => message === "state.answer")).toBe(true);
  });
});
