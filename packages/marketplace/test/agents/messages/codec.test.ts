import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodySchemas, type MessageBody, type MessageKind } from "../../../src/agents/messages/bodies.ts";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";

const bytes = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);
const tag = { round: 3, attempt: 2 };
const voids = [{ context: bytes(32), signature: bytes(65) }];

const samples: { readonly [K in MessageKind]: MessageBody<K> } = {
  "round.announce": { ...tag, cohort: bytes(32), stateHash: bytes(32), state: bytes(400) },
  "round.keys": { ...tag, advert: bytes(190), voids },
  "round.refuse": { ...tag, code: "NOT_VOID", about: 4 },
  "round.adverts": { ...tag, adverts: bytes(900), voids },
  "round.shares": { ...tag, sealed: bytes(500) },
  "round.shares-for": { ...tag, sealed: bytes(500) },
  "round.masked": { ...tag, words: bytes(4000), signature: bytes(65) },
  "round.update": { ...tag, values: bytes(4000), weight: 20, loss: 0.5, signature: bytes(65) },
  "round.encrypted": { ...tag, ciphertexts: bytes(512), signature: bytes(65) },
  "round.survivors": { ...tag, survivors: bytes(40) },
  "round.confirm": { ...tag, signature: bytes(100) },
  "round.confirmations": { ...tag, confirmations: bytes(600) },
  "round.unmask": { ...tag, shares: bytes(300) },
  "round.decrypt": {
    ...tag,
    ciphertexts: bytes(512),
    count: 18,
    commitments: [{ owner: 1, updateHash: bytes(32), signature: bytes(65) }],
  },
  "round.decrypted": { ...tag, values: bytes(72), signature: bytes(65) },
  "round.result": { ...tag, state: bytes(400) },
  "state.request": { stateHash: bytes(32) },
  "state.answer": { state: bytes(400) },
  "model.request": {},
  "model.deliver": { state: bytes(400) },
  "transcript.request": { round: 3 },
  "transcript.answer": { round: 3, transcript: bytes(1000) },
};
const kinds = Object.keys(bodySchemas) as MessageKind[];

describe("bodies of messages [AGENT.3]", () => {
  it.each(kinds)("%s: what is encoded is decoded", (kind) => {
    const decoded = decodeBody(kind, encodeBody(kind, samples[kind]));
    expect(decoded).toEqual({ kind, body: samples[kind] });
  });

  it.each(kinds)("%s: nothing missing, nothing more, nothing after it", (kind) => {
    const body: Record<string, unknown> = { ...samples[kind] };
    expect(decodeBody(kind, encode({ ...body, extra: 1 }))).toEqual({ rejected: "MALFORMED" });
    expect(decodeBody(kind, new Uint8Array([...encode(body), 0]))).toEqual({ rejected: "MALFORMED" });
    const optional = new Set(["state", "about"]);
    for (const field of Object.keys(body)) {
      if (kind.startsWith("round.") && optional.has(field) && kind !== "round.result") continue;
      const { [field]: _, ...rest } = body;
      expect(decodeBody(kind, encode(rest)), field).toEqual({ rejected: "MALFORMED" });
      expect(decodeBody(kind, encode({ ...body, [field]: "text" })), field).toEqual({
        rejected: "MALFORMED",
      });
      expect(decodeBody(kind, encode({ ...body, [field]: -1 })), field).toEqual({ rejected: "MALFORMED" });
    }
  });

  it.each([
    ["round.announce", { ...samples["round.announce"], stateHash: bytes(31) }],
    ["round.keys", { ...samples["round.keys"], advert: bytes(1025) }],
    ["round.keys", { ...samples["round.keys"], voids: Array.from({ length: 17 }, () => voids[0]) }],
    ["round.refuse", { ...tag, code: "lower case" }],
    ["round.update", { ...samples["round.update"], weight: 0 }],
    ["round.update", { ...samples["round.update"], weight: 1.5 }],
    ["round.update", { ...samples["round.update"], loss: Number.NaN }],
    ["round.update", { ...samples["round.update"], loss: Number.POSITIVE_INFINITY }],
    ["round.update", { ...samples["round.update"], signature: bytes(64) }],
    ["round.masked", { ...samples["round.masked"], signature: bytes(66) }],
    ["round.masked", { ...samples["round.masked"], round: 0 }],
    ["round.masked", { ...samples["round.masked"], attempt: 2 ** 32 }],
  ] as const)("%s out of bounds", (kind, body) => {
    expect(decodeBody(kind, encode(body))).toEqual({ rejected: "MALFORMED" });
  });

  it("unknown kinds, also those that every object has", () => {
    for (const kind of ["", "round.unknown", "toString", "__proto__", "constructor"]) {
      expect(decodeBody(kind, encode({}))).toEqual({ rejected: "UNKNOWN_KIND" });
    }
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 200 }), (kind, noise) => {
        const decoded = decodeBody(kind, noise);
        return "rejected" in decoded || decoded.kind === kind;
      }),
      { numRuns: 500 },
    );
  });
});
