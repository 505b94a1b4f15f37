import type { Cancel, Clock, Millis, Random } from "@sheaf/base";
import { type Address, type CertifiedBlock, decodeBlock } from "@sheaf/protocol";
import type { Logger } from "pino";
import type { ChainStore, PeerNetwork } from "../ports.ts";
import type { BlockChecker } from "./block-checker.ts";
import { type Chain, diverged } from "./chain.ts";
import type { BlockFault } from "./check-block.ts";
import type { ChainCommittee } from "./committee.ts";
import type { HostMetrics } from "./host-metrics.ts";

/** Brings a validator that was away up to the others: fetches decided blocks, verifies and executes them. */
export interface BlockSync {
  /** Whether blocks are being caught up; consensus had better wait. */
  readonly active: boolean;
  /** A peer has announced a height: fetches what is missing, if consensus will not bring it [FETCH.1]. */
  onStatus(): void;
  /** Consensus has seen `peers` work at later heights: the next block is decided, and they have it. */
  onBehind(peers: readonly Address[]): void;
  /** An answer to a request, or a block that a peer found missing here. */
  onBlocks(from: Address, blocks: readonly CertifiedBlock[]): void;
  stop(): void;
}

export interface BlockSyncPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: ChainStore;
  readonly network: PeerNetwork;
  readonly checker: BlockChecker;
  readonly chain: Chain;
  readonly metrics: HostMetrics;
  readonly log: Logger;
  /** The head has moved, and no more is missing for all that is known. */
  readonly onCaughtUp: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Blocks asked for at once; the bytes of an answer are bounded by a frame [FETCH.3]. */
const BATCH = 128;
const ANSWER_WITHIN_MS: Millis = 5_000;
/** For how long a peer that answered badly is not asked again [FETCH.4]. */
const BLAME_MS: Millis = 10_000;
/** One block behind is common while the last commits are under way: consensus has so long to bring it [FETCH.1]. */
const PATIENCE_MS: Millis = 1_000;

/** What can be wrong with a certified block by the fault of whoever sent it: the seals cover the header only. */
const PEERS_WORD: ReadonlySet<BlockFault> = new Set(["malformed", "size", "count", "transactions-digest"]);

interface Asked {
  readonly peer: Address;
  readonly answer: (blocks: readonly CertifiedBlock[] | undefined) => void;
}

export function createBlockSync(committee: ChainCommittee, ports: BlockSyncPorts): BlockSync {
  const { clock, random, store, network, checker, chain, metrics, log } = ports;
  const blamedUntilMs = new Map<Address, Millis>();
  /** Heights that peers have shown in consensus, where these are above what they announced. */
  const shown = new Map<Address, number>();
  let asked: Asked | undefined;
  let running = false;
  let catchingUp = false;
  let stopped = false;

  const headNumber = (): number => store.head.block.header.number;

  function peersAhead(): readonly Address[] {
    const now = clock.now();
    const head = headNumber();
    return network.peers
      .filter(({ validator, connected, height = 0 }) => {
        if (!connected || (blamedUntilMs.get(validator) ?? 0) > now) return false;
        return Math.max(height, shown.get(validator) ?? 0) > head;
      })
      .map(({ validator }) => validator);
  }

  function ask(peer: Address): Promise<readonly CertifiedBlock[] | undefined> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      const answer = (blocks: readonly CertifiedBlock[] | undefined): void => {
        cancel();
        asked = undefined;
        resolve(blocks);
      };
      asked = { peer, answer };
      cancel = clock.schedule(ANSWER_WITHIN_MS, () => answer(undefined));
      const queued = network.send(peer, { kind: "get-blocks", from: headNumber() + 1, count: BATCH });
      if (!queued) answer(undefined);
    });
  }

  /** Fetches from one peer after another until none is ahead. */
  async function run(): Promise<void> {
    if (running || stopped) return;
    running = true;
    try {
      for (let ahead = peersAhead(); ahead.length > 0 && !stopped; ahead = peersAhead()) {
        const peer = random.pick(ahead);
        const before = headNumber();
        const blocks = await ask(peer);
        if (blocks !== undefined) await appendAll(peer, blocks);
        if (headNumber() > before) catchingUp = true;
        else blame(peer, blocks === undefined ? "no answer" : "answer without progress");
      }
    } catch (error) {
      ports.onFailure(error);
    } finally {
      running = false;
      if (catchingUp) {
        catchingUp = false;
        ports.onCaughtUp();
      }
    }
  }

  function blame(peer: Address, reason: string): void {
    log.warn({ peer, reason }, "block sync turns to another peer");
    blamedUntilMs.set(peer, clock.now() + BLAME_MS);
    shown.delete(peer);
  }

  async function appendAll(peer: Address, blocks: readonly CertifiedBlock[]): Promise<void> {
    for (const certified of blocks) {
      if (stopped) return;
      const fault = await appendOne(certified);
      if (fault === undefined) continue;
      log.warn({ peer, fault }, "a peer sent a block that is not decided");
      network.disconnect(peer, "bad block");
      return;
    }
  }

  /** Verifies and executes one block; what is already here is left out. Gives what is wrong with it [FETCH.2]. */
  async function appendOne({ block: payload, certificate }: CertifiedBlock): Promise<string | undefined> {
    const parent = store.head;
    const next = parent.block.header.number + 1;
    const block = decodeBlock(payload);
    if (block === undefined || block.header.number > next) return "malformed";
    if (block.header.number < next) return undefined;
    const round = committee.sealedRound(next, block.hash, certificate);
    if (round === undefined) return "certificate";
    const proposers = new Set<Address>();
    for (let each = 0; each <= Math.min(round, committee.addresses.size); each++) {
      proposers.add(committee.proposer(next, each));
    }
    const expected = { parent, digest: block.hash, proposers, nowMs: undefined };
    const candidate = await checker.check(payload, expected);
    // Consensus may have brought the block while it was being checked.
    if (store.head !== parent && headNumber() >= next) return undefined;
    if (typeof candidate === "string" && PEERS_WORD.has(candidate)) return candidate;
    if (typeof candidate === "string") throw diverged(next, { fault: candidate, sealed: block.hash });
    const appended = await chain.append({ candidate, certificate, decidedAtMs: clock.wallMs() });
    if (appended) metrics.synced(1);
    return undefined;
  }

  return {
    get active() {
      return catchingUp;
    },
    onStatus() {
      if (running || chain.busy) return;
      const head = headNumber();
      const highest = Math.max(...network.peers.map(({ height }) => height ?? 0), 0);
      const patient = clock.now() - chain.headSinceMs < PATIENCE_MS;
      if (highest > head + 1 || (highest > head && !patient)) void run();
    },
    onBehind(peers) {
      for (const peer of peers) shown.set(peer, headNumber() + 1);
      void run();
    },
    onBlocks(from, blocks) {
      if (asked?.peer === from) {
        asked.answer(blocks);
      } else if (!running && blocks.length === 1) {
        running = true;
        appendAll(from, blocks)
          .catch(ports.onFailure)
          .finally(() => {
            running = false;
            ports.onCaughtUp();
          });
      }
    },
    stop() {
      stopped = true;
      asked?.answer(undefined);
    },
  };
}
