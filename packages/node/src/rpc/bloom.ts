import { bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import type { Log } from "../ports.ts";

const BLOOM_BYTES = 256;

/** The 2,048-bit filter of Ethereum's headers and receipts over the addresses and topics of logs. */
export function logsBloom(logs: readonly Log[]): Hex {
  if (logs.length === 0) return EMPTY_BLOOM;
  const entries = new Set<Hex>();
  for (const { address, topics } of logs) {
    entries.add(address);
    for (const topic of topics) entries.add(topic);
  }
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const entry of entries) {
    const digest = keccak256(hexToBytes(entry));
    for (const at of [0, 2, 4]) {
      const bit = (((digest[at] as number) << 8) | (digest[at + 1] as number)) & 2047;
      const byte = BLOOM_BYTES - 1 - (bit >> 3);
      bloom[byte] = (bloom[byte] as number) | (1 << (bit & 7));
    }
  }
  return bytesToHex(bloom);
}

const EMPTY_BLOOM: Hex = `0x${"00".repeat(BLOOM_BYTES)}`;
