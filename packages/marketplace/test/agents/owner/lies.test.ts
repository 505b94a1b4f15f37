import { bytesToHex, hexToBytes } from "@sheaf/base";
import { decodeKeyAdverts, encodeKeyAdverts } from "@sheaf/federated";
import { describe, expect, it } from "vitest";
import type { MessageBody, MessageKind } from "../../../src/agents/messages/bodies.ts";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import { announcedRound, contextOf, voidDigest } from "../../../src/agents/round/attempt.ts";
import { jobSeed } from "../../../src/agents/round/job-seed.ts";
import { initialModel } from "../../../src/agents/round/model.ts";
import { EXTRAS } from "../../../src/agents/round/vector-plan.ts";
import type { Address, MarketCall } from "../../../src/chain/types.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { initialWeights, PARAMETERS } from "../../simulation/tiny-model.ts";
import { portsFor } from "../support/look.ts";
import { type Courier, calls, events, SCOPE, type Seat } from "../support/table.ts";
import { hashOf } from "../support/toy-market.ts";
import { CONSUMER, startTraining, type Training, type TrainingOptions } from "../support/training.ts";

const SPEC = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { threshold: 0.6, bits: 16, clip: 2 } },
});

/** Changes the bodies of a kind of message on their way. */
function changing<K extends MessageKind>(
  kind: K,
  change: (body: MessageBody<K>, to: Address | "*") => MessageBody<K>,
  when: () => boolean = () => true,
): Courier {
  return (message) => {
    if (message.kind !== kind || !when()) return [message];
    const decoded = decodeBody(kind, message.body);
    if (!("body" in decoded)) return [];
    return [{ ...message, body: encodeBody(kind, change(decoded.body as MessageBody<K>, message.to)) }];
  };
}

async function start(options: Partial<TrainingOptions> = {}): Promise<Training> {
  return startTraining({ owners: 5, spec: SPEC, policy: { maxAttempts: 1 }, ...options });
}

const refusals = (seat: Seat): string[] =>
  events(seat, "decision").flatMap(({ what, because }) => (what === "refuse" ? [because] : []));
const sentBy = ({ table }: Training, seat: Seat, kind: MessageKind): number =>
  table.sent.filter((message) => message.from === seat.address && message.kind === kind).length;

function rewriting<M extends MarketCall["method"]>(
  method: M,
  change: (call: Extract<MarketCall, { method: M }>) => MarketCall,
) {
  return (_: Address, call: MarketCall): MarketCall =>
    call.method === method ? change(call as Extract<MarketCall, { method: M }>) : call;
}

const flip = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

describe("an analyst that says what does not hold before the input is sent: nothing leaves", () => {
  const lies: readonly (readonly [string, string, (training: Training) => void])[] = [
    [
      "another state than the specification's [OWNER.2]",
      "WRONG_STATE",
      ({ table }) => {
        table.courier = changing("round.announce", (body) => ({
          ...body,
          stateHash: flip(body.stateHash, 3),
        }));
      },
    ],
    [
      "a cohort without this owner [OWNER.2]",
      "WRONG_COHORT",
      ({ table }) => {
        table.courier = changing("round.announce", (body) => ({ ...body, cohort: new Uint8Array(32) }));
      },
    ],
    [
      "other keys than those on chain [OWNER.4] [PHASE.3]",
      "WRONG_KEYS_ROOT",
      ({ table, analyst, owners }) => {
        table.courier = changing("round.adverts", (body) => {
          const cohort = owners.map(({ address }) => address);
          const id = { job: 1n, analyst: analyst.address, round: body.round, attempt: body.attempt };
          const { hash } = initialModel(portsFor(analyst), SPEC, initialWeights(jobSeed(SCOPE, 1n, SPEC)));
          const announced = announcedRound(contextOf(SCOPE, id), SPEC, cohort, hash, PARAMETERS + EXTRAS);
          const adverts = announced && decodeKeyAdverts(announced, body.adverts);
          if (announced === undefined || !Array.isArray(adverts)) throw new TypeError("no adverts");
          return { ...body, adverts: encodeKeyAdverts(announced, adverts.slice(1)) };
        });
      },
    ],
    [
      "an opening of another state [OWNER.4]",
      "WRONG_OPENING",
      ({ table }) => {
        table.rewriteCall = rewriting("openRound", (call) => ({
          ...call,
          stateHash: `0x${"cd".repeat(32)}`,
        }));
      },
    ],
    [
      "an opening without this owner [OWNER.4]",
      "LEFT_OUT",
      ({ table }) => {
        table.rewriteCall = rewriting("openRound", (call) => ({ ...call, cohortBitmap: 0n }));
      },
    ],
    [
      "keys of fewer owners [OWNER.4] [PHASE.3]",
      "MALFORMED",
      ({ table }) => {
        table.courier = changing("round.adverts", (body) => ({
          ...body,
          adverts: body.adverts.slice(0, -10),
        }));
      },
    ],
    [
      "shares sealed for another round [OWNER.4]",
      "MALFORMED",
      ({ table }) => {
        table.courier = changing("round.shares-for", (body) => ({ ...body, sealed: flip(body.sealed, 0) }));
      },
    ],
    [
      "shares that do not open [OWNER.6]",
      "BAD_SEAL",
      ({ table }) => {
        table.courier = changing("round.shares-for", (body) => ({
          ...body,
          sealed: flip(body.sealed, body.sealed.length - 1),
        }));
      },
    ],
  ];

  it.each(lies)("%s", async (_, code, lie) => {
    const training = await start();
    lie(training);
    await training.table.run(() => training.owners.every((seat) => refusals(seat).length > 0), 100_000);
    for (const seat of training.owners) {
      expect(refusals(seat)[0]).toBe(code);
      expect(sentBy(training, seat, "round.masked")).toBe(0);
    }
    expect(calls(training.analyst, "closeRound")).toEqual([]);
  });
});

