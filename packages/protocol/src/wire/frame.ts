/** Length prefix of a frame, big endian. */
const PREFIX_BYTES = 4;

/** What a frame's buffer starts with, so that announcing much and sending little holds little. */
const FIRST_BUFFER_BYTES = 64 * 1024;

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
   * Takes the next bytes of the stream; gives the bodies now complete, as copies. `"oversized"` when a
   * frame announces more than `maxBytes` (or nothing), and from then on: the connection must end.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] | "oversized";
}

/** A reader that buffers one frame of at most `maxBytes`, in time linear in the bytes pushed. */
export function createFrameReader(maxBytes: number): FrameReader {
  const prefix = new Uint8Array(PREFIX_BYTES);
  let body: Uint8Array = prefix;
  let filled = 0;
  let wanted = PREFIX_BYTES;
  let refused = false;

  function expect(buffer: Uint8Array, length: number): void {
    body = buffer;
    filled = 0;
    wanted = length;
  }

  /** Adds a part of what is wanted; the buffer doubles as it fills. */
  function append(part: Uint8Array): void {
    if (filled + part.length > body.length) {
      const grown = new Uint8Array(Math.min(wanted, Math.max(2 * body.length, filled + part.length)));
      grown.set(body.subarray(0, filled));
      body = grown;
    }
    body.set(part, filled);
    filled += part.length;
  }

  return {
    push(chunk) {
      const bodies: Uint8Array[] = [];
      for (let at = 0; at < chunk.length && !refused; ) {
        const part = chunk.subarray(at, at + wanted - filled);
        append(part);
        at += part.length;
        if (filled < wanted) break;
        if (body === prefix) {
          const length = new DataView(prefix.buffer).getUint32(0);
          refused = length === 0 || length > maxBytes;
          expect(new Uint8Array(Math.min(length, FIRST_BUFFER_BYTES)), length);
        } else {
          bodies.push(body);
          expect(prefix, PREFIX_BYTES);
        }
      }
      return refused ? "oversized" : bodies;
    },
  };
}
