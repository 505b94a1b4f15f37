import { X509Certificate } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect, createServer, type Server } from "node:tls";
import { bytesToHex, concatBytes } from "@sheaf/base";
import { genesisHash, WIRE_VERSION } from "@sheaf/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { messageToFrame } from "../../src/p2p/connection.ts";
import { createIdentity, tlsKeyHash } from "../../src/p2p/identity.ts";
import { createAuthority, type IssuedCredentials, selfSigned } from "../support/certificates.ts";
import { makeNetwork, type TestNetwork } from "../support/make-network.ts";
import { isConnected, startPeer, type TestPeer, until } from "../support/peers.ts";

let test: TestNetwork;
let peer: TestPeer | undefined;
let sorted: number[];
beforeAll(async () => {
  test = await makeNetwork();
  sorted = [0, 1, 2, 3].sort((a, b) => (validator(a).address < validator(b).address ? -1 : 1));
});
afterEach(async () => {
  await peer?.network.close();
  peer = undefined;
});
afterAll(() => test.remove());

const validator = (index: number): TestNetwork["validators"][number] =>
  test.validators[index] as TestNetwork["validators"][number];
/** The validator whose address is the `rank`-th: 0 dials all others, 3 is dialled by all. */
const ranked = (rank: number): number => sorted[rank] as number;

const helloFrames = (): Uint8Array =>
  concatBytes(
    messageToFrame({
      kind: "status",
      version: WIRE_VERSION,
      genesisHash: bytesToHex(genesisHash(test.genesis)),
      height: 9,
    }),
    messageToFrame({ kind: "consensus", payload: Uint8Array.of(1) }),
  );

/** Pushes a good greeting through `socket` whenever it can, and counts what comes back until it ends. */
function intrude(socket: Socket): Promise<number> {
  let bytes = 0;
  return new Promise((resolve) => {
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(bytes));
    socket.write(helloFrames());
  });
}

function dial(credentials: Partial<IssuedCredentials>, extra: ConnectionOptions = {}): Promise<number> {
  const port = (peer as TestPeer).network.port;
  const { certificate, key } = credentials;
  const own = certificate === undefined || key === undefined ? {} : { cert: certificate, key };
  return intrude(connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...own, ...extra }));
}

function expectNothingGotIn(): void {
  expect(peer?.heard).toEqual([]);
  expect(peer?.network.peers.map(({ traffic }) => traffic.framesIn + traffic.framesOut)).toEqual([0, 0, 0]);
  expect(peer?.network.peers.some(({ connected }) => connected)).toBe(false);
}

