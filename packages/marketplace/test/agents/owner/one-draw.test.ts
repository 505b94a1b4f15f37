import { decode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import type { AgentMessage } from "../../../src/agents/ports.ts";
import { bitmapToBytes } from "../../../src/agents/round/bitmap.ts";
import { leastCohort } from "../../../src/agents/round/least-cohort.ts";
import type { MarketCall } from "../../../src/chain/types.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { factsOf } from "../support/look.ts";
import { calls, events, type Seat } from "../support/table.ts";
import { hashOf } from "../support/toy-market.ts";
import { startTraining, type Training, type TrainingOptions } from "../support/training.ts";

const SPEC = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { threshold: 0.8, bits: 16, clip: 2 } },
});
const start = (options: Partial<TrainingOptions> = {}): Promise<Training> =>
  startTraining({ owners: 5, spec: SPEC, policy: { maxAttempts: 1 }, ...options });
const refusals = (seat: Seat): string[] =>
  events(seat, "decision").flatMap(({ what, because }) => (what === "refuse" ? [because] : []));
const sent = ({ table }: Training, kind: string): AgentMessage[] =>
  table.sent.filter((message) => message.kind === kind);

describe("an analyst that would choose who is around an owner", () => {
  it("announces a small cohort: no owner gives keys [OWNER.11]", async () => {
    const training = await start();
    training.table.courier = (message) => {
      const decoded = decodeBody(message.kind, message.body);
      if (!("body" in decoded) || decoded.kind !== "round.announce") return [message];
      const cohort = bitmapToBytes(0b111n);
      return [{ ...message, body: encodeBody("round.announce", { ...decoded.body, cohort }) }];
    };
    await training.table.run(() => training.owners.every((seat) => refusals(seat).length > 0), 100_000);
    for (const seat of training.owners) expect(refusals(seat)[0]).toBe("WRONG_COHORT");
    expect(sent(training, "round.keys")).toEqual([]);
  });

  it("opens with fewer of a full cohort: no owner shares [OWNER.11]", async () => {
    const training = await start();
    training.table.rewriteCall = (_, call): MarketCall =>
      call.method === "openRound" ? { ...call, cohortBitmap: 0b111n } : call;
    await training.table.run(() => training.owners.every((seat) => refusals(seat).length > 0), 100_000);
    const codes = training.owners.map((seat) => refusals(seat)[0]).sort();
    expect(codes).toEqual([...Array<string>(3).fill("COHORT_TOO_SMALL"), "LEFT_OUT", "LEFT_OUT"]);
    expect(sent(training, "round.shares")).toEqual([]);
  });

  it("opens again with the same keys, for other groups: no owner shares [OWNER.12]", async () => {
    const training = await start();
    const { table, owners, analyst } = training;
    const held: AgentMessage[] = [];
    table.courier = (message) => {
      if (message.kind !== "round.adverts") return [message];
      held.push(message);
      return [];
    };
    await table.run(() => held.length > 0);
    table.call(analyst.address, calls(analyst, "openRound")[0] as MarketCall);
    await table.run(() => owners.every((seat) => factsOf(seat, table).opening?.attempt === 2));
    for (const message of held) {
      const seat = owners.find(({ address }) => address === message.to) as Seat;
      table.give(seat, { type: "message", nowMs: table.clock.wallMs(), message });
    }
    for (const seat of owners) expect(refusals(seat)[0]).toBe("REOPENED");
    expect(sent(training, "round.shares")).toEqual([]);
  });

  it.each([
    ["all of the spec's cohort are there", 20, {}, 14],
    ["some have left", 15, {}, 10],
    ["a group is the least", 4, { groupSize: 5 }, 5],
    ["three are the least", 3, { threshold: 0.6 }, 3],
  ] as const)("the least cohort: %s", (_, active, secagg, expected) => {
    const spec = tinySpec("secagg", { privacy: { mode: "secagg", secagg } });
    expect(leastCohort({ ...spec, training: { ...spec.training, cohort: 20 } }, active)).toBe(expected);
  });
});

