import { connect, type TLSSocket } from "node:tls";
import type { Cancel, Clock, Random } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { type Identity, peerOf } from "./identity.ts";
import type { PeerLimits } from "./limits.ts";

/** Keeps trying to reach one validator until told to stop. */
export interface Dialer {
  /** Tries soon, or later the more attempts have failed in a row [WIRE.8]. Harmless while an attempt is under way. */
  dial(): void;
  /** The connection is good: the next pause is the shortest again. */
  succeeded(): void;
  close(): void;
}

export interface DialerPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: PeerLimits;
  readonly identity: Identity;
}

export function createDialer(
  peer: Address,
  at: { readonly host: string; readonly port: number },
  { clock, random, limits, identity }: DialerPorts,
  onConnected: (socket: TLSSocket) => void,
): Dialer {
  let failures = 0;
  let cancelPause: Cancel | undefined;
  let attempt: TLSSocket | undefined;
  let closed = false;

  function pauseMs(): number {
    const longest = Math.min(limits.maxReconnectMs, limits.reconnectMs * 2 ** failures);
    return longest * (0.5 + random.float() / 2);
  }

  function start(): void {
    cancelPause = undefined;
    const socket = connect({
      ...at,
      ...identity.tls,
      rejectUnauthorized: true,
      // The certificate is checked by its key, not by a host's name [WIRE.6].
      checkServerIdentity: () => undefined,
    });
    attempt = socket;
    const cancelDeadline = clock.schedule(limits.handshakeMs, () => socket.destroy());
    const onClose = (): void => {
      cancelDeadline();
      if (attempt !== socket) return;
      attempt = undefined;
      failures += 1;
      dial();
    };
    socket.setNoDelay(true).setKeepAlive(true);
    socket.on("error", () => socket.destroy());
    socket.once("close", onClose);
    socket.once("secureConnect", () => {
      if (peerOf(socket, identity) !== peer) return void socket.destroy();
      cancelDeadline();
      attempt = undefined;
      failures += 1;
      onConnected(socket);
    });
  }

  function dial(): void {
    if (closed || attempt !== undefined || cancelPause !== undefined) return;
    cancelPause = clock.schedule(failures === 0 ? 0 : pauseMs(), start);
  }

  return {
    dial,
    succeeded() {
      failures = 0;
    },
    close() {
      closed = true;
      cancelPause?.();
      attempt?.destroy();
    },
  };
}
