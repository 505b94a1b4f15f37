import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asBuffer,
  bigintToBytes,
  bytesEqual,
  bytesToBigint,
  bytesToHex,
  compareBytes,
  concatBytes,
  hexToBytes,
  parseHex,
  utf8,
} from "../src/index.ts";

const anyBytes = fc.uint8Array({ maxLength: 80 });

describe("bytes", () => {
  it("round trips hex, with and without prefix and in either case", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const hex = bytesToHex(bytes);
        expect(hex).toMatch(/^0x([0-9a-f]{2})*$/);
        expect(hexToBytes(hex)).toEqual(bytes);
        for (const form of [hex, hex.slice(2), hex.toUpperCase()]) expect(parseHex(form)).toEqual(bytes);
      }),
    );
  });

  it("refuses what is not hex of whole bytes", () => {
    for (const text of ["0x0", "abc", "0xzz", "0x0x12", " 00", "00\n", "0x1g", "é0"]) {
      expect(parseHex(text)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseHex(text);
        if (parsed !== undefined)
          expect(bytesToHex(parsed)).toBe(`0x${text.replace(/^0x/i, "").toLowerCase()}`);
      }),
    );
  });

  it("reads only its own part of a shared buffer", () => {
    const shared = new Uint8Array([9, 9, 1, 2, 3, 9]);
    const view = shared.subarray(2, 5);
    expect(bytesToHex(view)).toBe("0x010203");
    expect(bytesToBigint(view)).toBe(0x010203n);
    expect(asBuffer(view)).toHaveLength(3);
    asBuffer(view)[0] = 7;
    expect(shared[2]).toBe(7);
  });

  it("round trips integers in as few bytes as they need", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (value) => {
        const bytes = bigintToBytes(value);
        expect(bytesToBigint(bytes)).toBe(value);
        expect(bytes[0]).not.toBe(0);
        expect(bytes).toHaveLength(Math.ceil(value === 0n ? 0 : value.toString(16).length / 2));
      }),
    );
    expect(bytesToBigint(new Uint8Array([0, 0, 5]))).toBe(5n);
  });

  it("concatenates, compares and orders as arrays of numbers do", () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { maxLength: 6 }), (parts) => {
        expect([...concatBytes(...parts)]).toEqual(parts.flatMap((part) => [...part]));
      }),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4, max: 3 }),
        fc.uint8Array({ maxLength: 4, max: 3 }),
        (a, b) => {
          const [textA, textB] = [bytesToHex(a), bytesToHex(b)];
          expect(bytesEqual(a, b)).toBe(textA === textB);
          expect(Math.sign(compareBytes(a, b))).toBe(textA < textB ? -1 : textA > textB ? 1 : 0);
        },
      ),
    );
  });

  it("writes text as UTF-8", () => {
    expect(bytesToHex(utf8("é€"))).toBe("0xc3a9e282ac");
  });
});
