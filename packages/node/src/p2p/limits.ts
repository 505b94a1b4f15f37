import type { ByteCount, Millis } from "@sheaf/base";
import type { Genesis } from "@sheaf/protocol";
import type { LaneLimits } from "./send-queue.ts";

/** Beside a block, a frame holds a certificate or a justification at most. */
const FRAME_SLACK_BYTES = 256 * 1024;

/** What bounds time and memory of the connections. */
export interface PeerLimits {
  /** The longest body of a frame that is read or sent [WIRE.2]. */
  readonly frameBytes: ByteCount;
  /** Bytes that wait for one peer, by lane [WIRE.9]. */
  readonly queueBytes: LaneLimits;
  /** Beyond this many bytes in a socket, frames stay in the queue. */
  readonly socketBytes: ByteCount;
  /** Accepted sockets that have not proved who they are [WIRE.7]. */
  readonly unauthenticated: number;
  /** For the TLS handshake, and again from there to the first `status` [WIRE.7]. */
  readonly handshakeMs: Millis;
  /** Between two `status` messages [WIRE.10]. */
  readonly heartbeatMs: Millis;
  /** A peer that was silent, or took nothing, for so long is cut off [WIRE.10]. */
  readonly deadAfterMs: Millis;
  /** Pause before the first attempt to reconnect; doubles up to the longest [WIRE.8]. */
  readonly reconnectMs: Millis;
  readonly maxReconnectMs: Millis;
}

export function peerLimits(genesis: Genesis): PeerLimits {
  const frameBytes = genesis.limits.blockBytes + FRAME_SLACK_BYTES;
  return {
    frameBytes,
    queueBytes: { votes: 4 * frameBytes, blocks: 2 * frameBytes, transactions: 2 * frameBytes },
    socketBytes: 256 * 1024,
    unauthenticated: 64,
    handshakeMs: 5_000,
    heartbeatMs: 1_000,
    deadAfterMs: 10_000,
    reconnectMs: 50,
    maxReconnectMs: 2_000,
  };
}
