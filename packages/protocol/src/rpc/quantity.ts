import { type Hex, parseHex } from "@sheaf/base";

/** A number as JSON-RPC writes it: hex, no leading zeros, zero is `0x0`. */
export function toQuantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** The integer of a QUANTITY; `undefined` when it is not one. Leading zeros are tolerated, as clients send them. */
export function parseQuantity(text: unknown): bigint | undefined {
  if (typeof text !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(text)) return undefined;
  return BigInt(text);
}

/** The bytes of DATA; `undefined` when it is not `0x` and whole bytes, or has another length than asked. */
export function parseData(text: unknown, length?: number): Uint8Array | undefined {
  if (typeof text !== "string" || !text.startsWith("0x")) return undefined;
  const bytes = parseHex(text);
  return bytes !== undefined && (length === undefined || bytes.length === length) ? bytes : undefined;
}

/** A lower-case address; `undefined` when it is not 20 bytes of hex. */
export function parseAddress(text: unknown): Hex | undefined {
  return typeof text === "string" && /^0x[0-9a-fA-F]{40}$/.test(text)
    ? (text.toLowerCase() as Hex)
    : undefined;
}
