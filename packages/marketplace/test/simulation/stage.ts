import { createRandom, createVirtualClock, type Millis, type Random, type VirtualClock } from "@sheaf/base";
import { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from "@sheaf/bus";
import type { Address, LicenceRole } from "../../src/chain/types.ts";
import type { Watcher } from "./sim-host.ts";
import { createVirtualChain, type Deployment, deployContracts, type VirtualChain } from "./virtual-chain.ts";
import { createWorkInProgress, type WorkInProgress } from "./work-in-progress.ts";

/** Where a market takes place: a clock, a chain with the contracts on it, a broker. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly chain: VirtualChain;
  readonly broker: MemoryBroker;
  readonly random: Random;
  readonly work: WorkInProgress;
  /** Moves the clock on, and waits for everything that happens until then; ends early when `until` holds. */
  run(forMs: Millis, until?: () => boolean): Promise<void>;
  fund(account: Address, wei: bigint): Promise<void>;
  license(role: LicenceRole, ...subjects: readonly Address[]): void;
}

let deployment: Promise<Deployment> | undefined;

/** A new stage on contracts that are deployed once a process: one stage at a time. */
export async function createStage(seed: string, weather: MemoryBrokerOptions = {}): Promise<Stage> {
  deployment ??= deployContracts();
  const { ledger, addresses } = await deployment;
  await ledger.restore();
  const random = createRandom(seed);
  const clock = createVirtualClock(1_000_000);
  const work = createWorkInProgress();
  const chain = createVirtualChain({ ledger, addresses }, clock, { work, random: random.fork("chain") });
  const broker = createMemoryBroker(weather, { clock, random: random.fork("broker") });
  chain.start();
  return {
    clock,
    chain,
    broker,
    random,
    work,
    async run(forMs, until) {
      let over = false;
      const cancel = clock.schedule(forMs, () => {
        over = true;
      });
      while (!over && until?.() !== true && clock.runNext()) await work.idle();
      cancel();
    },
    fund: (account, wei) => ledger.fund(account, wei),
    license(role, ...subjects) {
      for (const subject of subjects) chain.license("issue", subject, role);
    },
  };
}

/** A watcher that sees nothing, and lets nothing break. */
export const blind: Watcher = {
  stepped() {},
  audited() {},
  recorded() {},
  broke(_, error) {
    throw error;
  },
};
