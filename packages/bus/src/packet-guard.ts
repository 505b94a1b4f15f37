import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** Follows the packets of an MQTT stream by their fixed headers. */
export interface PacketGuard {
  /** `false` when a packet announces more than the limit, or its length is malformed. */
  take(bytes: Uint8Array): boolean;
}

/** Lets packets of up to `limitBytes` pass, the fixed header not counted. */
export function createPacketGuard(limitBytes: number): PacketGuard {
  /** Bytes of the present packet that are still to come, once its length is known. */
  let body = 0;
  /** Bytes of its length seen so far; -1 before its first byte. */
  let digits = -1;
  let length = 0;

  /** One byte of a fixed header. */
  function header(byte: number): boolean {
    if (digits === -1) {
      digits = 0;
      length = 0;
      return true;
    }
    length += (byte & 0x7f) * 128 ** digits;
    digits += 1;
    if (byte >= 0x80) return digits < 4;
    body = length;
    digits = -1;
    return length <= limitBytes;
  }

  return {
    take(bytes) {
      let at = 0;
      while (at < bytes.length) {
        const skipped = Math.min(body, bytes.length - at);
        body -= skipped;
        at += skipped;
        const byte = bytes[at++];
        if (byte !== undefined && !header(byte)) return false;
      }
      return true;
    },
  };
}

/** The socket, destroyed as soon as a packet that is too large is announced [BUS.4]. */
export function guardPackets(socket: Socket, limitBytes: number): Duplex {
  const guard = createPacketGuard(limitBytes);
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk, done),
    writev(chunks, done) {
      socket.cork();
      chunks.forEach(({ chunk }, index) => {
        if (index === chunks.length - 1) socket.write(chunk, done);
        else socket.write(chunk);
      });
      socket.uncork();
    },
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (bytes) => {
    if (!guard.take(bytes)) stream.destroy();
    else if (!stream.push(bytes)) socket.pause();
  });
  socket.on("end", () => void stream.push(null));
  socket.on("error", () => void stream.destroy());
  socket.on("close", () => void stream.destroy());
  return stream;
}
