import { asBuffer, bytesToHex, concatBytes, type Hex, hexToBytes } from "@sheaf/base";

/** The kind of a receipt. */
export const RECEIPT_KIND = "bus.receipt";

/** What a receiver says about a message [BUS.12]: delivered when nothing is missing. */
export interface Receipt {
  readonly digest: Hex;
  /** Indices of chunks that have not come. */
  readonly missing: readonly number[];
}

export function encodeReceipt({ digest, missing }: Receipt): Uint8Array {
  const indices = Buffer.alloc(2 * missing.length);
  missing.forEach((index, at) => {
    indices.writeUInt16LE(index, 2 * at);
  });
  return concatBytes(hexToBytes(digest), indices);
}

export function decodeReceipt(body: Uint8Array): Receipt | undefined {
  if (body.length < 32 || body.length % 2 !== 0) return undefined;
  const indices = asBuffer(body.subarray(32));
  const missing: number[] = [];
  for (let at = 0; at < indices.length; at += 2) missing.push(indices.readUInt16LE(at));
  return { digest: bytesToHex(body.subarray(0, 32)), missing };
}