describe("what an owner remembers", () => {
  it("of an attempt before it died: it is not entered again [OWNER.6]", async () => {
    const training = await start();
    const { table, owners } = training;
    const [victim] = owners as [Seat];
    const own = (kind: string): AgentMessage[] =>
      sent(training, kind).filter(({ from, body }) => {
        const decoded = decodeBody(kind, body);
        const ofFirst = "body" in decoded && "round" in decoded.body && decoded.body.round === 1;
        return from === victim.address && ofFirst;
      });
    // The round stays open.
    table.courier = (message) => (message.kind === "round.confirm" ? [] : [message]);
    await table.run(() => own("round.masked").length > 0);
    const announced = sent(training, "round.announce").find(
      ({ to }) => to === victim.address || to === "*",
    ) as AgentMessage;
    table.restart(victim);
    const message = { ...announced, to: victim.address };
    table.give(victim, { type: "message", nowMs: table.clock.wallMs(), message });
    await table.run(() => false, 500);
    expect(factsOf(victim, table).rounds.length).toBe(0);
    expect(own("round.keys").length).toBe(1);
    expect(own("round.masked").length).toBe(1);
  });

  it("its neighbourhood, that can open its input, and not the whole group [PHASE.8]", async () => {
    const sparse = tinySpec("secagg", {
      privacy: { mode: "secagg", secagg: { threshold: 0.6, neighbours: 4 } },
    });
    const { table, owners, analyst } = await start({ owners: 9, spec: sparse });
    await table.run(() => table.sent.some(({ kind }) => kind === "round.confirm"));
    for (const seat of owners) {
      const record = decode(seat.saved.get("job/1") ?? new Uint8Array()) as {
        attempts: readonly { members: readonly string[]; threshold: number }[];
      };
      expect(record.attempts[0]?.members.length).toBe(5);
      expect(record.attempts[0]?.members).toContain(seat.address);
      expect(record.attempts[0]?.threshold).toBe(3);
    }
    expect(calls(analyst, "openRound").length).toBe(1);
  });

  it("a closed round in which it sent nothing, and stands among the survivors, is a fault [OWNER.9]", async () => {
    const { table, owners, analyst } = await start();
    table.courier = () => [];
    await table.run(() => calls(analyst, "select").length > 0);
    await table.run(() => owners.every((seat) => factsOf(seat, table).owners.length > 0));
    const round = { job: 1n, round: 1 } as const;
    table.mine([
      {
        ...round,
        event: "roundOpened",
        attempt: 1,
        keysRoot: hashOf("k"),
        cohortBitmap: 0b11111n,
        stateHash: hashOf("s"),
      },
    ]);
    table.mine([
      {
        ...round,
        event: "roundClosed",
        survivorBitmap: 0b11111n,
        updateHashes: [1, 2, 3, 4, 5].map((index) => hashOf(`${index}`)),
        aggregateHash: hashOf("a"),
        nextStateHash: hashOf("n"),
      },
    ]);
    for (const seat of owners) {
      expect(events(seat, "rejected")).toContainEqual(
        expect.objectContaining({ message: "roundClosed", code: "NOTHING_WAS_SENT" }),
      );
    }
  });

  it("an opened sum of which none of its neighbourhood is among the survivors is no fault [OWNER.9]", async () => {
    const { table, owners, analyst } = await start();
    const victim = owners[0] as Seat;
    table.rewriteCall = (_, call): MarketCall =>
      call.method === "closeRound" ? { ...call, survivorBitmap: 0n, updateHashes: [] } : call;
    await table.run(() => calls(analyst, "closeRound").length > 0);
    await table.run(() => factsOf(victim, table).rounds.length > 0);
    expect(events(victim, "rejected").filter(({ message }) => message === "roundClosed")).toEqual([]);
  });
});
