import { bigintToBytes, bytesToHex, type Hex } from "@sheaf/base";
import type { RlpItem } from "./rlp-reader.ts";

/*
 * Fields of the wire format [CODEC.1]. Readers give `undefined` for anything that the writers do not
 * produce.
 */

export const SIGNATURE_BYTES = 65;
export const DIGEST_BYTES = 32;

/** The items of a list of exactly `length`, or of any length when none is given. */
export function readList(item: RlpItem | undefined, length?: number): readonly RlpItem[] | undefined {
  if (item === undefined || item instanceof Uint8Array) return undefined;
  return length === undefined || item.length === length ? item : undefined;
}

/** A list of things, each by `read`. */
export function readEach<T>(
  item: RlpItem | undefined,
  read: (item: RlpItem) => T | undefined,
): readonly T[] | undefined {
  const out: T[] = [];
  for (const each of readList(item) ?? [undefined]) {
    const value = each === undefined ? undefined : read(each);
    if (value === undefined) return undefined;
    out.push(value);
  }
  return out;
}

/** What may be absent: the empty list stands for `none`, and anything else goes to `read`. */
export function readOptional<T>(
  item: RlpItem | undefined,
  read: (item: RlpItem) => T | undefined,
): { readonly value: T | undefined } | undefined {
  if (item === undefined) return undefined;
  if (readList(item, 0) !== undefined) return { value: undefined };
  const value = read(item);
  return value === undefined ? undefined : { value };
}

export function readBytes(item: RlpItem | undefined): Uint8Array | undefined {
  return item instanceof Uint8Array ? item : undefined;
}

/** A non-negative safe integer, big-endian without leading zeros. */
export function readInteger(item: RlpItem | undefined): number | undefined {
  const bytes = readBytes(item);
  if (bytes === undefined || bytes.length > 7 || bytes[0] === 0) return undefined;
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function integerToBytes(value: number): Uint8Array {
  return bigintToBytes(BigInt(value));
}

export function readDigest(item: RlpItem | undefined): Hex | undefined {
  const bytes = readBytes(item);
  return bytes?.length === DIGEST_BYTES ? bytesToHex(bytes) : undefined;
}

/** A copy, so that a kept signature does not keep its whole frame. */
export function readSignature(item: RlpItem | undefined): Uint8Array | undefined {
  const bytes = readBytes(item);
  return bytes?.length === SIGNATURE_BYTES ? bytes.slice() : undefined;
}
