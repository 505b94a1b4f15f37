import { asBuffer, type Hex } from "@sheaf/base";
import type { Log, LogFilter, Receipt } from "../ports.ts";

/** Where something stands in a log: 0 is the address, 1 to 4 the topics. */
type Place = number;

/**
 * What the logs of a block mention, as sorted 32-bit hashes of address or topic and its place: four
 * bytes for each, and a search without decoding a receipt. A hit may be false, a miss never is.
 */
export function buildLogFilter(receipts: readonly Receipt[]): Uint8Array {
  const mentioned = new Set<number>();
  for (const { logs } of receipts) {
    for (const { address, topics } of logs) {
      mentioned.add(fingerprint(address, 0));
      for (let index = 0; index < topics.length; index++) {
        mentioned.add(fingerprint(topics[index] as Hex, index + 1));
      }
    }
  }
  const sorted = Uint32Array.from(mentioned).sort();
  const bytes = Buffer.allocUnsafe(sorted.length * 4);
  sorted.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

/** Whether a block with this filter may hold a log that is asked for. */
export function mayHoldLogs(filter: Uint8Array, wanted: Pick<LogFilter, "addresses" | "topics">): boolean {
  const bytes = asBuffer(filter);
  if (bytes.length === 0) return false;
  const mentions = (values: readonly Hex[], place: Place): boolean =>
    values.some((value) => holds(bytes, fingerprint(value, place)));
  if (wanted.addresses.length > 0 && !mentions(wanted.addresses, 0)) return false;
  return wanted.topics.every((values, index) => values === undefined || mentions(values, index + 1));
}

/** Whether a log is asked for. */
export function isWanted(log: Log, { addresses, topics }: Pick<LogFilter, "addresses" | "topics">): boolean {
  if (addresses.length > 0 && !addresses.includes(log.address)) return false;
  if (topics.length > log.topics.length) return false;
  return topics.every((values, index) => values === undefined || values.includes(log.topics[index] as Hex));
}

function holds(sorted: Buffer, value: number): boolean {
  let low = 0;
  let high = sorted.length / 4;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = sorted.readUInt32BE(middle * 4);
    if (found === value) return true;
    if (found < value) low = middle + 1;
    else high = middle;
  }
  return false;
}

/** FNV-1a, 32 bits, over the hex digits, four at a time; both lengths are multiples of four. */
function fingerprint(value: Hex, place: Place): number {
  let hash = (0x811c9dc5 ^ place) >>> 0;
  for (let index = 2; index < value.length; index += 4) {
    const four =
      value.charCodeAt(index) |
      (value.charCodeAt(index + 1) << 8) |
      (value.charCodeAt(index + 2) << 16) |
      (value.charCodeAt(index + 3) << 24);
    hash = Math.imul(hash ^ four, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