describe("a listener", () => {
  it("lets a pinned validator in: the intruder of these tests works [WIRE.5] [WIRE.6]", async () => {
    peer = await startPeer(test, ranked(3));
    void dial(validator(ranked(0)).credentials);
    await until("a frame of the pinned validator", () => peer?.heard.length === 1);
    expect(peer.network.peers.filter(({ height }) => height === 9)).toHaveLength(1);
  });

  it("takes no byte from whoever has no certificate of the authority [WIRE.5]", async () => {
    peer = await startPeer(test, ranked(3));
    const stranger = await (await createAuthority()).issue();
    for (const credentials of [{}, await selfSigned(), stranger]) {
      expect(await dial(credentials)).toBe(0);
      expectNothingGotIn();
    }
  });

  it("takes no byte from a key that genesis does not pin, though the authority vouches for it [WIRE.6]", async () => {
    peer = await startPeer(test, ranked(3));
    expect(await dial(await test.authority.issue())).toBe(0);
    expect(await dial(validator(ranked(3)).credentials)).toBe(0);
    expectNothingGotIn();
    expect(peer.warnings.map(({ reason }) => reason)).toContain("key is not pinned in genesis");
  });

  it("takes no byte from a pinned key whose certificate has expired [WIRE.5]", async () => {
    const expired = await test.authority.issue({ expired: true });
    const hash = tlsKeyHash(new X509Certificate(expired.certificate));
    const validators = test.genesis.validators.map((each) =>
      each.address === validator(ranked(0)).address ? { ...each, tlsKeyHash: hash } : each,
    );
    peer = await startPeer(test, ranked(3), { genesis: { ...test.genesis, validators } });
    expect(await dial(expired)).toBe(0);
    expectNothingGotIn();
  });

  it("takes no byte over plain TCP or TLS 1.2 [WIRE.5]", async () => {
    peer = await startPeer(test, ranked(3));
    // A TLS alert may come back over plain TCP, a frame never.
    expect(await intrude(connectTcp(peer.network.port, "127.0.0.1"))).toBeLessThan(16);
    const { credentials } = validator(ranked(0));
    expect(await dial(credentials, { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" })).toBe(0);
    expectNothingGotIn();
  });

  it("refuses a pinned validator that should not dial [WIRE.8]", async () => {
    peer = await startPeer(test, ranked(0));
    await dial(validator(ranked(3)).credentials);
    expect(peer.heard).toEqual([]);
    expect(peer.network.peers.every(({ traffic }) => traffic.framesIn === 0)).toBe(true);
  });

  it("bounds sockets that do not prove who they are, and lets validators in after a flood [WIRE.7]", async () => {
    peer = await startPeer(test, ranked(3), { limits: { unauthenticated: 10, handshakeMs: 400 } });
    let open = 0;
    let gone = 0;
    const port = peer.network.port;
    for (let index = 0; index < 100; index++) {
      const socket = connectTcp(port, "127.0.0.1", () => {
        open += 1;
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open -= 1;
        gone += 1;
      });
    }
    await until("the flood is cut", () => gone >= 90);
    expect(open).toBeLessThanOrEqual(10);
    await until("the rest have timed out", () => open === 0);
    void dial(validator(ranked(1)).credentials);
    await until("a validator gets in", () => peer?.heard.length === 1);
    await until(
      "the log has said how many",
      () => peer?.warnings.some(({ further }) => (further ?? 0) > 80) === true,
    );
    expect(peer.warnings.length).toBeLessThan(5);
  });
});

describe("a dialer", () => {
  async function impostor(credentials: IssuedCredentials, change: object = {}): Promise<[Server, number[]]> {
    const port = validator(ranked(3)).config.p2p.port;
    const received: number[] = [];
    const server = createServer({
      cert: credentials.certificate,
      key: credentials.key,
      ca: test.genesis.authorityCertificate,
      requestCert: true,
      rejectUnauthorized: false,
      ...change,
    });
    server.on("secureConnection", (socket) => {
      socket.on("error", () => {});
      void intrude(socket).then((bytes) => received.push(bytes));
    });
    server.on("tlsClientError", () => received.push(0));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return [server, received];
  }

  it("gives no byte to a server that is not the pinned validator [WIRE.5] [WIRE.6]", async () => {
    const other = await createAuthority();
    const impostors: [IssuedCredentials, object?][] = [
      [await selfSigned()],
      [await other.issue()],
      [await test.authority.issue()],
      [validator(ranked(2)).credentials],
      [validator(ranked(3)).credentials, { maxVersion: "TLSv1.2" }],
    ];
    peer = await startPeer(test, ranked(0), { limits: { maxReconnectMs: 50 } });
    for (const [credentials, change] of impostors) {
      const [server, received] = await impostor(credentials, change);
      await until("two attempts", () => received.length >= 2);
      await new Promise((resolve) => server.close(resolve));
      expect(received.every((bytes) => bytes === 0)).toBe(true);
      expectNothingGotIn();
    }
    const real = await startPeer(test, ranked(3));
    await until("the validator itself is reached", () => isConnected(peer as TestPeer, real));
    await real.network.close();
  });
});

describe("an identity", () => {
  it("must be the one that genesis names [WIRE.6]", async () => {
    const { address } = validator(0);
    const invalid = expect.objectContaining({ detail: expect.objectContaining({ code: "INVALID_INPUT" }) });
    const wrong = [
      validator(1).credentials,
      { certificate: "nonsense", key: "" },
      { ...validator(0).credentials, key: validator(1).credentials.key },
    ];
    for (const each of wrong) expect(() => createIdentity(test.genesis, address, each)).toThrow(invalid);
  });
});
