import { connect, type TLSSocket } from "node:tls";
import { bytesToHex } from "@sheaf/base";
import { encodeFrame, genesisHash, WIRE_VERSION, type WireMessage } from "@sheaf/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { messageToFrame } from "../../src/p2p/connection.ts";
import { makeNetwork, type TestNetwork } from "../support/make-network.ts";
import { isConnected, startPeer, type TestPeer, type TestPeerChange, until } from "../support/peers.ts";

let test: TestNetwork;
let sorted: number[];
const running: TestPeer[] = [];
const sockets: TLSSocket[] = [];

beforeAll(async () => {
  test = await makeNetwork();
  sorted = [0, 1, 2, 3].sort((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map(({ network }) => network.close()));
});
afterAll(() => test.remove());

const addressOf = (index: number): string => test.validators[index]?.address ?? "";

async function start(rank: number, change?: TestPeerChange): Promise<TestPeer> {
  const peer = await startPeer(test, sorted[rank] as number, change);
  running.push(peer);
  return peer;
}

/** A socket with the credentials of the lowest validator to `to`, for saying what a validator would not. */
function rawSocket(to: TestPeer): TLSSocket {
  const { credentials } = test.validators[sorted[0] as number] as TestNetwork["validators"][number];
  const socket = connect({
    host: "127.0.0.1",
    port: to.network.port,
    rejectUnauthorized: false,
    cert: credentials.certificate,
    key: credentials.key,
  });
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

const hello = (change: Partial<WireMessage & { kind: "status" }> = {}): Uint8Array =>
  messageToFrame({
    kind: "status",
    version: WIRE_VERSION,
    genesisHash: bytesToHex(genesisHash(test.genesis)),
    height: 0,
    ...change,
  });

const vote = (byte: number, length = 1): WireMessage => ({
  kind: "consensus",
  payload: new Uint8Array(length).fill(byte),
});

describe("the peer network", () => {
  it("connects every pair once and carries messages both ways, in order [WIRE.8] [WIRE.2] [WIRE.3]", async () => {
    const peers = await Promise.all([0, 1, 2, 3].map((rank) => start(rank, { height: () => 40 + rank })));
    const full = (): boolean => peers.every((a) => peers.every((b) => a === b || isConnected(a, b)));
    await until("a full mesh", full);
    peers.forEach((peer, rank) => {
      for (let index = 0; index < 50; index++) peer.network.broadcast(vote(rank, 1 + index * 100));
    });
    await until("all messages", () => peers.every(({ heard }) => heard.length === 150));
    for (const { heard, network } of peers) {
      for (const other of peers) {
        const lengths = heard
          .filter(({ from }) => from === other.address)
          .map(({ message }) => (message as { payload: Uint8Array }).payload.length);
        expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
      }
      expect(network.peers.map(({ traffic }) => traffic.connects)).toEqual([1, 1, 1]);
      expect(network.peers.every(({ height, remote }) => (height ?? 0) >= 40 && remote !== undefined)).toBe(
        true,
      );
    }
  });

  it("announces the height each heartbeat [WIRE.10]", async () => {
    let height = 5;
    const heights: number[] = [];
    await start(0, { height: () => height, limits: { heartbeatMs: 30 } });
    await start(3, {
      onMessage: (_, message) => void (message.kind === "status" && heights.push(message.height)),
    });
    await until("the first status", () => heights.includes(5));
    height = 6;
    await until("the next", () => heights.includes(6));
  });

  it("comes back after a restart of either side [WIRE.8]", async () => {
    const limits = { maxReconnectMs: 100 };
    for (const rank of [0, 3]) {
      const stays = await start(3 - rank, { limits });
      for (let life = 1; life <= 3; life++) {
        const peer = await start(rank, { limits });
        await until("connected", () => isConnected(stays, peer) && isConnected(peer, stays));
        await peer.network.close();
        await until("gone", () => !isConnected(stays, peer));
      }
      await stays.network.close();
    }
  });

  it("prefers the newer of two connections: the older one is dead and does not know [WIRE.8]", async () => {
    const peer = await start(3);
    const first = rawSocket(peer);
    first.write(hello());
    await until("first", () => peer.network.peers.some(({ connected }) => connected));
    const second = rawSocket(peer);
    second.write(hello());
    first.resume();
    await until("the first is closed", () => first.closed);
    second.write(messageToFrame(vote(7)));
    await until("the second lives", () => peer.heard.length === 1);
  });

  it("cuts off another version or another chain [WIRE.1]", async () => {
    const peer = await start(3);
    for (const change of [{ version: WIRE_VERSION + 1 }, { genesisHash: `0x${"11".repeat(32)}` as const }]) {
      const socket = rawSocket(peer);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.write(hello(change));
      socket.write(messageToFrame(vote(1)));
      socket.resume();
      await closed;
    }
    expect(peer.heard).toEqual([]);
    expect(peer.warnings.map(({ ending }) => ending)).toEqual(["another-version", "another-chain"]);
  });

  it("cuts off who says anything before status, or anything malformed or oversized [WIRE.1] [WIRE.2] [WIRE.4]", async () => {
    const peer = await start(3);
    const limit = test.genesis.limits.blockBytes + 256 * 1024;
    const bad: Uint8Array[][] = [
      [messageToFrame(vote(1))],
      [hello(), encodeFrame(Uint8Array.of(200))],
      [hello(), encodeFrame(Uint8Array.of(1, 0xff, 0x00))],
      [hello(), Uint8Array.of(0, 0, 0, 0)],
      [hello(), new Uint8Array(new Uint32Array([limit + 1]).buffer).reverse()],
    ];
    for (const frames of bad) {
      const socket = rawSocket(peer);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      for (const frame of frames) socket.write(frame);
      socket.write(messageToFrame(vote(2)));
      socket.resume();
      await closed;
    }
    expect(peer.heard).toEqual([]);
    expect(peer.warnings.map(({ ending }) => ending)).toEqual(bad.map(() => "malformed"));
  });

  it("cuts off a peer that falls silent, before or after its status [WIRE.7] [WIRE.10]", async () => {
    const peer = await start(3, { limits: { heartbeatMs: 50, deadAfterMs: 200, handshakeMs: 200 } });
    for (const frames of [[], [hello()]]) {
      const socket = rawSocket(peer);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      for (const frame of frames) socket.write(frame);
      socket.resume();
      await closed;
    }
    expect(peer.warnings.map(({ ending }) => ending)).toEqual(["silent", "silent"]);
  });

  it("drops transactions to a peer that does not read, keeps votes, and gives it up in the end [WIRE.9] [WIRE.10]", async () => {
    const peer = await start(3, {
      limits: {
        heartbeatMs: 50,
        deadAfterMs: 400,
        queueBytes: { votes: 8e6, blocks: 1e6, transactions: 1e6 },
      },
    });
    const socket = rawSocket(peer);
    socket.pause();
    socket.write(hello());
    await until("connected", () => peer.network.peers.some(({ connected }) => connected));
    const to = test.validators[sorted[0] as number]?.address ?? "0x";
    const gossip: WireMessage = { kind: "transactions", transactions: [new Uint8Array(100_000)] };
    let taken = 0;
    let votesTaken = true;
    const talk = setInterval(() => {
      socket.write(hello());
      while (peer.network.send(to, gossip)) taken += 1;
      votesTaken &&= peer.network.send(to, vote(1, 1_000));
    }, 20);
    await until("the lane of transactions is full", () => taken > 10);
    expect(votesTaken).toBe(true);
    await until("given up", () => peer.warnings.some(({ ending }) => ending === "stuck"));
    clearInterval(talk);
    expect(peer.network.send(to, vote(1))).toBe(false);
    expect(peer.network.peers.some(({ traffic }) => traffic.framesDropped > 0)).toBe(true);
  });

  it("ends a connection at once when the votes themselves do not fit [WIRE.9]", async () => {
    const peer = await start(3, { limits: { queueBytes: { votes: 1e5, blocks: 1e5, transactions: 1e5 } } });
    const socket = rawSocket(peer);
    socket.pause();
    socket.write(hello());
    await until("connected", () => peer.network.peers.some(({ connected }) => connected));
    for (let index = 0; index < 1_000; index++) peer.network.broadcast(vote(1, 50_000));
    expect(peer.warnings.map(({ ending }) => ending)).toEqual(["stuck"]);
  });

  it("holds frames back as the emulated link says, over real sockets [LINK.1] [LINK.2]", async () => {
    const slow = await makeNetwork({ link: { delayMs: 120 } });
    const peers = await Promise.all([0, 1].map((index) => startPeer(slow, index)));
    running.push(...peers);
    const [a, b] = peers as [TestPeer, TestPeer];
    await until("connected", () => isConnected(a, b) && isConnected(b, a));
    const sentAtMs = performance.now();
    a.network.broadcast(vote(1));
    await until("it arrives", () => b.heard.length === 1);
    expect((b.heard[0]?.atMs ?? 0) - sentAtMs).toBeGreaterThanOrEqual(119);
    slow.remove();
  });

  it("ends the connection of a peer that broke the protocol [WIRE.4]", async () => {
    const [a, b] = await Promise.all([start(0), start(3)]);
    await until("connected", () => isConnected(a, b) && isConnected(b, a));
    b.network.disconnect(a.address as `0x${string}`, "bad vote");
    expect(isConnected(b, a)).toBe(false);
    await until("it may come again", () => isConnected(b, a));
  });

  it("says so in one line when its port is taken", async () => {
    const peer = await start(3);
    expect(peer.network.port).toBe(test.validators[sorted[3] as number]?.config.p2p.port);
    await expect(startPeer(test, sorted[3] as number)).rejects.toMatchObject({
      detail: { code: "INVALID_INPUT", at: "p2p.port" },
    });
  });
});
