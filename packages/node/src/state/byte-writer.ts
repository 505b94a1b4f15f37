import type { Hex } from "@sheaf/base";

/** Appends fixed-width fields to one growing buffer; integers are big-endian. */
export class ByteWriter {
  #buffer: Buffer;
  #view: DataView;
  #length = 0;

  constructor(initialBytes = 1_024) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
    this.#view = viewOf(this.#buffer);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  uint64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, value);
    this.#length += 8;
  }

  uint256(value: bigint): void {
    this.#reserve(32);
    this.#view.setBigUint64(this.#length, value >> 192n);
    this.#view.setBigUint64(this.#length + 8, value >> 128n);
    this.#view.setBigUint64(this.#length + 16, value >> 64n);
    this.#view.setBigUint64(this.#length + 24, value);
    this.#length += 32;
  }

  /** The digits of a hex string, without a length. */
  hex(value: Hex): void {
    const bytes = (value.length - 2) >> 1;
    this.#reserve(bytes);
    this.#buffer.write(value.slice(2), this.#length, "hex");
    this.#length += bytes;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** What was written: a view of this writer's memory. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