describe("an analyst that says what does not hold after the input was sent", () => {
  it("two survivor sets for two owners: not enough signatures, nothing is opened [OWNER.6]", async () => {
    const training = await start();
    const { table, owners, analyst } = training;
    const victims = new Set<string>(owners.slice(0, 3).map(({ address }) => address));
    let other: Uint8Array | undefined;
    table.courier = changing("round.survivors", (body, to) => {
      if (!victims.has(to)) return body;
      other = flip(body.survivors, body.survivors.length - 1);
      return { ...body, survivors: other };
    });
    expect(await table.run(() => events(analyst, "aborted").length > 0)).toBe(true);
    expect(other).toBeDefined();
    for (const seat of owners) expect(sentBy(training, seat, "round.unmask")).toBe(0);
  });

  it("no signatures: nothing is opened, though the same survivors are confirmed again and again [OWNER.6]", async () => {
    const training = await start();
    const { table, owners, analyst } = training;
    table.courier = changing("round.confirmations", (body) => ({
      ...body,
      confirmations: body.confirmations.slice(0, 60),
    }));
    expect(await table.run(() => events(analyst, "aborted").length > 0)).toBe(true);
    for (const seat of owners) {
      expect(sentBy(training, seat, "round.unmask")).toBe(0);
      expect(events(seat, "rejected").map(({ message }) => message)).toContain("round.confirmations");
    }
  });

  it("a second attempt without proof that the first stays closed: the input is not sent again [PHASE.8] [OWNER.6]", async () => {
    const training = await start({ policy: { maxAttempts: 3 } });
    const { table, owners, analyst } = training;
    const losing = new Set<string>(owners.slice(0, 3).map(({ address }) => address));
    const strip = changing("round.adverts", (body) => ({ ...body, voids: [] }));
    table.courier = (message) => {
      const isFirst = events(analyst, "aborted").length === 0;
      // Three inputs come to nobody's sight: the analyst may have them all the same.
      if (isFirst && losing.has(message.from) && message.kind === "round.masked") return [];
      return strip(message);
    };
    await table.run(
      () =>
        calls(analyst, "closeRound").length > 0 ||
        events(analyst, "decision").some(({ what }) => what === "end"),
    );
    for (const seat of owners) {
      expect(sentBy(training, seat, "round.masked")).toBeLessThanOrEqual(1);
      expect(refusals(seat)).toContain("NOT_VOID");
    }
    expect(calls(analyst, "closeRound")).toEqual([]);
  });

  it("a void statement by somebody outside the group does not count [PHASE.8]", async () => {
    const training = await start({ policy: { maxAttempts: 2 } });
    const { table, owners, analyst } = training;
    const stranger = toyIdentity(7777);
    const losing = new Set<string>(owners.slice(0, 3).map(({ address }) => address));
    const forge = changing("round.adverts", (body) => ({
      ...body,
      voids: body.voids.map(({ context }) => {
        const digest = voidDigest(portsFor(analyst), bytesToHex(context));
        return { context, signature: stranger.sign(hexToBytes(digest)) };
      }),
    }));
    table.courier = (message) => {
      const isFirst = events(analyst, "aborted").length === 0;
      return isFirst && losing.has(message.from) && message.kind === "round.masked" ? [] : forge(message);
    };
    await table.run(() => events(analyst, "decision").some(({ what }) => what === "end"));
    for (const seat of owners) expect(refusals(seat)).toContain("NOT_VOID");
  });
});

