import { bytesToHex, concatBytes, type Hex, hexToBytes } from "@sheaf/base";
import { encodeRlp, type RlpStructuredData } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTransaction, signTransaction, type Transaction } from "../src/index.ts";
import { damaged, privateKey, transactionFields } from "./support/arbitraries.ts";

type Items = RlpStructuredData[];

const FF = (bytes: number): Hex => `0x${"ff".repeat(bytes)}`;
const ADDRESS = `0x${"aa".repeat(20)}`;
const R = `0x${"11".repeat(32)}`;
const HALF_ORDER = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
const HALF_ORDER_PLUS_1 = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1";

/** Fields of a good transaction of each type, in the order of their encoding. */
const GOOD = {
  legacy: {
    nonce: "0x05",
    price: "0x0a",
    gas: "0x5208",
    to: ADDRESS,
    value: "0x",
    data: "0x1234",
    v: "0x25",
    r: R,
    s: HALF_ORDER,
  },
  typed: {
    chainId: "0x07",
    nonce: "0x05",
    tip: "0x01",
    cap: "0x0a",
    gas: "0x5208",
    to: ADDRESS,
    value: "0x",
    data: "0x1234",
    accessList: [[ADDRESS, [R]]],
    parity: "0x01",
    r: R,
    s: HALF_ORDER,
  },
} as const;

type Changes = Readonly<Record<string, unknown>>;

const rlp = (items: unknown): Uint8Array => hexToBytes(encodeRlp(items as Items) as Hex);
const legacy = (changes: Changes = {}): Uint8Array => rlp(Object.values({ ...GOOD.legacy, ...changes }));
const feeMarket = (changes: Changes = {}): Uint8Array =>
  concatBytes(new Uint8Array([2]), rlp(Object.values({ ...GOOD.typed, ...changes })));
const withAccessList = (changes: Changes = {}): Uint8Array => {
  const { cap, ...fields } = { ...GOOD.typed, ...changes };
  return concatBytes(new Uint8Array([1]), rlp(Object.values(fields)));
};

function faultOf(raw: Uint8Array): string | undefined {
  const outcome = decodeTransaction(raw);
  return "fault" in outcome ? outcome.fault : undefined;
}

describe("faults of a transaction", () => {
  it("are none in the good ones that the others are made from", () => {
    expect([legacy(), withAccessList(), feeMarket()].map(faultOf)).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ["empty", [], "empty"],
    ["type 0 as a byte", [0], "unsupported-type"],
    ["a blob transaction", [3, 0xc0], "unsupported-type"],
    ["the last type", [0x7f], "unsupported-type"],
    ["an RLP string", [0x80], "unsupported-type"],
    ["a long RLP string", [0xbf], "unsupported-type"],
    ["a type and nothing", [2], "malformed"],
    ["an empty list", [0xc0], "malformed"],
    ["a type and a string", [1, 0x80], "malformed"],
  ])("%s", (_, bytes, fault) => {
    expect(faultOf(Uint8Array.from(bytes))).toBe(fault);
  });

  it.each<[string, Changes, string]>([
    ["a field more", { more: "0x" }, "malformed"],
    ["a list for a number", { nonce: [] }, "malformed"],
    ["a list for the recipient", { to: [] }, "malformed"],
    ["a list for the data", { data: ["0x01"] }, "malformed"],
    ["zero written as a byte", { value: "0x00" }, "malformed"],
    ["a leading zero", { nonce: "0x0001" }, "malformed"],
    ["a leading zero in r", { r: `0x00${"11".repeat(31)}` }, "malformed"],
    ["a leading zero in s", { s: `0x00${"11".repeat(31)}` }, "malformed"],
    ["a recipient of 19 bytes", { to: FF(19) }, "malformed"],
    ["a recipient of 21 bytes", { to: FF(21) }, "malformed"],
    ["a nonce of 2^64", { nonce: `0x01${"00".repeat(8)}` }, "field-out-of-range"],
    ["gas of 2^64", { gas: `0x01${"00".repeat(8)}` }, "field-out-of-range"],
    ["a value of 2^256", { value: `0x01${"00".repeat(32)}` }, "field-out-of-range"],
    ["a value of a kilobyte", { value: FF(1_024) }, "field-out-of-range"],
    ["no r", { r: "0x" }, "field-out-of-range"],
    ["no s", { s: "0x" }, "field-out-of-range"],
    ["an r of 33 bytes", { r: FF(33) }, "field-out-of-range"],
    ["an s above half the order", { s: HALF_ORDER_PLUS_1 }, "high-s"],
    ["the highest s", { s: FF(32) }, "high-s"],
  ])("%s, in every type", (_, changes, fault) => {
    expect([legacy, withAccessList, feeMarket].map((make) => faultOf(make(changes)))).toEqual([
      fault,
      fault,
      fault,
    ]);
  });

  it.each<[string, Changes]>([
    ["v of nothing", { v: "0x" }],
    ["v of 1", { v: "0x01" }],
    ["v of 26", { v: "0x1a" }],
    ["v of 29", { v: "0x1d" }],
    ["v of 35, chain 0", { v: "0x23" }],
    ["v of 36, chain 0", { v: "0x24" }],
    ["v of 2^64", { v: `0x01${"00".repeat(8)}` }],
    ["a price of 2^256", { price: `0x01${"00".repeat(32)}` }],
  ])("%s, in a legacy transaction", (_, changes) => {
    expect(faultOf(legacy(changes))).toBe("field-out-of-range");
  });

  it.each<[string, Changes, string]>([
    ["a parity of 2", { parity: "0x02" }, "field-out-of-range"],
    ["a parity of 27", { parity: "0x1b" }, "field-out-of-range"],
    ["a chain of 2^64", { chainId: `0x01${"00".repeat(8)}` }, "field-out-of-range"],
    ["an access list of bytes", { accessList: "0x" }, "malformed"],
    ["an entry of bytes", { accessList: [ADDRESS] }, "malformed"],
    ["an entry without keys", { accessList: [[ADDRESS]] }, "malformed"],
    ["an entry with more", { accessList: [[ADDRESS, [], []]] }, "malformed"],
    ["an address of 19 bytes", { accessList: [[FF(19), []]] }, "malformed"],
    ["keys of bytes", { accessList: [[ADDRESS, R]] }, "malformed"],
    ["a key of 31 bytes", { accessList: [[ADDRESS, [FF(31)]]] }, "malformed"],
    ["a key that is a list", { accessList: [[ADDRESS, [[R]]]] }, "malformed"],
    ["lists in lists", { accessList: [[[[[[[[]]]]]]]] }, "malformed"],
  ])("%s, in a typed transaction", (_, changes, fault) => {
    expect([withAccessList, feeMarket].map((make) => faultOf(make(changes)))).toEqual([fault, fault]);
  });

  it("a tip above the cap; a tip at the cap is none", () => {
    expect(faultOf(feeMarket({ tip: "0x0b" }))).toBe("tip-above-fee-cap");
    expect(faultOf(feeMarket({ tip: "0x0a" }))).toBeUndefined();
  });

  it("none at the limits", () => {
    const limits = { nonce: FF(8), gas: FF(8), value: FF(32), tip: FF(32), cap: FF(32), price: FF(32) };
    const { price, tip, cap, ...both } = limits;
    expect(faultOf(legacy({ ...both, price, v: FF(8) }))).toBeUndefined();
    expect(faultOf(feeMarket({ ...both, tip, cap, chainId: FF(8) }))).toBeUndefined();
    expect(faultOf(feeMarket({ to: "0x", data: "0x", accessList: [], chainId: "0x" }))).toBeUndefined();
  });
});

