import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Cancel,
  type Clock,
  createRandom,
  createVirtualClock,
  type Random,
  type VirtualClock,
} from "@sheaf/base";
import type { Address, ExecutionDigest } from "@sheaf/protocol";
import { pino } from "pino";
import { Registry } from "prom-client";
import { createEvmExecutor } from "../../src/execution/evm-executor.ts";
import { createHost, type Host } from "../../src/host/host.ts";
import { createMempool } from "../../src/mempool/mempool.ts";
import type { ChainStore, Executor, Mempool } from "../../src/ports.ts";
import { openChainStore } from "../../src/store/open-chain-store.ts";
import type { TestNetwork } from "./make-network.ts";
import { createVirtualMesh, type VirtualMesh } from "./virtual-mesh.ts";

/** One life of one validator on the virtual clock. */
export interface VirtualValidator {
  readonly address: Address;
  readonly host: Host;
  readonly store: ChainStore;
  readonly mempool: Mempool;
  /** Log lines of level warn and above. */
  readonly log: readonly { readonly level: number; readonly msg: string }[];
  /** Why it stopped by itself. */
  readonly failure: unknown;
}

/** Whole validators (host, store, EVM, pool) on one virtual clock and a network in memory. */
export interface VirtualNetwork {
  readonly clock: VirtualClock;
  readonly mesh: VirtualMesh;
  readonly random: Random;
  readonly running: ReadonlyMap<number, VirtualValidator>;
  start(index: number, change?: VirtualChange): Promise<VirtualValidator>;
  /** As a kill: nothing of this life happens any more, and what was not stored is lost. */
  kill(index: number): Promise<void>;
  /** Deletes the data of a validator that does not run. */
  forget(index: number): void;
  /** Runs for `ms` of virtual time. */
  run(ms: number): Promise<void>;
  /** Runs until `condition` holds; `false` when it does not within `limitMs` of virtual time. */
  runUntil(condition: () => boolean, limitMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** What is wrong with a validator. */
export interface VirtualChange {
  readonly executor?: (real: Executor) => Executor;
  /** Its votes are not persisted: a restart forgets them. */
  readonly isForgetful?: boolean;
}

interface Life {
  readonly validator: VirtualValidator;
  end(): void;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createVirtualNetwork(
  test: TestNetwork,
  seed: string,
  delays: { readonly minDelayMs?: number; readonly maxDelayMs?: number } = {},
): VirtualNetwork {
  const clock = createVirtualClock(test.genesis.timestampMs + 10_000);
  const random = createRandom(seed);
  const addresses = test.validators.map(({ address }) => address);
  const mesh = createVirtualMesh(clock, random.fork("mesh"), addresses, delays);
  const lives = new Map<number, Life>();
  const running = new Map<number, VirtualValidator>();
  const dataDir = (index: number): string => join(test.dir, `virtual-${index}`);
  let work = 0;

  /** Time stands still while the EVM runs and the store writes. */
  async function counted<T>(promise: Promise<T>): Promise<T> {
    work += 1;
    try {
      return await promise;
    } finally {
      work -= 1;
    }
  }

  async function settle(): Promise<void> {
    do await turn();
    while (work > 0);
  }

  async function start(
    index: number,
    { executor: change = (real: Executor) => real, isForgetful = false }: VirtualChange = {},
  ): Promise<VirtualValidator> {
    const own = test.validators[index] as TestNetwork["validators"][number];
    const { genesis } = test;
    let alive = true;
    const mortal: Clock = {
      now: clock.now,
      wallMs: clock.wallMs,
      schedule: (delayMs, action): Cancel => clock.schedule(delayMs, () => alive && action()),
    };
    const opened = await openChainStore({
      dataDir: dataDir(index),
      genesis,
      durability: "process",
    });
    const store = harnessedStore(opened, counted, isForgetful);
    const real = createEvmExecutor({ state: store.state, genesis });
    const executor = change({ ...real, execute: (...given) => counted(real.execute(...given)) });
    const mempool = createMempool({ genesis, config: own.config.mempool, state: store.state, executor });
    const log: { level: number; msg: string }[] = [];
    let failure: unknown;
    const host = createHost(
      { genesis, address: own.address, privateKey: own.privateKey },
      {
        clock: mortal,
        random: random.fork(`${index}`),
        store,
        executor,
        mempool,
        network: mesh.join(own.address),
        registry: new Registry(),
        log: pino({ level: "warn" }, { write: (line) => void log.push(JSON.parse(line)) }),
        yieldTurn: () => Promise.resolve(),
        onHead: () => {},
        onFatal(error) {
          failure = error;
        },
      },
    );
    const validator: VirtualValidator = {
      address: own.address,
      host,
      store,
      mempool,
      log,
      get failure() {
        return failure;
      },
    };
    lives.set(index, {
      validator,
      end() {
        alive = false;
      },
    });
    running.set(index, validator);
    await host.start();
    await settle();
    return validator;
  }

  async function kill(index: number): Promise<void> {
    const life = lives.get(index);
    if (life === undefined) return;
    lives.delete(index);
    running.delete(index);
    life.end();
    await life.validator.host.stop();
    await life.validator.store.close();
  }

  async function runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const limit = clock.now() + limitMs;
    let due = false;
    clock.schedule(limitMs, () => {
      due = true;
    });
    while (!condition()) {
      if (due || clock.now() > limit || !clock.runNext()) return condition();
      await settle();
    }
    return true;
  }

  return {
    clock,
    mesh,
    random,
    running,
    start,
    kill,
    run: async (ms) => void (await runUntil(() => false, ms)),
    runUntil,
    forget: (index) => rmSync(dataDir(index), { recursive: true, force: true }),
    async close() {
      for (const index of [...lives.keys()]) await kill(index);
    },
  };
}

function harnessedStore(
  store: ChainStore,
  counted: <T>(promise: Promise<T>) => Promise<T>,
  isForgetful: boolean,
): ChainStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "saveConsensusRecord" && isForgetful) return () => {};
      if (name === "commit") {
        return (...given: Parameters<ChainStore["commit"]>) => counted(target.commit(...given));
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** An executor that gives other results from block `from` on: a machine that computes wrongly. */
export function divergingFrom(from: number): (real: Executor) => Executor {
  const wrong = (result: ExecutionDigest): ExecutionDigest => ({
    ...result,
    stateDigest: `0x${"ee".repeat(32)}`,
  });
  return (real) => ({
    ...real,
    async execute(context, ...rest) {
      const executed = await real.execute(context, ...rest);
      return context.number < from ? executed : { ...executed, result: wrong(executed.result) };
    },
  });
}
