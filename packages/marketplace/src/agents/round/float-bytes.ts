import { concatBytes } from "@sheaf/base";

/** Little-endian bytes of 32-bit floats: the same memory. */
export function floatsToBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The floats of little-endian bytes; `undefined` unless they are `length` finite numbers [AGENT.4]. */
export function bytesToFloats(bytes: Uint8Array, length: number): Float32Array | undefined {
  if (bytes.length !== 4 * length) return undefined;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : concatBytes(bytes);
  const values = new Float32Array(aligned.buffer, aligned.byteOffset, length);
  return values.every(Number.isFinite) ? values : undefined;
}

/** The integers of little-endian bytes; `undefined` unless there are `length`. */
export function bytesToInts(bytes: Uint8Array, length: number): Int32Array | undefined {
  if (bytes.length !== 4 * length) return undefined;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : concatBytes(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, length);
}

/** Little-endian bytes of 32-bit integers: the same memory. */
export function intsToBytes(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
