import { concatBytes } from "@sheaf/base";

/** An update in the open as it counts in the aggregate, modes none and dp. */
interface SentUpdate {
  /** Little-endian 32-bit floats. */
  readonly values: Uint8Array;
  readonly weight: number;
  readonly loss: number | null;
}

/**
 * What the update hash of modes none and dp is of [PHASE.10]: the floats, the weight as 4 bytes and the loss as a
 * 64-bit float, little-endian; a loss that stays at home is eight bytes 0xff. Nothing that the aggregate is made
 * of can be changed without changing the hash.
 */
export function updateBytes({ values, weight, loss }: SentUpdate): Uint8Array {
  const tail = new Uint8Array(12).fill(0xff);
  const view = new DataView(tail.buffer);
  view.setUint32(0, weight, true);
  if (loss !== null) view.setFloat64(4, loss, true);
  return concatBytes(values, tail);
}
