import { bytesToHex, concatBytes, hexToBytes } from "@sheaf/base";
import { keccak256 as keccakOfEthers } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeBlock,
  decodeHeader,
  encodeBlock,
  encodeHeader,
  type Header,
  headerHash,
  transactionsDigest,
} from "../src/index.ts";
import { encodeRlp } from "../src/rlp.ts";
import { damaged, header, hexOf } from "./support/arbitraries.ts";

const EXAMPLE: Header = {
  number: 7,
  parentHash: `0x${"11".repeat(32)}`,
  timestampMs: 1_700_000_000_123,
  proposer: `0x${"22".repeat(20)}`,
  transactionsDigest: `0x${"33".repeat(32)}`,
  transactionCount: 3,
  parentResult: {
    stateDigest: `0x${"44".repeat(32)}`,
    receiptsDigest: `0x${"55".repeat(32)}`,
    gasUsed: 63_000n,
  },
};

const transactions = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 });

describe("headers", () => {
  it("round trip, and hash to the Keccak-256 of their bytes", () => {
    fc.assert(
      fc.property(header, (value) => {
        const bytes = encodeHeader(value);
        expect(decodeHeader(bytes)).toEqual(value);
        expect(headerHash(value)).toBe(keccakOfEthers(bytes));
      }),
    );
  });

  it("have one encoding: whatever decodes encodes to the same bytes", () => {
    const wild = fc.oneof(
      fc.uint8Array({ maxLength: 250 }),
      header.map(encodeHeader).chain((bytes) => damaged(bytes)),
    );
    fc.assert(
      fc.property(wild, (bytes) => {
        const decoded = decodeHeader(bytes);
        if (decoded !== undefined) expect(encodeHeader(decoded)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it("carry the parent's outcome [STATE.3]: its state [STATE.2], its receipts [STATE.4] and its gas", () => {
    const other = `0x${"99".repeat(32)}` as const;
    const changes = [{ stateDigest: other }, { receiptsDigest: other }, { gasUsed: 63_001n }];
    const hashes = changes.map((change) =>
      headerHash({ ...EXAMPLE, parentResult: { ...EXAMPLE.parentResult, ...change } }),
    );
    expect(new Set([headerHash(EXAMPLE), ...hashes]).size).toBe(4);
  });

  it.each<[string, number, Uint8Array]>([
    ["a number of 7 bytes", 0, new Uint8Array(7).fill(1)],
    ["a number with a leading zero", 0, new Uint8Array([0, 1])],
    ["a zero number written as a byte", 0, new Uint8Array([0])],
    ["a parent hash of 31 bytes", 1, new Uint8Array(31)],
    ["a timestamp of 7 bytes", 2, new Uint8Array(7).fill(1)],
    ["a proposer of 19 bytes", 3, new Uint8Array(19)],
    ["a transactions digest of 33 bytes", 4, new Uint8Array(33)],
    ["a count with a leading zero", 5, new Uint8Array([0, 1])],
    ["a state digest of nothing", 6, new Uint8Array(0)],
    ["a receipts digest of 31 bytes", 7, new Uint8Array(31)],
    ["gas of 9 bytes", 8, new Uint8Array(9).fill(1)],
    ["gas with a leading zero", 8, new Uint8Array([0, 1])],
  ])("are refused with %s", (_, index, bytes) => {
    const { parentResult, ...rest } = EXAMPLE;
    const fields = [...Object.values(rest), ...Object.values(parentResult)].map((value) =>
      typeof value === "string" ? hexToBytes(value as `0x${string}`) : integer(BigInt(value)),
    );
    expect(decodeHeader(encodeRlp(fields))).toEqual(EXAMPLE);
    fields[index] = bytes;
    expect(decodeHeader(encodeRlp(fields))).toBeUndefined();
    expect(decodeBlock(encodeRlp([encodeRlp(fields), []]))).toBeUndefined();
  });

  it("are refused with a field more or less, and with a list among them", () => {
    const fields = new Array<Uint8Array>(9).fill(new Uint8Array(32));
    expect(decodeHeader(encodeRlp(fields.slice(1)))).toBeUndefined();
    expect(decodeHeader(encodeRlp([...fields, new Uint8Array(0)]))).toBeUndefined();
    expect(decodeHeader(encodeRlp([...fields.slice(1), []]))).toBeUndefined();
    expect(decodeHeader(encodeRlp(new Uint8Array(9)))).toBeUndefined();
  });
});

describe("blocks", () => {
  it("round trip with their transactions untouched", () => {
    fc.assert(
      fc.property(header, transactions, (value, raw) => {
        expect(decodeBlock(encodeBlock({ header: value, transactions: raw }))).toEqual({
          header: value,
          hash: headerHash(value),
          transactions: raw,
        });
      }),
    );
  });

  it("have one encoding, and damaged ones are refused without throwing", () => {
    const wild = fc
      .tuple(header, transactions)
      .map(([value, raw]) => encodeBlock({ header: value, transactions: raw }))
      .chain((bytes) => damaged(bytes));
    fc.assert(
      fc.property(wild, (bytes) => {
        const block = decodeBlock(bytes);
        if (block !== undefined) expect(encodeBlock(block)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are refused in other shapes", () => {
    const head = encodeHeader(EXAMPLE);
    for (const shape of [head, [], [head], [head, [], []], [[head], []], [head, head], [head, [[head]]]]) {
      expect(decodeBlock(encodeRlp(shape))).toBeUndefined();
    }
    expect(decodeBlock(new Uint8Array(0))).toBeUndefined();
  });

  it("hold the greatest number of transactions that genesis allows", () => {
    const raw = Array.from({ length: 100_000 }, (_, i) => new Uint8Array(100).fill(i));
    const block = decodeBlock(encodeBlock({ header: EXAMPLE, transactions: raw }));
    expect(block?.transactions.length).toBe(100_000);
  });
});

describe("the digest of transactions [STATE.5]", () => {
  it("is Keccak-256 over their hashes, in order", () => {
    fc.assert(
      fc.property(fc.array(hexOf(32), { maxLength: 20 }), (hashes) => {
        expect(transactionsDigest(hashes)).toBe(keccakOfEthers(concatBytes(...hashes.map(hexToBytes))));
      }),
    );
    const [a, b] = [EXAMPLE.parentHash, EXAMPLE.transactionsDigest];
    expect(transactionsDigest([a, b])).not.toBe(transactionsDigest([b, a]));
    expect(transactionsDigest([])).toBe(bytesToHex(hexToBytes(keccakOfEthers("0x") as `0x${string}`)));
  });

  it("takes the hashes of the largest block", () => {
    const hashes = new Array<`0x${string}`>(100_000).fill(EXAMPLE.parentHash);
    expect(transactionsDigest(hashes)).toBe(keccakOfEthers(new Uint8Array(3_200_000).fill(0x11)));
  });
});

function integer(value: bigint): Uint8Array {
  const digits = value.toString(16);
  return hexToBytes(`0x${digits.length % 2 === 0 ? "" : "0"}${digits}`);
}
