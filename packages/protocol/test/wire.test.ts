import { bytesToHex, concatBytes } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createFrameReader,
  decodeWireMessage,
  encodeFrame,
  encodeWireMessage,
  type FrameReader,
  type WireMessage,
} from "../src/index.ts";
import { encodeRlp } from "../src/rlp.ts";
import { bytesOf, damaged, hexOf } from "./support/arbitraries.ts";

/** Pushes `stream` in chunks of the given sizes, the last of which repeats. */
function readAll(
  reader: FrameReader,
  stream: Uint8Array,
  sizes: readonly number[],
): Uint8Array[] | "oversized" {
  const bodies: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[Math.min(turn, sizes.length - 1)] as number;
    const outcome = reader.push(stream.subarray(at, at + size));
    if (outcome === "oversized") return outcome;
    bodies.push(...outcome);
    at += size;
  }
  return bodies;
}

const prefixOf = (length: number): Uint8Array =>
  encodeFrame(new Uint8Array(0)).map((_, i) => (length >>> (24 - 8 * i)) & 255);

describe("frames [WIRE.2]", () => {
  it("come out whole and in order, however the stream is cut", () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(bodies, sizes, (sent, chunks) => {
        const stream = concatBytes(...sent.map(encodeFrame));
        for (const cut of [chunks, [1], [stream.length + 1]]) {
          expect(readAll(createFrameReader(300), stream, cut)).toEqual(sent);
        }
      }),
    );
  });

  it("are held back until their last byte", () => {
    const reader = createFrameReader(100);
    const frame = encodeFrame(new Uint8Array([1, 2, 3]));
    expect(reader.push(new Uint8Array(0))).toEqual([]);
    expect(reader.push(frame.subarray(0, 3))).toEqual([]);
    expect(reader.push(frame.subarray(3, 6))).toEqual([]);
    expect(reader.push(frame.subarray(6))).toEqual([new Uint8Array([1, 2, 3])]);
  });

  it("of the greatest size pass; one byte more, or nothing, ends the connection for good", () => {
    expect(createFrameReader(8).push(encodeFrame(new Uint8Array(8)))).toEqual([new Uint8Array(8)]);
    for (const length of [9, 0, 2 ** 31, 2 ** 32 - 1]) {
      for (const cut of [[1], [4], [100]]) {
        const reader = createFrameReader(8);
        const good = encodeFrame(new Uint8Array([1]));
        expect(readAll(reader, concatBytes(good, prefixOf(length)), cut)).toBe("oversized");
        expect(reader.push(good)).toBe("oversized");
      }
    }
  });

  it("are copies: the stream's chunks may be used again", () => {
    const reader = createFrameReader(100);
    const chunk = encodeFrame(new Uint8Array([1, 2, 3]));
    const [body] = reader.push(chunk) as Uint8Array[];
    chunk.fill(0);
    expect(body).toEqual(new Uint8Array([1, 2, 3]));
  });

  it("of megabytes arrive in work linear in their size: in chunks of 16 KB and byte by byte", () => {
    const large = new Uint8Array(10 * 1024 * 1024).map((_, i) => i * 7);
    const stream = encodeFrame(large);
    const [body] = readAll(createFrameReader(large.length), stream, [16_384]) as Uint8Array[];
    expect(Buffer.compare(body as Uint8Array, large)).toBe(0);
    expect(body?.buffer.byteLength).toBe(large.length);
    const small = large.subarray(0, 400_000);
    const [slow] = readAll(createFrameReader(large.length), encodeFrame(small), [1]) as Uint8Array[];
    expect(Buffer.compare(slow as Uint8Array, small)).toBe(0);
  });

  it("that announce much and send little hold little", () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 100 }, () => createFrameReader(64 * 1024 * 1024));
    for (const reader of readers) reader.push(concatBytes(prefixOf(64 * 1024 * 1024), new Uint8Array(100)));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    expect(readers[0]?.push(new Uint8Array(1))).toEqual([]);
  });
});

const count = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const anyBytes = fc.uint8Array({ maxLength: 100 });
const message: fc.Arbitrary<WireMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("status" as const),
    version: count,
    genesisHash: hexOf(32),
    height: count,
  }),
  fc.record({ kind: fc.constant("transactions" as const), transactions: fc.array(anyBytes) }),
  fc.record({ kind: fc.constant("consensus" as const), payload: anyBytes }),
  fc.record({ kind: fc.constant("get-blocks" as const), from: count, count }),
  fc.record({
    kind: fc.constant("blocks" as const),
    blocks: fc.array(fc.record({ block: anyBytes, certificate: anyBytes })),
  }),
);