describe("a transaction's encoding", () => {
  const signed = fc.tuple(transactionFields, privateKey).map(([fields, key]) => signTransaction(fields, key));

  it("is refused, never thrown at, when it is random bytes", () => {
    const leader = fc.constantFrom([], [1], [2], [1, 0xf8], [2, 0xf9], [0xf8], [0xf9], [0xc1]);
    fc.assert(
      fc.property(leader, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        expect(faultOf(Uint8Array.from([...start, ...rest]))).toBeDefined();
      }),
      { numRuns: 3_000 },
    );
  });

  it("is the only one: whatever decodes, damaged or not, encodes to the same bytes again", () => {
    let decodable = 0;
    fc.assert(
      fc.property(
        signed.chain((raw) => damaged(raw)),
        (raw) => {
          const outcome = decodeTransaction(raw);
          if ("fault" in outcome) return;
          decodable += 1;
          expect(bytesToHex(encodeAgain(outcome))).toBe(bytesToHex(raw));
        },
      ),
      { numRuns: 2_000 },
    );
    expect(decodable).toBeGreaterThan(100);
  });

  it("is refused in every longer form of its prefix, and with bytes left over", () => {
    fc.assert(
      fc.property(signed, (raw) => {
        const at = (raw[0] as number) < 0xc0 ? 1 : 0;
        const head = raw[at] as number;
        const start = raw.subarray(0, at);
        const size = head < 0xf8 ? 0 : head - 0xf7;
        const length = size === 0 ? [head - 0xc0] : [...raw.subarray(at + 1, at + 1 + size)];
        const payload = raw.subarray(at + 1 + size);
        for (const zeros of [[0], [0, 0]]) {
          const longer = [...zeros, ...length];
          const prefix = Uint8Array.from([0xf7 + longer.length, ...longer]);
          expect(faultOf(concatBytes(start, prefix, payload))).toBe("malformed");
        }
        expect(faultOf(concatBytes(raw, new Uint8Array([0x80])))).toBe("malformed");
        expect(faultOf(raw.subarray(0, -1))).toBe("malformed");
      }),
      { numRuns: 100 },
    );
  });
});

/** The encoding of a decoded transaction, written down a second time with ethers' RLP. */
function encodeAgain(transaction: Transaction): Uint8Array {
  const { type, chainId, signature } = transaction;
  const integer = (value: bigint): string => {
    const digits = value === 0n ? "" : value.toString(16);
    return `0x${digits.length % 2 === 0 ? "" : "0"}${digits}`;
  };
  const word = (bytes: Uint8Array): string => integer(BigInt(bytesToHex(bytes)));
  const rs = [word(signature.compact.subarray(0, 32)), word(signature.compact.subarray(32))];
  const body = [
    integer(transaction.gasLimit),
    transaction.to ?? "0x",
    integer(transaction.value),
    bytesToHex(transaction.data),
  ];
  const cap = integer(transaction.maxFeePerGas);
  const nonce = integer(transaction.nonce);
  const parity = BigInt(signature.yParity);
  if (type === 0) {
    const v = chainId === undefined ? 27n + parity : 35n + 2n * chainId + parity;
    return rlp([nonce, cap, ...body, integer(v), ...rs]);
  }
  const fees = type === 1 ? [cap] : [integer(transaction.maxPriorityFeePerGas), cap];
  const list = transaction.accessList.map(({ address, storageKeys }) => [address, [...storageKeys]]);
  const items = [integer(chainId ?? 0n), nonce, ...fees, ...body, list, integer(parity), ...rs];
  return concatBytes(new Uint8Array([type]), rlp(items));
}
