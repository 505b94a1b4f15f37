import type { ServerState } from "./optimiser.ts";

const MAGIC = 0x31535253; // "SRS1"
const HEADER_BYTES = 16;

/**
 * The state as bytes, the same on every machine: magic, round, number of weights, number of the optimiser's
 * vectors (four 32-bit words), then the weights and each vector as 32-bit floats; all little-endian.
 */
export function encodeServerState(state: ServerState): Uint8Array {
  const { length } = state.weights;
  const bytes = new Uint8Array(HEADER_BYTES + 4 * length * (1 + state.optimiser.length));
  const view = new DataView(bytes.buffer);
  [MAGIC, state.round, length, state.optimiser.length].forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  let offset = HEADER_BYTES;
  for (const vector of [state.weights, ...state.optimiser]) {
    for (const value of vector) {
      view.setFloat32(offset, value, true);
      offset += 4;
    }
  }
  return bytes;
}

/** The state that `encodeServerState` wrote; `undefined` for any other bytes and for NaN or infinities in them. */
export function decodeServerState(bytes: Uint8Array): ServerState | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [magic, round, length, vectors] = [0, 4, 8, 12].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (magic !== MAGIC || bytes.length !== HEADER_BYTES + 4 * length * (1 + vectors)) return undefined;
  const read = (index: number): Float32Array => {
    const start = HEADER_BYTES + 4 * length * index;
    return Float32Array.from({ length }, (_, at) => view.getFloat32(start + 4 * at, true));
  };
  if (length === 0 || vectors > 2) return undefined;
  const weights = read(0);
  const optimiser = Array.from({ length: vectors }, (_, index) => read(1 + index));
  const finite = [weights, ...optimiser].every((vector) => vector.every(Number.isFinite));
  return finite ? { weights, optimiser, round } : undefined;
}
