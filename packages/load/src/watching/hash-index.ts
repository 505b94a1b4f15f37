import { asBuffer } from "@sheaf/base";

/** Finds the row of a transaction hash: an open-addressing table of row numbers, eight bytes a row. */
export interface HashIndex {
  /** Adds row `row`, whose hash `hashOf` gives. */
  add(row: number): void;
  /** The row whose hash stands at `offset` of `bytes`, or `undefined`. */
  find(bytes: Uint8Array, offset: number): number | undefined;
}

/** An index for at most `capacity` rows; `hashOf` gives 32 bytes that do not change. */
export function createHashIndex(capacity: number, hashOf: (row: number) => Uint8Array): HashIndex {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, capacity * 2)));
  const mask = size - 1;
  /** Row + 1; 0 is free. */
  const slots = new Uint32Array(size);

  /** The first four bytes of a hash are as good as any other digest of it. */
  const slotOf = (bytes: Uint8Array, offset: number): number =>
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) &
    mask;

  return {
    add(row) {
      let slot = slotOf(hashOf(row), 0);
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row + 1;
    },
    find(bytes, offset) {
      let slot = slotOf(bytes, offset);
      for (;;) {
        const entry = slots[slot] as number;
        if (entry === 0) return undefined;
        if (asBuffer(hashOf(entry - 1)).compare(bytes, offset, offset + 32) === 0) return entry - 1;
        slot = (slot + 1) & mask;
      }
    },
  };
}
