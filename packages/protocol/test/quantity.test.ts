import { bytesToHex } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress, parseData, parseQuantity, toQuantity } from "../src/index.ts";

const NOT_TEXT = [undefined, null, 7, 7n, true, {}, ["0x1"]];

describe("QUANTITY", () => {
  it("round trips, without leading zeros", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (value) => {
        expect(toQuantity(value)).toMatch(/^0x(0|[1-9a-f][0-9a-f]*)$/);
        expect(parseQuantity(toQuantity(value))).toBe(value);
      }),
    );
    expect([toQuantity(0), toQuantity(255), toQuantity(2 ** 53 - 1)]).toEqual([
      "0x0",
      "0xff",
      "0x1fffffffffffff",
    ]);
  });

  it("is read with leading zeros and in capitals, as clients send it", () => {
    expect([parseQuantity("0x00ff"), parseQuantity("0xFF"), parseQuantity("0x0")]).toEqual([255n, 255n, 0n]);
  });

  it.each([
    "",
    "0x",
    "ff",
    "255",
    "-0x1",
    "0x-1",
    "0x1.5",
    "0xg",
    " 0x1",
    "0x1\n",
    "0X1",
    `0x1${"0".repeat(64)}`,
  ])("is not %j", (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it("is nothing but text", () => {
    for (const value of NOT_TEXT) {
      expect([parseQuantity(value), parseData(value), parseAddress(value)]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });
});

describe("DATA", () => {
  it("round trips, of any length or of the one asked for", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(parseData(bytesToHex(bytes))).toEqual(bytes);
        expect(parseData(bytesToHex(bytes), bytes.length)).toEqual(bytes);
        expect(parseData(bytesToHex(bytes), bytes.length + 1)).toBeUndefined();
      }),
    );
  });

  it.each(["", "00", "0x0", "0xzz", "0X00", "0x 0", "0x00\n"])("is not %j", (text) => {
    expect(parseData(text)).toBeUndefined();
  });
});

describe("an address", () => {
  it("is 20 bytes in either case, and is given in lower case", () => {
    expect(parseAddress(`0x${"aB".repeat(20)}`)).toBe(`0x${"ab".repeat(20)}`);
    for (const text of [
      "0x",
      `0x${"a".repeat(39)}`,
      `0x${"a".repeat(41)}`,
      "a".repeat(42),
      `0x${"g".repeat(40)}`,
    ]) {
      expect(parseAddress(text)).toBeUndefined();
    }
  });
});
