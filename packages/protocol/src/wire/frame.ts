import { concatBytes } from "@sheaf/base";

/** Length prefix of a frame, big endian. */
const PREFIX_BYTES = 4;

/** A frame: four bytes of length, then the body [WIRE.2]. */
export function encodeFrame(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(PREFIX_BYTES + body.length);
  new DataView(out.buffer).setUint32(0, body.length);
  out.set(body, PREFIX_BYTES);
  return out;
}

/** Cuts a byte stream into frames. */
export interface FrameReader {
  /**
   * Takes the next bytes of the stream; gives the bodies now complete. `"oversized"` when a frame
   * announces more than `maxBytes` (or nothing): the connection must end, nothing is buffered for it.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] | "oversized";
}

/** A reader that buffers at most `maxBytes` and one chunk. */
export function createFrameReader(maxBytes: number): FrameReader {
  let chunks: Uint8Array[] = [];
  let buffered = 0;
  let wanted: number | undefined;

  function take(length: number): Uint8Array {
    const all = chunks.length === 1 ? (chunks[0] as Uint8Array) : concatBytes(...chunks);
    const rest = all.subarray(length);
    chunks = rest.length > 0 ? [rest] : [];
    buffered = rest.length;
    return all.subarray(0, length);
  }

  return {
    push(chunk) {
      if (chunk.length > 0) chunks.push(chunk);
      buffered += chunk.length;
      const bodies: Uint8Array[] = [];
      for (;;) {
        if (wanted === undefined) {
          if (buffered < PREFIX_BYTES) return bodies;
          const prefix = take(PREFIX_BYTES);
          wanted = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
          if (wanted === 0 || wanted > maxBytes) return "oversized";
        }
        if (buffered < wanted) return bodies;
        bodies.push(take(wanted));
        wanted = undefined;
      }
    },
  };
}
