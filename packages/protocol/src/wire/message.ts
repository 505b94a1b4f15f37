import { bigintToBytes, bytesToBigint, bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { decodeRlp, encodeRlp, isBytes, type RlpItem } from "../rlp.ts";

/** Number of the peer protocol; peers with another one are refused [WIRE.1]. */
export const WIRE_VERSION = 1;

/** A block with the certificate that decided it. */
export interface CertifiedBlock {
  /** As `encodeBlock` gives it. */
  readonly block: Uint8Array;
  /** Commit certificate, in the encoding of the consensus package. */
  readonly certificate: Uint8Array;
}

/** What two validators say to each other (`specs/wire.md`). */
export type WireMessage =
  /** First on every connection, then once a second: who I follow and how far I am. */
  | { readonly kind: "status"; readonly version: number; readonly genesisHash: Hex; readonly height: number }
  /** Raw transactions, gossiped in batches. */
  | { readonly kind: "transactions"; readonly transactions: readonly Uint8Array[] }
  /** One signed message of consensus, in its own encoding. */
  | { readonly kind: "consensus"; readonly payload: Uint8Array }
  /** Asks for decided blocks `from`, `from` + 1, ... at most `count`. */
  | { readonly kind: "get-blocks"; readonly from: number; readonly count: number }
  /** Answers `get-blocks`: consecutive, starting at the number asked; empty when there is none. */
  | { readonly kind: "blocks"; readonly blocks: readonly CertifiedBlock[] };

const KINDS = ["status", "transactions", "consensus", "get-blocks", "blocks"] as const;

/** Body of a frame: one byte of kind, then RLP of the fields [WIRE.3]. */
export function encodeWireMessage(message: WireMessage): Uint8Array {
  const body = encodeBody(message);
  const out = new Uint8Array(body.length + 1);
  out[0] = KINDS.indexOf(message.kind);
  out.set(body, 1);
  return out;
}

/** The message of a frame's body, or `undefined` when it is none: the peer is then cut off [WIRE.4]. */
export function decodeWireMessage(bytes: Uint8Array): WireMessage | undefined {
  const kind = KINDS[bytes[0] ?? -1];
  const body = bytes.subarray(1);
  if (kind === undefined) return undefined;
  if (kind === "consensus") return { kind, payload: body };
  const items = decodeRlp(body);
  return items === undefined || isBytes(items) ? undefined : decodeBody(kind, items);
}

function encodeBody(message: WireMessage): Uint8Array {
  switch (message.kind) {
    case "status":
      return encodeRlp([number(message.version), hexToBytes(message.genesisHash), number(message.height)]);
    case "transactions":
      return encodeRlp(message.transactions);
    case "consensus":
      return message.payload;
    case "get-blocks":
      return encodeRlp([number(message.from), number(message.count)]);
    case "blocks":
      return encodeRlp(message.blocks.map(({ block, certificate }) => [block, certificate]));
  }
}

function decodeBody(
  kind: "status" | "transactions" | "get-blocks" | "blocks",
  items: readonly RlpItem[],
): WireMessage | undefined {
  switch (kind) {
    case "status": {
      const [version, hash, height] = [parseNumber(items[0]), items[1], parseNumber(items[2])];
      if (items.length !== 3 || version === undefined || height === undefined) return undefined;
      if (!(hash instanceof Uint8Array) || hash.length !== 32) return undefined;
      return { kind, version, genesisHash: bytesToHex(hash), height };
    }
    case "transactions":
      return items.every(isBytes) ? { kind, transactions: items } : undefined;
    case "get-blocks": {
      const [from, count] = [parseNumber(items[0]), parseNumber(items[1])];
      return items.length === 2 && from !== undefined && count !== undefined
        ? { kind, from, count }
        : undefined;
    }
    case "blocks": {
      const blocks: CertifiedBlock[] = [];
      for (const item of items) {
        if (isBytes(item)) return undefined;
        const [block, certificate] = item;
        if (item.length !== 2 || !isBytes(block) || !isBytes(certificate)) return undefined;
        blocks.push({ block, certificate });
      }
      return { kind, blocks };
    }
  }
}

const number = (value: number): Uint8Array => bigintToBytes(BigInt(value));

function parseNumber(item: RlpItem | undefined): number | undefined {
  if (!isBytes(item) || item.length > 6 || item[0] === 0) return undefined;
  return Number(bytesToBigint(item));
}
