import type { Clock, Random, VirtualClock } from "@sheaf/base";
import { type Message, parseMessage } from "@sheaf/consensus";
import { type Address, decodeWireMessage, encodeWireMessage, type WireMessage } from "@sheaf/protocol";
import type { Peer, PeerListener, PeerNetwork } from "../../src/ports.ts";

/** One way from a validator to another: frames arrive in order, or not at all once the pair was cut. */
interface Way {
  downUntilMs: number;
  /** Frames of an earlier life of the connection are lost. */
  life: number;
  lastArrivalMs: number;
}

export interface VirtualMesh {
  /** The network of a validator; its earlier one must be closed. */
  join(address: Address): PeerNetwork;
  /** Loses the connection of a pair, with all that is under way; it comes back after `forMs`. */
  cut(a: Address, b: Address, forMs: number): void;
  /** Cuts every validator of one side from every one of the other. */
  partition(side: readonly Address[], forMs: number): void;
  /** Every consensus message that anybody sent. */
  readonly votes: readonly { readonly sender: Address; readonly message: Message }[];
}

const NO_TRAFFIC = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, framesDropped: 0, connects: 0 };

/** A network in memory on a virtual clock; delays are random between `minDelayMs` and `maxDelayMs`. */
export function createVirtualMesh(
  clock: VirtualClock,
  random: Random,
  addresses: readonly Address[],
  { minDelayMs = 1, maxDelayMs = 15 } = {},
): VirtualMesh {
  const members = new Map<Address, { listener: PeerListener; heights: Map<Address, number> }>();
  const ways = new Map<string, Way>();
  const votes: { sender: Address; message: Message }[] = [];
  const wayOf = (from: Address, to: Address): Way => {
    const key = `${from}>${to}`;
    let way = ways.get(key);
    if (way === undefined) {
      way = { downUntilMs: 0, life: 0, lastArrivalMs: 0 };
      ways.set(key, way);
    }
    return way;
  };
  const connected = (a: Address, b: Address): boolean =>
    members.has(a) && members.has(b) && wayOf(a, b).downUntilMs <= clock.now();

  function transmit(from: Address, to: Address, message: WireMessage): boolean {
    if (!connected(from, to)) return false;
    const body = encodeWireMessage(message);
    const way = wayOf(from, to);
    const { life } = way;
    const delay = minDelayMs + random.float() * (maxDelayMs - minDelayMs);
    way.lastArrivalMs = Math.max(way.lastArrivalMs, clock.now() + delay);
    clock.schedule(way.lastArrivalMs - clock.now(), () => {
      const member = members.get(to);
      const received = decodeWireMessage(body);
      if (member === undefined || way.life !== life || received === undefined) return;
      if (received.kind === "status") member.heights.set(from, received.height);
      member.listener.onMessage(from, received);
    });
    return true;
  }

  const status = (from: Address): WireMessage => ({
    kind: "status",
    version: 1,
    genesisHash: `0x${"00".repeat(32)}`,
    height: members.get(from)?.listener.height() ?? 0,
  });

  function meet(a: Address, b: Address): void {
    if (!connected(a, b)) return;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      transmit(from, to, status(from));
      members.get(from)?.listener.onConnected(to);
    }
  }

  function lose(a: Address, b: Address): void {
    for (const way of [wayOf(a, b), wayOf(b, a)]) {
      way.life += 1;
      way.lastArrivalMs = 0;
    }
  }

  function beat(from: Address, network: PeerNetwork, of: Clock): void {
    of.schedule(1_000, () => {
      if (networks.get(from) !== network) return;
      for (const to of addresses) if (to !== from) transmit(from, to, status(from));
      beat(from, network, of);
    });
  }

  const networks = new Map<Address, PeerNetwork>();

  function join(address: Address): PeerNetwork {
    const others = addresses.filter((each) => each !== address);
    const heights = new Map<Address, number>();
    const describe = (validator: Address): Peer => ({
      validator,
      connected: connected(address, validator),
      height: connected(address, validator) ? heights.get(validator) : undefined,
      remote: "memory",
      traffic: NO_TRAFFIC,
    });
    const network: PeerNetwork = {
      get peers() {
        return others.map(describe);
      },
      port: 0,
      async start(listener) {
        members.set(address, { listener, heights });
        for (const other of others) meet(address, other);
        beat(address, network, clock);
      },
      send: (to, message) => networks.get(address) === network && transmit(address, to, message),
      broadcast(message) {
        if (networks.get(address) !== network) return;
        tap(address, message);
        for (const other of others) transmit(address, other, message);
      },
      disconnect(peer) {
        cut(address, peer, 50);
      },
      async close() {
        if (networks.get(address) !== network) return;
        networks.delete(address);
        members.delete(address);
        for (const other of others) lose(address, other);
      },
    };
    networks.set(address, network);
    return network;
  }

  function tap(sender: Address, message: WireMessage): void {
    if (message.kind !== "consensus") return;
    const vote = parseMessage(message.payload);
    if (vote !== undefined) votes.push({ sender, message: vote });
  }

  function cut(a: Address, b: Address, forMs: number): void {
    lose(a, b);
    const endsAtMs = clock.now() + forMs;
    for (const way of [wayOf(a, b), wayOf(b, a)]) way.downUntilMs = Math.max(way.downUntilMs, endsAtMs);
    clock.schedule(forMs, () => {
      if (wayOf(a, b).downUntilMs === endsAtMs) meet(a, b);
    });
  }

  return {
    join,
    cut,
    partition(side, forMs) {
      for (const a of side) for (const b of addresses) if (!side.includes(b)) cut(a, b, forMs);
    },
    votes,
  };
}
