import type { Clock, Random } from "@sheaf/base";
import type { Address, Genesis, WireMessage } from "@sheaf/protocol";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { ChainStore, Executor, Mempool, NodeStatus, PeerNetwork, StoredBlock } from "../ports.ts";
import { createBlockChecker } from "./block-checker.ts";
import { createBlockSync } from "./block-sync.ts";
import { blockDueMs } from "./block-timing.ts";
import { createChain } from "./chain.ts";
import { createCommitTimes } from "./commit-times.ts";
import { createChainCommittee } from "./committee.ts";
import { createConsensusDriver } from "./consensus-driver.ts";
import { createGossip } from "./gossip.ts";
import { createHostMetrics } from "./host-metrics.ts";
import { createWaitingSince } from "./pool-watch.ts";
import { createProposals } from "./proposals.ts";
import { createProposer } from "./proposer.ts";
import { createRoundTimer } from "./round-timer.ts";
import { createBlockServer } from "./serve-blocks.ts";

/** A validator at work: it orders, executes and stores blocks with its peers. */
export interface Host {
  /** Begins the height after the head and opens the network. */
  start(): Promise<void>;
  /** Live: reads as it is now. */
  readonly status: NodeStatus;
  /** Stops voting and closes the network; a block that is being written is waited for by the store. */
  stop(): Promise<void>;
}

export interface HostOptions {
  readonly genesis: Genesis;
  readonly address: Address;
  readonly privateKey: Uint8Array;
}

export interface HostPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: ChainStore;
  readonly executor: Executor;
  readonly mempool: Mempool;
  readonly network: PeerNetwork;
  readonly registry: Registry;
  readonly log: Logger;
  /** Lets the event loop turn, in the midst of long work. */
  readonly yieldTurn: () => Promise<void>;
  /** A block has become readable. */
  readonly onHead: (head: StoredBlock) => void;
  /** The validator cannot go on: `DIVERGED`, an error of the store, or a defect. */
  readonly onFatal: (error: unknown) => void;
}

/** Wires the parts of a validator around its ports. Nothing runs before `start`. */
export function createHost({ genesis, address, privateKey }: HostOptions, ports: HostPorts): Host {
  const { clock, random, store, executor, mempool, network, log, yieldTurn } = ports;
  const committee = createChainCommittee(genesis, store);
  const commitTimes = createCommitTimes();
  const metrics = createHostMetrics(ports.registry, () => network.peers);
  const waitingSince = createWaitingSince(mempool, clock);
  const checker = createBlockChecker(genesis, { clock, state: store.state, executor, mempool, yieldTurn });
  const { onHead } = ports;
  const chain = createChain({ clock, store, executor, mempool, metrics, commitTimes, log, onHead });
  const proposer = createProposer(genesis, address, { clock, store, mempool, waitingSince, checker, log });
  const blocks = createBlockServer(store, network, clock, genesis.limits.blockBytes);
  const gossip = createGossip({ clock, mempool, network, metrics });
  const timer = createRoundTimer(clock, genesis.consensus.roundTimeoutMs, () =>
    blockDueMs(store.head.block.header.timestampMs, genesis.consensus, waitingSince()),
  );
  mempool.onReady(() => timer.reconsider());

  let ended = false;
  function fail(error: unknown): void {
    if (ended) return;
    ended = true;
    driver.stop();
    sync.stop();
    ports.onFatal(error);
  }

  const driver = createConsensusDriver(
    { genesis, committee, address, privateKey },
    {
      clock,
      store,
      network,
      proposals: createProposals({ clock, store, checker, committee, log }),
      proposer,
      timer,
      metrics,
      log,
      onDecided(decided) {
        chain.append(decided).then(proceed, fail);
      },
      onBehind: (peers) => sync.onBehind(peers),
      onPeerBehind: (peer, height) => blocks.help(peer, height),
      onFailure: fail,
    },
  );
  const sync = createBlockSync(committee, {
    clock,
    random,
    store,
    network,
    checker,
    chain,
    metrics,
    log,
    onCaughtUp: proceed,
    onFailure: fail,
  });

  /** Goes on with the height after the head, unless more blocks are under way. */
  function proceed(): void {
    if (!ended && !sync.active) driver.begin();
  }

  function onMessage(from: Address, message: WireMessage): void {
    if (ended) return;
    switch (message.kind) {
      case "status":
        sync.onStatus();
        break;
      case "transactions":
        gossip.receive(message.transactions);
        break;
      case "consensus":
        driver.receive(from, message.payload);
        break;
      case "get-blocks":
        blocks.serve(from, message.from, message.count);
        break;
      case "blocks":
        sync.onBlocks(from, message.blocks);
        break;
    }
  }

  return {
    async start() {
      // Consensus first: it must know its height before the first message comes in.
      proceed();
      await network.start({
        height: () => store.head.block.header.number,
        onConnected: (peer) => driver.greet(peer),
        onMessage,
      });
    },
    status: {
      get consensus() {
        return driver.position;
      },
      get syncing() {
        return sync.active;
      },
      get peers() {
        return network.peers;
      },
      get commitTimes() {
        return commitTimes.latest;
      },
    },
    async stop() {
      ended = true;
      driver.stop();
      sync.stop();
      gossip.close();
      await network.close();
      await chain.settled();
    },
  };
}
