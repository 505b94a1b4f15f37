import type { TLSSocket } from "node:tls";
import type { Clock, Hex, Millis } from "@sheaf/base";
import {
  createFrameReader,
  decodeWireMessage,
  encodeFrame,
  encodeWireMessage,
  WIRE_VERSION,
  type WireMessage,
} from "@sheaf/protocol";
import type { PeerLimits } from "./limits.ts";
import type { LinkModel } from "./link.ts";
import { createOutbox } from "./outbox.ts";
import { createSendQueue, type Lane } from "./send-queue.ts";
import type { TrafficCounter } from "./traffic.ts";

/** Why a connection ended. The first three are the peer's fault: a correct one does not do them. */
export type Ending =
  | "malformed"
  | "broke-protocol"
  | "another-chain"
  | "another-version"
  | "silent"
  | "stuck"
  | "replaced"
  | "closing"
  | "lost";

export interface ConnectionEvents {
  /** The peer's first `status` was good: it follows the same chain. */
  onOpen(): void;
  onMessage(message: WireMessage): void;
  /** Called once, whoever ended the connection. */
  onEnd(ending: Ending): void;
}

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly limits: PeerLimits;
  readonly genesisHash: Hex;
  readonly link: LinkModel | undefined;
  readonly traffic: TrafficCounter;
  /** Height for the own `status`. */
  readonly height: () => number;
}

/** One authenticated socket to one peer. */
export interface Connection {
  readonly remote: string;
  readonly open: boolean;
  /** What the peer announced last. */
  readonly height: number | undefined;
  /** Queues a frame; `false` when its lane is full. */
  send(lane: Lane, frame: Uint8Array): boolean;
  /** Once each heartbeat: announces the height, and ends the connection if the peer is dead [WIRE.10]. */
  beat(): void;
  end(ending: Ending): void;
}

/** The frame of a message: its bytes on the wire. */
export function messageToFrame(message: WireMessage): Uint8Array {
  return encodeFrame(encodeWireMessage(message));
}

/**
 * Speaks the peer protocol on a socket whose other end has proved to be a pinned validator. The first
 * thing sent is a `status`, and so must be the first thing received [WIRE.1].
 */
export function createConnection(
  socket: TLSSocket,
  ports: ConnectionPorts,
  events: ConnectionEvents,
): Connection {
  const { clock, limits, traffic } = ports;
  const reader = createFrameReader(limits.frameBytes);
  const queue = createSendQueue(limits.queueBytes);
  let height: number | undefined;
  let ended = false;
  let heardAtMs: Millis = clock.now();
  const outbox = createOutbox(
    queue,
    {
      write(frame) {
        traffic.framesOut += 1;
        traffic.bytesOut += frame.length;
        socket.write(frame);
      },
      get congested() {
        return socket.writableLength > limits.socketBytes;
      },
    },
    ports.link,
    clock,
  );

  function end(ending: Ending): void {
    if (ended) return;
    ended = true;
    cancelDeadline();
    outbox.close();
    socket.destroy();
    events.onEnd(ending);
  }

  function send(lane: Lane, frame: Uint8Array): boolean {
    if (ended) return false;
    const queued = queue.push(lane, frame);
    if (queued) outbox.pump();
    else traffic.framesDropped += 1;
    // Votes that are lost cost a round: a peer that lets so many pile up is better met anew.
    if (!queued && lane === "votes") end("stuck");
    return queued;
  }

  function sendStatus(): void {
    const { genesisHash } = ports;
    const status = { kind: "status", version: WIRE_VERSION, genesisHash, height: ports.height() } as const;
    send("votes", messageToFrame(status));
  }

  /** What is wrong with a message at this point of the connection [WIRE.1] [WIRE.4]. */
  function faultOf(message: WireMessage | undefined): Ending | undefined {
    if (message === undefined) return "malformed";
    if (message.kind !== "status") return height === undefined ? "malformed" : undefined;
    if (message.version !== WIRE_VERSION) return "another-version";
    return message.genesisHash === ports.genesisHash ? undefined : "another-chain";
  }

  function receive(body: Uint8Array): void {
    traffic.framesIn += 1;
    const message = decodeWireMessage(body);
    const fault = faultOf(message);
    if (message === undefined || fault !== undefined) {
      end(fault ?? "malformed");
      return;
    }
    if (message.kind === "status") {
      const first = height === undefined;
      height = message.height;
      cancelDeadline();
      if (first) events.onOpen();
    }
    if (!ended) events.onMessage(message);
  }

  const cancelDeadline = clock.schedule(limits.handshakeMs, () => end("silent"));
  const remote = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
  socket.on("drain", () => outbox.pump());
  socket.on("error", () => end("lost"));
  socket.on("close", () => end("lost"));
  socket.on("data", (chunk: Buffer) => {
    heardAtMs = clock.now();
    traffic.bytesIn += chunk.length;
    const bodies = reader.push(chunk);
    if (bodies === "oversized") end("malformed");
    else for (const body of bodies) if (!ended) receive(body);
  });
  sendStatus();

  return {
    remote,
    get open() {
      return height !== undefined && !ended;
    },
    get height() {
      return height;
    },
    send,
    beat() {
      const deadline = clock.now() - limits.deadAfterMs;
      if (heardAtMs < deadline) end("silent");
      else if ((outbox.stuckSinceMs ?? deadline) < deadline) end("stuck");
      else sendStatus();
    },
    end,
  };
}
