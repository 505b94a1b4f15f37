import { bigintToBytes, bytesToBigint, bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { keccak256 } from "../crypto/keccak.ts";
import {
  type Address,
  hasLowS,
  type RecoverableSignature,
  recoverAddress,
  secp256k1,
} from "../crypto/secp256k1.ts";
import { decodeRlp, encodeRlp, isBytes, type RlpItem } from "../rlp.ts";

/** An entry of an EIP-2930 access list. */
export interface AccessListEntry {
  readonly address: Address;
  readonly storageKeys: readonly Hex[];
}

/** The fields that a sender signs; legacy (0), EIP-2930 (1) or EIP-1559 (2). */
export interface TransactionFields {
  readonly type: 0 | 1 | 2;
  /** `undefined` only in a legacy transaction without replay protection (before EIP-155). */
  readonly chainId: bigint | undefined;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  /** The most that is paid for a unit of gas, in wei; `gasPrice` of types 0 and 1. */
  readonly maxFeePerGas: bigint;
  /** The most of it that goes to the proposer; equal to `maxFeePerGas` in types 0 and 1. */
  readonly maxPriorityFeePerGas: bigint;
  /** `undefined` creates a contract. */
  readonly to: Address | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
}

/** A transaction as decoded from its raw bytes. Its sender is known after `recoverSender`. */
export interface Transaction extends TransactionFields {
  /** The encoded bytes, as sent with `eth_sendRawTransaction`. */
  readonly raw: Uint8Array;
  /** Keccak-256 of `raw`, in hex. */
  readonly hash: Hex;
  readonly signature: RecoverableSignature;
}

/** Why raw bytes are no transaction. */
export type TransactionFault =
  | "empty"
  | "unsupported-type"
  | "malformed"
  | "field-out-of-range"
  | "high-s"
  | "tip-above-fee-cap";

const MAX_UINT64 = (1n << 64n) - 1n;
const MAX_UINT256 = (1n << 256n) - 1n;

class Malformed extends Error {
  readonly fault: TransactionFault;
  constructor(fault: TransactionFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Decodes raw bytes; never throws: a fault is a value. Does not recover the sender. */
export function decodeTransaction(raw: Uint8Array): Transaction | { readonly fault: TransactionFault } {
  const first = raw[0];
  if (first === undefined) return { fault: "empty" };
  try {
    if (first >= 0xc0) return decodeLegacy(raw);
    if (first === 1 || first === 2) return decodeTyped(raw, first);
    return { fault: "unsupported-type" };
  } catch (error) {
    return { fault: error instanceof Malformed ? error.fault : "malformed" };
  }
}

/** The address that signed, or `undefined` when the signature is none. Costs about 60 us native: call once. */
export function recoverSender(transaction: Transaction): Address | undefined {
  return recoverAddress(signingHash(transaction), transaction.signature);
}

/** The digest that the sender signs. */
export function signingHash(fields: TransactionFields): Uint8Array {
  return keccak256(encodeFields(fields, undefined));
}

/** Signs and encodes: the raw bytes to send. */
export function signTransaction(fields: TransactionFields, privateKey: Uint8Array): Uint8Array {
  return encodeFields(fields, secp256k1.sign(signingHash(fields), privateKey));
}

/** What is paid for a unit of gas at a base fee, in wei. */
export function effectiveGasPrice(fields: TransactionFields, baseFeePerGas: bigint): bigint {
  const tipped = baseFeePerGas + fields.maxPriorityFeePerGas;
  return tipped < fields.maxFeePerGas ? tipped : fields.maxFeePerGas;
}

function encodeFields(fields: TransactionFields, signature: RecoverableSignature | undefined): Uint8Array {
  const to = fields.to === undefined ? new Uint8Array(0) : hexToBytes(fields.to);
  const tail = [bigintToBytes(fields.gasLimit), to, bigintToBytes(fields.value), fields.data];
  const nonce = bigintToBytes(fields.nonce);
  const rs = signature === undefined ? [] : [strip(signature.compact, 0), strip(signature.compact, 32)];
  if (fields.type === 0) {
    const items = [nonce, bigintToBytes(fields.maxFeePerGas), ...tail];
    if (signature !== undefined) {
      const parity = BigInt(signature.yParity);
      const v = fields.chainId === undefined ? 27n + parity : 35n + 2n * fields.chainId + parity;
      return encodeRlp([...items, bigintToBytes(v), ...rs]);
    }
    const empty = new Uint8Array(0);
    return encodeRlp(
      fields.chainId === undefined ? items : [...items, bigintToBytes(fields.chainId), empty, empty],
    );
  }
  const fees =
    fields.type === 1
      ? [bigintToBytes(fields.maxFeePerGas)]
      : [bigintToBytes(fields.maxPriorityFeePerGas), bigintToBytes(fields.maxFeePerGas)];
  const accessList = fields.accessList.map((entry) => [
    hexToBytes(entry.address),
    entry.storageKeys.map((key) => hexToBytes(key)),
  ]);
  const parity = signature === undefined ? [] : [bigintToBytes(BigInt(signature.yParity))];
  const body = encodeRlp([
    bigintToBytes(fields.chainId ?? 0n),
    nonce,
    ...fees,
    ...tail,
    accessList,
    ...parity,
    ...rs,
  ]);
  const out = new Uint8Array(body.length + 1);
  out[0] = fields.type;
  out.set(body, 1);
  return out;
}

function strip(compact: Uint8Array, from: number): Uint8Array {
  let start = from;
  while (start < from + 32 && compact[start] === 0) start += 1;
  return compact.subarray(start, from + 32);
}

function decodeLegacy(raw: Uint8Array): Transaction {
  const items = list(decodeRlp(raw), 9);
  const v = integer(items[6], MAX_UINT64);
  let chainId: bigint | undefined;
  let yParity: bigint;
  if (v === 27n || v === 28n) yParity = v - 27n;
  else if (v >= 37n) {
    chainId = (v - 35n) / 2n;
    yParity = (v - 35n) % 2n;
  } else throw new Malformed("field-out-of-range");
  const price = integer(items[1], MAX_UINT256);
  return finish(raw, {
    type: 0,
    chainId,
    nonce: integer(items[0], MAX_UINT64),
    maxFeePerGas: price,
    maxPriorityFeePerGas: price,
    gasLimit: integer(items[2], MAX_UINT64),
    to: recipient(items[3]),
    value: integer(items[4], MAX_UINT256),
    data: data(items[5]),
    accessList: [],
    signature: signature(items[7], items[8], yParity),
  });
}

function decodeTyped(raw: Uint8Array, type: 1 | 2): Transaction {
  const items = list(decodeRlp(raw.subarray(1)), type === 1 ? 11 : 12);
  const fee = type === 1 ? 2 : 3;
  const maxFeePerGas = integer(items[fee], MAX_UINT256);
  const maxPriorityFeePerGas = integer(items[2], MAX_UINT256);
  if (maxPriorityFeePerGas > maxFeePerGas) throw new Malformed("tip-above-fee-cap");
  return finish(raw, {
    type,
    chainId: integer(items[0], MAX_UINT64),
    nonce: integer(items[1], MAX_UINT64),
    maxFeePerGas,
    maxPriorityFeePerGas,
    gasLimit: integer(items[fee + 1], MAX_UINT64),
    to: recipient(items[fee + 2]),
    value: integer(items[fee + 3], MAX_UINT256),
    data: data(items[fee + 4]),
    accessList: accessList(items[fee + 5]),
    signature: signature(items[fee + 7], items[fee + 8], integer(items[fee + 6], 1n)),
  });
}

function finish(
  raw: Uint8Array,
  fields: TransactionFields & { readonly signature: RecoverableSignature },
): Transaction {
  return { ...fields, raw, hash: bytesToHex(keccak256(raw)) };
}

function list(item: RlpItem | undefined, length?: number): readonly RlpItem[] {
  if (item === undefined || isBytes(item)) throw new Malformed("malformed");
  if (length !== undefined && item.length !== length) throw new Malformed("malformed");
  return item;
}

function data(item: RlpItem | undefined, length?: number): Uint8Array {
  if (!isBytes(item)) throw new Malformed("malformed");
  if (length !== undefined && item.length !== length) throw new Malformed("malformed");
  return item;
}

/** The bytes of an integer below 2^256, which has no leading zero. */
function integerBytes(item: RlpItem | undefined): Uint8Array {
  const bytes = data(item);
  if (bytes[0] === 0) throw new Malformed("malformed");
  if (bytes.length > 32) throw new Malformed("field-out-of-range");
  return bytes;
}

function integer(item: RlpItem | undefined, max: bigint): bigint {
  const value = bytesToBigint(integerBytes(item));
  if (value > max) throw new Malformed("field-out-of-range");
  return value;
}

function recipient(item: RlpItem | undefined): Address | undefined {
  const bytes = data(item);
  return bytes.length === 0 ? undefined : bytesToHex(data(item, 20));
}

function accessList(item: RlpItem | undefined): readonly AccessListEntry[] {
  return list(item).map((entry) => {
    const [address, keys] = list(entry, 2);
    return {
      address: bytesToHex(data(address, 20)),
      storageKeys: list(keys).map((key) => bytesToHex(data(key, 32))),
    };
  });
}

function signature(r: RlpItem | undefined, s: RlpItem | undefined, yParity: bigint): RecoverableSignature {
  const rBytes = integerBytes(r);
  const sBytes = integerBytes(s);
  if (rBytes.length === 0 || sBytes.length === 0) throw new Malformed("field-out-of-range");
  const compact = new Uint8Array(64);
  compact.set(rBytes, 32 - rBytes.length);
  compact.set(sBytes, 64 - sBytes.length);
  if (!hasLowS(compact)) throw new Malformed("high-s");
  return { compact, yParity: yParity === 0n ? 0 : 1 };
}
