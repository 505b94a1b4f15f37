import { describe, expect, it } from "vitest";
import type { MessageBody, MessageKind } from "../../../src/agents/messages/bodies.ts";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import { floatsToBytes } from "../../../src/agents/round/float-bytes.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { rewriteInput } from "../../simulation/sign-input.ts";
import { PARAMETERS } from "../../simulation/tiny-model.ts";
import { aggregationErrors } from "../support/audit.ts";
import { calls, events, SCOPE, type Seat } from "../support/table.ts";
import { CONSUMER, startTraining, type Training } from "../support/training.ts";

const base = tinySpec("secagg").training;

/** The seat's messages of a kind are changed on their way. */
function spoil<K extends MessageKind>(
  { table }: Training,
  seat: Seat,
  kind: K,
  change: (body: MessageBody<K>) => MessageBody<K>,
): void {
  table.courier = (message) => {
    if (message.from !== seat.address || message.kind !== kind) return [message];
    const decoded = decodeBody(kind, message.body);
    return "body" in decoded
      ? [{ ...message, body: encodeBody(kind, change(decoded.body as MessageBody<K>)) }]
      : [];
  };
}

type Update = MessageBody<"round.update">;
const withValue = (body: Update, value: number): Update => {
  const values = new Float32Array(PARAMETERS).fill(value);
  return { ...body, values: floatsToBytes(values) };
};
const central = { clip: 1, noiseMultiplier: 1, delta: 1e-5, epsilonBudget: 100, noise: "central" } as const;

describe("updates in the open [AGENT.4] [PHASE.13]", () => {
  const cases: readonly (readonly [string, string, "none" | "dp", (body: Update) => Update])[] = [
    ["NaN", "MALFORMED_UPDATE", "none", (body) => withValue(body, Number.NaN)],
    ["an infinity", "MALFORMED_UPDATE", "none", (body) => withValue(body, Number.POSITIVE_INFINITY)],
    ["a number too few", "MALFORMED_UPDATE", "none", (body) => ({ ...body, values: body.values.slice(4) })],
    ["half a number", "MALFORMED_UPDATE", "none", (body) => ({ ...body, values: body.values.slice(2) })],
    ["nothing", "MALFORMED_UPDATE", "none", (body) => ({ ...body, values: new Uint8Array(0) })],
    ["more weight than allowed", "BAD_WEIGHT", "none", (body) => ({ ...body, weight: 65 })],
    ["no loss", "BAD_LOSS", "none", (body) => ({ ...body, loss: null })],
    ["an update that is not clipped", "NOT_CLIPPED", "dp", (body) => withValue(body, 1)],
    ["a loss that should stay at home", "BAD_LOSS", "dp", (body) => ({ ...body, loss: 1 })],
    [
      "another's signature",
      "BAD_SIGNATURE",
      "none",
      (body) => ({ ...body, signature: body.signature.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) }),
    ],
    ["an update that is not the one it signed", "BAD_SIGNATURE", "none", (body) => withValue(body, 0.1)],
    ["a weight in a mode where all weigh alike", "BAD_WEIGHT", "dp", (body) => ({ ...body, weight: 2 })],
  ];
  it.each(cases)(
    "%s: refused, held against the sender, and the others go on",
    async (_, code, mode, change) => {
      const privacy = mode === "dp" ? { mode, dp: central } : { mode };
      const spec = tinySpec("none", { privacy, training: { ...base, rounds: 4 } });
      const training = await startTraining({ owners: 5, spec });
      const { table, owners, analyst } = training;
      const [culprit] = owners as [Seat];
      spoil(training, culprit, "round.update", change);
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      const rounds = events(analyst, "round");
      expect(rounds.length).toBe(4);
      for (const { survivors } of rounds) {
        expect(survivors.length).toBe(4);
        expect(survivors).not.toContain(culprit.address);
      }
      // After the third time it is not asked any more [ANALYST.3].
      const refused = events(analyst, "rejected");
      expect(refused.map((event) => event.code)).toEqual([code, code, code]);
      expect(rounds[3]?.cohort).not.toContain(culprit.address);
      for (const error of aggregationErrors(training)) expect(error).toBeLessThan(1e-5);
      expect(calls(analyst, "deliver")[0]?.weights.filter((weight) => weight === 0n).length).toBe(1);
      table.call(CONSUMER, { method: "accept", job: 1n });
      await table.run(() => calls(analyst, "rate").length === 5);
      const rated = calls(analyst, "rate").find(({ subject }) => subject === culprit.address);
      expect(rated).toMatchObject({ positive: 0, negative: 3 });
    },
  );
});

