import { bytesToHex, createRandom, systemClock } from "@sheaf/base";
import { type Address, type Genesis, genesisHash, type WireMessage } from "@sheaf/protocol";
import { type Logger, pino } from "pino";
import { createIdentity, type TlsCredentials } from "../../src/p2p/identity.ts";
import { type PeerLimits, peerLimits } from "../../src/p2p/limits.ts";
import { createPeerNetwork } from "../../src/p2p/peer-network.ts";
import type { PeerNetwork } from "../../src/ports.ts";
import type { TestNetwork } from "./make-network.ts";

/** A validator's end of the peer network, with what it heard and refused. */
export interface TestPeer {
  readonly address: Address;
  readonly network: PeerNetwork;
  readonly heard: { readonly from: Address; readonly message: WireMessage; readonly atMs: number }[];
  /** Log lines of level warn. */
  readonly warnings: {
    readonly msg: string;
    readonly reason?: string;
    readonly ending?: string;
    readonly further?: number;
  }[];
}

export interface TestPeerChange {
  readonly genesis?: Genesis;
  readonly limits?: Partial<PeerLimits>;
  readonly credentials?: TlsCredentials;
  readonly height?: () => number;
  readonly onMessage?: (from: Address, message: WireMessage) => void;
}

export async function startPeer(
  test: TestNetwork,
  index: number,
  change: TestPeerChange = {},
): Promise<TestPeer> {
  const own = test.validators[index] as TestNetwork["validators"][number];
  const genesis = change.genesis ?? test.genesis;
  const warnings: TestPeer["warnings"] = [];
  const heard: TestPeer["heard"] = [];
  const network = createPeerNetwork(
    {
      validators: genesis.validators.map(({ address }) => address).filter((each) => each !== own.address),
      genesisHash: bytesToHex(genesisHash(genesis)),
      config: own.config.p2p,
      limits: { ...peerLimits(genesis), ...change.limits },
    },
    {
      identity: createIdentity(genesis, own.address, change.credentials ?? own.credentials),
      clock: systemClock,
      random: createRandom(own.address),
      log: collectingLogger(warnings),
    },
  );
  await network.start({
    height: change.height ?? (() => 0),
    onConnected: () => {},
    onMessage(from, message) {
      if (message.kind !== "status") heard.push({ from, message, atMs: performance.now() });
      change.onMessage?.(from, message);
    },
  });
  return { address: own.address, network, heard, warnings };
}

function collectingLogger(warnings: TestPeer["warnings"]): Logger {
  return pino({ level: "warn" }, { write: (line) => void warnings.push(JSON.parse(line)) });
}

/** Waits until `condition` holds; fails after `limitMs`. */
export async function until(what: string, condition: () => boolean, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const isConnected = (peer: TestPeer, to: TestPeer): boolean =>
  peer.network.peers.some(({ validator, connected }) => connected && validator === to.address);