describe("messages [WIRE.3]", () => {
  it("round trip as one byte of kind and RLP", () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(decodeWireMessage(encodeWireMessage(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it("are written as the specification has them", () => {
    const genesisHash = `0x${"ab".repeat(32)}` as const;
    const hex = (value: WireMessage): string => bytesToHex(encodeWireMessage(value));
    expect(hex({ kind: "status", version: 1, genesisHash, height: 300 })).toBe(
      `0x00e501a0${"ab".repeat(32)}82012c`,
    );
    expect(hex({ kind: "transactions", transactions: [new Uint8Array([1, 2])] })).toBe("0x01c3820102");
    expect(hex({ kind: "consensus", payload: new Uint8Array([7]) })).toBe("0x0207");
    expect(hex({ kind: "get-blocks", from: 5, count: 0 })).toBe("0x03c20580");
    const block = { block: new Uint8Array([9]), certificate: new Uint8Array(0) };
    expect(hex({ kind: "blocks", blocks: [block] })).toBe("0x04c3c20980");
  });
});

describe("what is no message is told by a value, never an exception [WIRE.4]", () => {
  it("for any bytes; and whatever decodes encodes to the same bytes", () => {
    const wild = fc.oneof(
      fc.tuple(fc.nat(6), anyBytes).map(([kind, body]) => Uint8Array.from([kind, ...body])),
      message.map(encodeWireMessage).chain((bytes) => damaged(bytes)),
    );
    fc.assert(
      fc.property(wild, (bytes) => {
        const decoded = decodeWireMessage(bytes);
        if (decoded !== undefined) expect(encodeWireMessage(decoded)).toEqual(bytes);
      }),
      { numRuns: 3_000 },
    );
  });

  const hash = new Uint8Array(32).fill(1);
  const one = new Uint8Array([1]);
  const zero = new Uint8Array(0);
  it.each([
    ["nothing at all", undefined, zero],
    ["a kind beyond the last", 5, encodeRlp([])],
    ["kind 255", 255, encodeRlp([])],
    ["no body", 0, zero],
    ["bytes for a list", 1, encodeRlp(hash)],
    ["a status without height", 0, encodeRlp([one, hash])],
    ["a status with more", 0, encodeRlp([one, hash, one, one])],
    ["a status with a short hash", 0, encodeRlp([one, hash.subarray(1), one])],
    ["a status with a list for its hash", 0, encodeRlp([one, [hash], one])],
    ["a version with a leading zero", 0, encodeRlp([new Uint8Array([0, 1]), hash, one])],
    ["a height of 7 bytes", 0, encodeRlp([one, hash, new Uint8Array(7).fill(1)])],
    ["a height that is a list", 0, encodeRlp([one, hash, []])],
    ["a transaction that is a list", 1, encodeRlp([hash, [hash]])],
    ["a request without count", 3, encodeRlp([one])],
    ["a request with more", 3, encodeRlp([one, one, one])],
    ["a block that is bytes", 4, encodeRlp([hash])],
    ["a block without certificate", 4, encodeRlp([[hash]])],
    ["a block with more", 4, encodeRlp([[hash, hash, hash]])],
    ["a certificate that is a list", 4, encodeRlp([[hash, []]])],
    ["bytes left over", 3, concatBytes(encodeRlp([one, one]), one)],
  ])("for %s", (_, kind, body) => {
    const start = kind === undefined ? zero : new Uint8Array([kind]);
    expect(decodeWireMessage(concatBytes(start, body))).toBeUndefined();
  });

  it("for megabytes of nested lists, in every kind", () => {
    const nested = new Uint8Array(4 << 20).fill(0xc1);
    for (let at = 1; nested.length - at - 4 > 65_535; at += 4) {
      new DataView(nested.buffer).setUint32(at, 0xfa000000 + (nested.length - at - 4));
    }
    for (const kind of [0, 1, 3, 4]) {
      nested[0] = kind;
      expect(decodeWireMessage(nested)).toBeUndefined();
    }
  });

  it("but any bytes are a consensus message: its own decoder judges them", () => {
    fc.assert(
      fc.property(bytesOf(20), (payload) => {
        expect(decodeWireMessage(concatBytes(new Uint8Array([2]), payload))).toEqual({
          kind: "consensus",
          payload,
        });
      }),
    );
  });
});
