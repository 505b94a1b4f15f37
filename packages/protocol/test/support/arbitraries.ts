import { bytesToHex, type Hex } from "@sheaf/base";
import fc from "fast-check";
import type { Header, TransactionFields } from "../../src/index.ts";

export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

export const hexOf = (length: number): fc.Arbitrary<Hex> => bytesOf(length).map(bytesToHex);

/** Any private key: 1 to 2^255, all below the order of the curve. */
export const privateKey = bytesOf(32).map((bytes) => {
  const key = Uint8Array.from(bytes);
  key[0] = (key[0] as number) & 0x7f;
  key[31] = (key[31] as number) | 1;
  return key;
});

/** Small and huge integers alike: a size in bits first, then a value of that size. */
const integer = (bits: number): fc.Arbitrary<bigint> =>
  fc.nat(bits).chain((size) => fc.bigInt({ min: 0n, max: (1n << BigInt(size)) - 1n }));

const accessList = fc.array(
  fc.record({ address: hexOf(20), storageKeys: fc.array(hexOf(32), { maxLength: 3 }) }),
  { maxLength: 3 },
);

/** Legal fields of each type, as `decodeTransaction` gives them. */
export const transactionFields: fc.Arbitrary<TransactionFields> = fc
  .record({
    type: fc.constantFrom(0 as const, 1 as const, 2 as const),
    protectedByChain: fc.boolean(),
    chainId: fc.bigInt({ min: 1n, max: (1n << 50n) - 1n }),
    nonce: integer(53),
    gasLimit: integer(64),
    maxFeePerGas: integer(256),
    tip: integer(256),
    to: fc.option(hexOf(20), { nil: undefined }),
    value: integer(256),
    data: fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 250, maxLength: 300 })),
    accessList,
  })
  .map(({ protectedByChain, tip, ...fields }) => ({
    ...fields,
    chainId: fields.type === 0 && !protectedByChain ? undefined : fields.chainId,
    maxPriorityFeePerGas: fields.type === 2 && tip < fields.maxFeePerGas ? tip : fields.maxFeePerGas,
    accessList: fields.type === 0 ? [] : fields.accessList,
  }));

const count = fc.integer({ min: 0, max: 2 ** 48 - 1 });

export const header: fc.Arbitrary<Header> = fc.record({
  number: count,
  parentHash: hexOf(32),
  timestampMs: count,
  proposer: hexOf(20),
  transactionsDigest: hexOf(32),
  transactionCount: count,
  parentResult: fc.record({
    stateDigest: hexOf(32),
    receiptsDigest: hexOf(32),
    gasUsed: integer(64),
  }),
});

/** `bytes` with one thing wrong: a bit, a byte more or less, the end cut off or lengthened. */
export function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .record({
      how: fc.constantFrom("flip", "insert", "remove", "cut", "append"),
      at: fc.nat(bytes.length - 1),
      bit: fc.nat(7),
      byte: fc.nat(255),
    })
    .map(({ how, at, bit, byte }) => {
      const out = [...bytes];
      if (how === "flip") out[at] = (out[at] as number) ^ (1 << bit);
      else if (how === "insert") out.splice(at, 0, byte);
      else if (how === "remove") out.splice(at, 1);
      else if (how === "cut") out.length = at;
      else out.push(byte);
      return Uint8Array.from(out);
    });
}
