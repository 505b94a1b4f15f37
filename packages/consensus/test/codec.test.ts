import { RLP } from "@ethereumjs/rlp";
import { bytesToHex, type Hex } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Message,
  messageToBytes,
  type Prepared,
  parseMessage,
  parseRecord,
  recordToBytes,
  type VoteRecord,
} from "../src/index.ts";
import { readRlp } from "../src/rlp-reader.ts";
import { MESSAGE_CODES, type Statement, statementDigest } from "../src/signing.ts";
import { CHAIN } from "./steps/desk.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const signature = bytes(65);
const signatures = fc.array(signature, { maxLength: 8 });
const digest: fc.Arbitrary<Hex> = bytes(32).map(bytesToHex);
const value = fc.record({ digest, payload: fc.uint8Array({ maxLength: 300 }) });
const number = fc.oneof(fc.nat(300), fc.nat(Number.MAX_SAFE_INTEGER), fc.constant(Number.MAX_SAFE_INTEGER));
const prepared: fc.Arbitrary<Prepared> = fc.record({ round: number, value, signatures });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const claim = fc.record({ prepared: maybe(fc.record({ round: number, digest })), signature });
const justification = fc.record({
  roundChanges: fc.array(claim, { maxLength: 8 }),
  certificate: maybe(fc.record({ round: number, digest, signatures })),
});
const slot = { height: number, round: number, signature };
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant("pre-prepare" as const),
    ...slot,
    value,
    justification: maybe(justification),
  }),
  fc.record({ type: fc.constant("prepare" as const), ...slot, digest }),
  fc.record({ type: fc.constant("commit" as const), ...slot, digest }),
  fc.record({ type: fc.constant("round-change" as const), ...slot, prepared: maybe(prepared) }),
);
const record: fc.Arbitrary<VoteRecord> = fc.record({
  height: number,
  round: number,
  accepted: maybe(digest),
  prepared: maybe(prepared),
});

describe("messages and records", () => {
  it("survive encoding [CODEC.1]", () => {
    fc.assert(
      fc.property(message, (each) => {
        expect(parseMessage(messageToBytes(each))).toEqual(each);
      }),
    );
    fc.assert(
      fc.property(record, (each) => {
        expect(parseRecord(recordToBytes(each))).toEqual(each);
      }),
    );
  });

  it("are RLP as a library writes and reads it [CODEC.1]", () => {
    const code = MESSAGE_CODES.prepare;
    const vote: Message = {
      type: "prepare",
      height: 300,
      round: 0,
      digest: bytesToHex(CHAIN),
      signature: new Uint8Array(65).fill(7),
    };
    expect(messageToBytes(vote)).toEqual(RLP.encode([code, 300, 0, CHAIN, vote.signature]));
    fc.assert(
      fc.property(message, (each) => {
        const whole = messageToBytes(each);
        expect(readRlp(whole)).toEqual(RLP.decode(whole));
      }),
    );
  });

  it("have no second encoding: whatever is accepted is what would be written [CODEC.4]", () => {
    const flip = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(message, fc.array(flip, { maxLength: 3 }), (each, flips) => {
        const mutated = messageToBytes(each);
        for (const [at, by] of flips) {
          const index = at % Math.min(mutated.length, 12);
          mutated[index] = (mutated[index] as number) ^ by;
        }
        const parsed = parseMessage(mutated);
        if (parsed !== undefined) expect(messageToBytes(parsed)).toEqual(mutated);
      }),
      { numRuns: 2000 },
    );
  });

  it("are refused when cut short or followed by anything [CODEC.4]", () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }), (each, cut, tail) => {
        const whole = messageToBytes(each);
        expect(parseMessage(whole.subarray(0, cut % whole.length))).toBeUndefined();
        expect(parseMessage(Uint8Array.of(...whole, ...tail))).toBeUndefined();
      }),
    );
  });

  it("never make the decoder throw, whatever arrives [CODEC.4]", () => {
    const rlp = fc.letrec<{ item: unknown; list: unknown }>((tie) => ({
      item: fc.oneof({ maxDepth: 6 }, fc.uint8Array({ maxLength: 80 }), tie("list")),
      list: fc.array(tie("item"), { maxLength: 7 }),
    })).list as fc.Arbitrary<Parameters<typeof RLP.encode>[0]>;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          rlp.map((each) => RLP.encode(each)),
        ),
        (each) => {
          const parsed = parseMessage(each);
          if (parsed !== undefined) expect(messageToBytes(parsed)).toEqual(each);
          parseRecord(each);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("are refused when nested deeper or of more items than any message is [CODEC.4]", () => {
    let deep: Uint8Array = RLP.encode([]);
    for (let depth = 0; depth < 1000; depth++) deep = RLP.encode([deep]);
    const wide = RLP.encode(Array.from({ length: 10_000 }, () => Uint8Array.of(1)));
    expect(readRlp(new Uint8Array(100_000).fill(0xc1))).toBeUndefined();
    expect([deep, wide].map(parseMessage)).toEqual([undefined, undefined]);
    expect(readRlp(wide)).toBeUndefined();
  });
});

describe("what is signed", () => {
  it("differs for any two statements and any two chains [CODEC.2] [CODEC.3]", () => {
    const statement: fc.Arbitrary<Statement> = fc.record({
      type: fc.constantFrom("pre-prepare", "prepare", "commit", "round-change"),
      height: number,
      round: number,
      digest: maybe(digest),
      preparedRound: maybe(fc.nat(2 ** 50)),
    });
    const ports = { hash: (each: Uint8Array) => each };
    const zeros = `0x${"00".repeat(32)}`;
    const meaning = (each: Statement): string => JSON.stringify({ ...each, digest: each.digest ?? zeros });
    fc.assert(
      fc.property(statement, statement, (a, b) => {
        const equal =
          bytesToHex(statementDigest(a, CHAIN, ports)) === bytesToHex(statementDigest(b, CHAIN, ports));
        expect(equal).toBe(meaning(a) === meaning(b));
        const elsewhere = statementDigest(a, CHAIN.toReversed().fill(9, 0, 1), ports);
        expect(elsewhere).not.toEqual(statementDigest(a, CHAIN, ports));
      }),
    );
  });
});
