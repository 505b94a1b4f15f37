import { RLP } from "@ethereumjs/rlp";
import { bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { encodeRlp as encodeWithEthers } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRlp, encodeRlp, isBytes, type RlpItem } from "../src/rlp.ts";
import { damaged } from "./support/arbitraries.ts";

const string = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.uint8Array({ minLength: 54, maxLength: 58 }),
  fc.uint8Array({ minLength: 254, maxLength: 258 }),
);

/** Items of at most four lists within each other. */
const item: fc.Arbitrary<RlpItem> = fc
  .integer({ min: 0, max: 4 })
  .chain(function nested(depth): fc.Arbitrary<RlpItem> {
    if (depth === 0) return string;
    return fc.array(fc.oneof(string, nested(depth - 1)), { maxLength: 4 });
  });

const plain = (value: RlpItem): unknown => (isBytes(value) ? bytesToHex(value) : value.map(plain));

/** What another implementation decodes, or `undefined` where it refuses. */
function decodeWithEthereumJs(bytes: Uint8Array): RlpItem | undefined {
  try {
    return RLP.decode(bytes) as RlpItem;
  } catch {
    return undefined;
  }
}

describe("RLP", () => {
  it("encodes as ethers and EthereumJS do, and decodes what it encoded", () => {
    fc.assert(
      fc.property(item, (value) => {
        const bytes = encodeRlp(value);
        expect(bytesToHex(bytes)).toBe(encodeWithEthers(plain(value) as string));
        expect(bytes).toEqual(RLP.encode(value as Uint8Array));
        expect(decodeRlp(bytes)).toEqual(value);
      }),
      { numRuns: 300 },
    );
    for (const length of [65_535, 65_536, 16_777_216]) {
      const value = [new Uint8Array(length).fill(0xab)];
      const bytes = encodeRlp(value);
      expect(Buffer.compare(bytes, RLP.encode(value))).toBe(0);
      expect((decodeRlp(bytes) as Uint8Array[])[0]?.length).toBe(length);
    }
  });

  it("accepts an item in exactly one encoding, the same as EthereumJS accepts", () => {
    const wild = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      item.map(encodeRlp).chain((bytes) => damaged(bytes)),
    );
    fc.assert(
      fc.property(wild, (bytes) => {
        const value = decodeRlp(bytes);
        if (value !== undefined) expect(encodeRlp(value)).toEqual(bytes);
        if (bytes.length > 0 && listsWithin(bytes) <= 4) {
          expect(value).toEqual(decodeWithEthereumJs(bytes));
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it.each([
    ["nothing", "0x"],
    ["a byte below 0x80 with a prefix", "0x8105"],
    ["a long prefix for a short string", `0xb837${"11".repeat(55)}`],
    ["a long prefix for a short list", `0xf837${"11".repeat(55)}`],
    ["a length with a leading zero", `0xb90038${"11".repeat(56)}`],
    ["a list's length with a leading zero", `0xf90038${"11".repeat(56)}`],
    ["bytes left over", "0xc10501"],
    ["a string cut short", "0x8311"],
    ["a list cut short", "0xc311"],
    ["a length cut short", "0xb9"],
    ["a length beyond four bytes", "0xbf0000000100000000"],
    ["a length beyond all memory", "0xbbffffffff"],
    ["a string that reaches out of its list", "0xc4c1820102"],
  ])("refuses %s", (_, hex) => {
    expect(decodeRlp(hexToBytes(hex as Hex))).toBeUndefined();
  });

  it("decodes no more than four lists within each other", () => {
    expect(decodeRlp(hexToBytes("0xc3c2c1c0"))).toEqual([[[[]]]]);
    expect(decodeRlp(hexToBytes("0xc4c3c2c1c0"))).toBeUndefined();
  });

  it("refuses a megabyte of nested lists and of empty items, without growing by more than a few", () => {
    const nested = new Uint8Array(1 << 20);
    for (let at = 0; nested.length - at - 4 > 65_535; at += 4) {
      new DataView(nested.buffer).setUint32(at, 0xfa000000 + (nested.length - at - 4));
    }
    const before = process.memoryUsage();
    expect(decodeRlp(nested)).toBeUndefined();
    for (const filler of [0x80, 0xc0, 0x01]) {
      const wide = new Uint8Array(1 << 20).fill(filler);
      new DataView(wide.buffer).setUint32(0, 0xfa000000 + wide.length - 4);
      expect(decodeRlp(wide)).toBeUndefined();
    }
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(150_000_000);
  });

  it("decodes the densest real content: an access list of bare addresses", () => {
    const value = Array.from({ length: 20_000 }, () => [new Uint8Array(20).fill(1), []]);
    expect(decodeRlp(encodeRlp(value))).toHaveLength(20_000);
  });

  it("has no limit on the length of a list", () => {
    const value = Array.from({ length: 300_000 }, () => new Uint8Array(10).fill(7));
    expect(decodeRlp(encodeRlp(value))).toHaveLength(300_000);
  });

  it("copies: what it decoded does not change with its input, nor keep it", () => {
    const source = Buffer.from(encodeRlp([new Uint8Array([1, 2, 3]), new Uint8Array(100)]));
    const [first, second] = decodeRlp(source) as [Uint8Array, Uint8Array];
    source.fill(0xff);
    expect([...first]).toEqual([1, 2, 3]);
    expect(first.constructor).toBe(Uint8Array);
    expect(second.buffer.byteLength).toBe(100);
  });
});

/** Deepest nesting of lists that EthereumJS finds; 0 where it refuses. */
function listsWithin(bytes: Uint8Array): number {
  const depth = (value: RlpItem): number => (isBytes(value) ? 0 : 1 + Math.max(0, ...value.map(depth)));
  const value = decodeWithEthereumJs(bytes);
  return value === undefined ? 0 : depth(value);
}