describe("masked messages [AGENT.4]", () => {
  const spec = tinySpec("secagg", {
    privacy: { mode: "secagg", secagg: { threshold: 0.6, bits: 16, clip: 2 } },
  });
  const cut = (bytes: Uint8Array): Uint8Array => bytes.slice(0, -4);
  const flip = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
  const cases: readonly (readonly [string, string, (training: Training, seat: Seat) => void])[] = [
    [
      "keys",
      "BAD_SIGNATURE",
      (t, seat) => spoil(t, seat, "round.keys", (body) => ({ ...body, advert: cut(body.advert) })),
    ],
    [
      "keys signed by nobody",
      "BAD_SIGNATURE",
      (t, seat) => spoil(t, seat, "round.keys", (body) => ({ ...body, advert: flip(body.advert) })),
    ],
    [
      "shares",
      "MALFORMED",
      (t, seat) => spoil(t, seat, "round.shares", (body) => ({ ...body, sealed: cut(body.sealed) })),
    ],
    [
      "words",
      "WRONG_DIMENSION",
      (t, seat) => spoil(t, seat, "round.masked", (body) => ({ ...body, words: cut(body.words) })),
    ],
    [
      "words it did not sign",
      "BAD_SIGNATURE",
      (t, seat) => spoil(t, seat, "round.masked", (body) => ({ ...body, words: flip(body.words) })),
    ],
    [
      "a confirmation",
      "BAD_SIGNATURE",
      (t, seat) => spoil(t, seat, "round.confirm", (body) => ({ ...body, signature: flip(body.signature) })),
    ],
    [
      "unmask shares",
      "MALFORMED",
      (t, seat) => spoil(t, seat, "round.unmask", (body) => ({ ...body, shares: cut(body.shares) })),
    ],
  ];
  it.each(cases)(
    "%s that cannot be read: refused and held against the sender; the round closes",
    async (_, code, spoiled) => {
      const training = await startTraining({ owners: 5, spec });
      const { table, owners, analyst } = training;
      spoiled(training, owners[0] as Seat);
      expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
      expect(events(analyst, "rejected").map((event) => event.code)).toContain(code);
      expect(events(analyst, "round").length).toBe(2);
      for (const error of aggregationErrors(training)) expect(error).toBeLessThan(5 * (2 / 32_767) + 1e-5);
    },
  );

  it("a group whose weights cannot be its members' is left out, and nobody is blamed alone [PHASE.9]", async () => {
    const grouped = tinySpec("secagg", {
      privacy: { mode: "secagg", secagg: { groupSize: 3, threshold: 0.6 } },
      training: { ...base, rounds: 1 },
    });
    const training = await startTraining({ owners: 6, spec: grouped });
    const { table, owners, analyst } = training;
    const [culprit] = owners as [Seat];
    // Adding to a masked word adds to the sum: here a million to the weight.
    const heavier = (body: MessageBody<"round.masked">) => {
      const words = body.words.slice();
      const view = new DataView(words.buffer);
      const at = words.length - 12;
      view.setUint32(at, (view.getUint32(at, true) + 1_000_000) >>> 0, true);
      return { ...body, words };
    };
    const place = { scope: SCOPE, analyst: analyst.address };
    table.courier = (message) => {
      if (message.from !== culprit.address) return [message];
      return [{ ...message, body: rewriteInput(culprit.identity, place, message, { masked: heavier }) }];
    };
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const [round] = events(analyst, "round");
    expect(round?.groups.length).toBe(1);
    expect(round?.survivors.length).toBe(3);
    expect(round?.survivors).not.toContain(culprit.address);
    table.call(CONSUMER, { method: "accept", job: 1n });
    await table.run(() => calls(analyst, "rate").length === 6);
    const left = calls(analyst, "rate").filter(({ subject }) => !round?.survivors.includes(subject));
    for (const rating of left) expect(rating).toMatchObject({ positive: 0, negative: 0 });
    expect(left.every(({ uncertain }) => uncertain > 0)).toBe(true);
  });
});
