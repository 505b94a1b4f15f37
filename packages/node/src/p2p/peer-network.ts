import type { TLSSocket } from "node:tls";
import { type Cancel, type Clock, type Hex, invariant, type Random } from "@sheaf/base";
import type { Address, NodeConfig } from "@sheaf/protocol";
import type { Logger } from "pino";
import type { Peer, PeerListener, PeerNetwork } from "../ports.ts";
import { type Connection, createConnection, type Ending, messageToFrame } from "./connection.ts";
import { createDialer, type Dialer } from "./dialer.ts";
import type { Identity } from "./identity.ts";
import type { PeerLimits } from "./limits.ts";
import { createLinkModel, type LinkModel } from "./link.ts";
import { createListener, type Listener } from "./listener.ts";
import { laneOf } from "./send-queue.ts";
import { createTrafficCounter, type TrafficCounter } from "./traffic.ts";

export interface PeerNetworkOptions {
  /** All other validators. */
  readonly validators: readonly Address[];
  readonly genesisHash: Hex;
  readonly config: NodeConfig["p2p"];
  readonly limits: PeerLimits;
}

export interface PeerNetworkPorts {
  readonly identity: Identity;
  readonly clock: Clock;
  /** Seeds the emulated links and spreads reconnections. */
  readonly random: Random;
  readonly log: Logger;
}

interface Remote {
  readonly validator: Address;
  readonly traffic: TrafficCounter;
  readonly link: LinkModel | undefined;
  dialer: Dialer | undefined;
  connection: Connection | undefined;
}

/** TLS connections to every other validator: of each pair, the lower address dials [WIRE.8]. */
export function createPeerNetwork(options: PeerNetworkOptions, ports: PeerNetworkPorts): PeerNetwork {
  const { config, limits, genesisHash } = options;
  const { identity, clock, random, log } = ports;
  const remotes = new Map<Address, Remote>();
  let server: Listener | undefined;
  let listener: PeerListener | undefined;
  let cancelBeat: Cancel = () => {};
  let closed = false;
  let refused = 0;

  for (const validator of options.validators) {
    const link = config.peers[validator]?.link;
    remotes.set(validator, {
      validator,
      traffic: createTrafficCounter(),
      link: link === undefined ? undefined : createLinkModel(link, random.fork(`link/${validator}`)),
      dialer: undefined,
      connection: undefined,
    });
  }

  function adopt(remote: Remote, socket: TLSSocket): void {
    const host = listener;
    if (closed || host === undefined) return void socket.destroy();
    const { validator } = remote;
    // A peer that comes again has lost the connection that still looks good here [WIRE.8].
    remote.connection?.end("replaced");
    const connection = createConnection(
      socket,
      {
        clock,
        limits,
        genesisHash,
        link: remote.link,
        traffic: remote.traffic,
        height: () => host.height(),
      },
      {
        onOpen() {
          remote.traffic.connects += 1;
          remote.dialer?.succeeded();
          log.info({ peer: validator, remote: connection.remote }, "peer connected");
          host.onConnected(validator);
        },
        onMessage: (message) => host.onMessage(validator, message),
        onEnd: (ending) => onEnd(remote, connection, ending),
      },
    );
    remote.connection = connection;
  }

  function onEnd(remote: Remote, connection: Connection, ending: Ending): void {
    if (remote.connection === connection) remote.connection = undefined;
    const level = ending === "lost" || ending === "closing" ? "info" : "warn";
    log[level]({ peer: remote.validator, ending }, "peer disconnected");
    if (!closed && remote.connection === undefined) remote.dialer?.dial();
  }

  /** One line for the first of each heartbeat, one for the rest: strangers do not fill the log. */
  function onRefused(remote: string, reason: string): void {
    refused += 1;
    if (refused === 1) log.warn({ remote, reason }, "connection refused");
  }

  function beat(): void {
    cancelBeat = clock.schedule(limits.heartbeatMs, beat);
    if (refused > 1) log.warn({ further: refused - 1 }, "connections refused");
    refused = 0;
    for (const { connection } of remotes.values()) connection?.beat();
  }

  function dialAll(): void {
    for (const remote of remotes.values()) {
      const at = config.peers[remote.validator];
      if (at === undefined || identity.address > remote.validator) continue;
      remote.dialer = createDialer(remote.validator, at, { clock, random, limits, identity }, (socket) =>
        adopt(remote, socket),
      );
      remote.dialer.dial();
    }
  }

  return {
    get peers() {
      return [...remotes.values()].map(describe);
    },
    get port() {
      invariant(server !== undefined, "the peer network listens");
      return server.port;
    },
    async start(host) {
      listener = host;
      server = await createListener(config, identity, limits, {
        onPeer(validator, socket) {
          const remote = remotes.get(validator);
          // The lower address dials; a connection of the other direction is none of ours [WIRE.8].
          if (remote === undefined || validator > identity.address) return void socket.destroy();
          adopt(remote, socket);
        },
        onRefused,
      });
      dialAll();
      cancelBeat = clock.schedule(limits.heartbeatMs, beat);
    },
    send(validator, message) {
      const connection = remotes.get(validator)?.connection;
      return connection?.open === true && connection.send(laneOf(message.kind), messageToFrame(message));
    },
    broadcast(message) {
      const frame = messageToFrame(message);
      const lane = laneOf(message.kind);
      for (const { connection } of remotes.values()) if (connection?.open) connection.send(lane, frame);
    },
    disconnect(validator, reason) {
      log.warn({ peer: validator, reason }, "peer broke the protocol");
      remotes.get(validator)?.connection?.end("broke-protocol");
    },
    async close() {
      closed = true;
      cancelBeat();
      for (const { dialer, connection } of remotes.values()) {
        dialer?.close();
        connection?.end("closing");
      }
      await server?.close();
    },
  };
}

function describe({ validator, connection, traffic }: Remote): Peer {
  const open = connection?.open === true;
  return {
    validator,
    connected: open,
    height: open ? connection.height : undefined,
    remote: open ? connection.remote : undefined,
    traffic,
  };
}
