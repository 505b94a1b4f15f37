import { asBuffer, type Hex, invariant } from "@sheaf/base";

/** Reads what `ByteWriter` wrote. For bytes of our own store: anything else is a defect (`INVARIANT`). */
export class ByteReader {
  readonly #buffer: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = asBuffer(bytes);
  }

  uint8(): number {
    return this.#buffer.readUInt8(this.#advance(1));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#advance(4));
  }

  uint64(): bigint {
    return this.#buffer.readBigUInt64BE(this.#advance(8));
  }

  uint256(): bigint {
    const start = this.#advance(32);
    return BigInt(`0x${this.#buffer.toString("hex", start, start + 32)}`);
  }

  /** `length` bytes as hex. */
  hex(length: number): Hex {
    const start = this.#advance(length);
    return `0x${this.#buffer.toString("hex", start, start + length)}`;
  }

  /** A copy of `length` bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return new Uint8Array(this.#buffer.subarray(start, start + length));
  }

  /** `length` bytes, sharing the memory that is read from. */
  view(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#buffer.subarray(start, start + length);
  }

  #advance(bytes: number): number {
    const start = this.#position;
    invariant(start + bytes <= this.#buffer.length, "a stored record is longer than its bytes");
    this.#position = start + bytes;
    return start;
  }
}