describe("a round on chain that is not what happened [OWNER.9]", () => {
  const bond = 50_000n;

  it.each([
    ["another update hash", "WRONG_UPDATE_HASH", true],
    ["another update hash, and an owner that risks no bond", "WRONG_UPDATE_HASH", false],
  ] as const)("%s", async (_, code, disputes) => {
    const { table, owners, analyst } = await start({ ownerPolicy: { disputes } });
    const victim = owners[2] as Seat;
    const place = [...owners].sort((a, b) => (a.address < b.address ? -1 : 1)).indexOf(victim);
    table.rewriteCall = rewriting("closeRound", (call) => ({
      ...call,
      updateHashes: call.updateHashes.map((hash, index) =>
        index === place && call.round === 1 ? hashOf("another") : hash,
      ),
    }));
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    await table.run(() => calls(victim, "dispute").length > 0, 10_000);
    expect(calls(victim, "dispute")).toEqual(
      disputes ? [{ method: "dispute", job: 1n, round: 1, bond }] : [],
    );
    expect(events(victim, "rejected")).toContainEqual(
      expect.objectContaining({ message: "roundClosed", code }),
    );
    for (const seat of owners.filter((owner) => owner !== victim)) expect(calls(seat, "dispute")).toEqual([]);
  });

  it("left out of the sum that it helped to open", async () => {
    const { table, owners, analyst } = await start();
    const victim = owners[0] as Seat;
    const sorted = [...owners].sort((a, b) => (a.address < b.address ? -1 : 1));
    const place = sorted.indexOf(victim);
    table.rewriteCall = rewriting("closeRound", (call) => ({
      ...call,
      survivorBitmap: call.survivorBitmap & ~(1n << BigInt(place)),
      updateHashes: call.updateHashes.filter((__, index) => index !== place),
    }));
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    expect(await table.run(() => calls(victim, "dispute").length > 0)).toBe(true);
    expect(events(victim, "rejected")[0]).toMatchObject({ code: "LEFT_OUT_OF_SUM" });
  });

  it("the analyst is rated for it", async () => {
    const { table, owners, analyst } = await start();
    table.rewriteCall = rewriting("closeRound", (call) => ({
      ...call,
      updateHashes: call.updateHashes.map(() => `0x${"99".repeat(32)}` as const),
    }));
    await table.run(() => calls(analyst, "deliver").length > 0);
    table.call(CONSUMER, { method: "accept", job: 1n });
    await table.run(() => owners.every((seat) => calls(seat, "rate").length > 0));
    expect(calls(owners[1] as Seat, "rate")[0]).toMatchObject({
      subject: analyst.address,
      positive: 0,
      negative: 2,
    });
  });
});

describe("messages that are nobody's business", () => {
  it("an owner hears only the analyst of the job, in bodies of the right form [OWNER.3] [AGENT.3]", async () => {
    const { table, owners, analyst } = await start({ analysts: 2 });
    const [owner] = owners as [Seat];
    await table.run(() => calls(analyst, "openRound").length > 0);
    const before = owner.outputs.length;
    const say = (from: Address, kind: string, body: Uint8Array): void =>
      table.give(owner, {
        type: "message",
        nowMs: table.clock.wallMs(),
        message: { from, to: owner.address, job: 1n, kind, body },
      });
    const stateHash = new Uint8Array(32);
    say(toyIdentity(501).address, "state.request", encodeBody("state.request", { stateHash }));
    expect(owner.outputs.slice(before)).toEqual([]);
    say(analyst.address, "round.survivors", new Uint8Array([0xc1]));
    say(analyst.address, "round.nonsense", new Uint8Array([0x80]));
    say(analyst.address, "transcript.request", encodeBody("transcript.request", { round: 1 }));
    const codes = owner.outputs
      .slice(before)
      .map((output) => output.type === "record" && "code" in output.event && output.event.code);
    expect(codes).toEqual(["MALFORMED", "UNKNOWN_KIND", "NOT_FOR_OWNERS"]);
  });
});
