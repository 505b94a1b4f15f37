import type { Hex } from "@sheaf/base";
import { type Address, createRpcClient, type SheafBlockOutcomes, toQuantity } from "@sheaf/protocol";
import type { EpochRoster, ProposedBlock, Upheld } from "./award-ledger.ts";
import type { CoalitionsClient, ContractEvent } from "./coalitions-client.ts";

/** What a miner recorded of a worker, with the reputation that the contract fixed for it. */
export interface Statement {
  readonly epoch: number;
  readonly miner: Address;
  readonly worker: Address;
  readonly samples: bigint;
  readonly reputationBps: bigint;
}

/** The contract's account at one block. */
export interface Funds {
  readonly block: number;
  readonly poolWei: bigint;
  readonly creditedWei: bigint;
  readonly bondedWei: bigint;
  readonly balanceWei: bigint;
}

export interface ChainFacts {
  readonly blocks: readonly ProposedBlock[];
  readonly rosters: readonly EpochRoster[];
  /** By epoch: what the contract pays for a block. */
  readonly rewards: readonly bigint[];
  readonly events: readonly ContractEvent[];
  readonly statements: readonly Statement[];
  readonly upheld: readonly Upheld[];
}

const AT_ONCE = 50;

/** Everything that happened: block by block up to the end of the last epoch, event by event up to `toBlock`. */
export async function readFacts(
  client: CoalitionsClient,
  rpcUrl: string,
  {
    epochs: count,
    epochBlocks,
    toBlock,
  }: { readonly epochs: number; readonly epochBlocks: number; readonly toBlock: number },
): Promise<ChainFacts> {
  const events = await client.events(toBlock);
  const epochs = Array.from({ length: count }, (_, epoch) => epoch);
  const rosters: EpochRoster[] = [];
  const rewards: bigint[] = [];
  for (const epoch of epochs) {
    const [accounts, coalitions] = (await client.read("partition", [epoch])) as unknown as [
      string[],
      bigint[],
    ];
    rosters.push({ epoch, miners: accounts.map(lower), coalitions: [...coalitions] });
    const [summary] = (await client.read("epochSummary", [epoch])) as unknown as [
      { readonly rewardWei: bigint },
    ];
    rewards.push(summary.rewardWei);
  }
  return {
    blocks: await readBlocks(rpcUrl, count * epochBlocks),
    rosters,
    rewards,
    events,
    statements: named(events, "Contributed").map(({ args }) => ({
      epoch: Number(args["epoch"]),
      miner: lower(args["miner"]),
      worker: lower(args["worker"]),
      samples: args["samples"] as bigint,
      reputationBps: args["reputationBps"] as bigint,
    })),
    upheld: named(events, "Upheld").map(({ args, block }) => ({
      block,
      accused: lower(args["accused"]),
      suspendedUntil: Number(args["suspendedUntil"]),
    })),
  };
}

export function named(events: readonly ContractEvent[], name: string): readonly ContractEvent[] {
  return events.filter((event) => event.name === name);
}

/** An address as this project writes it. */
export function lower(address: unknown): Address {
  return String(address).toLowerCase() as Address;
}

async function readBlocks(rpcUrl: string, count: number): Promise<readonly ProposedBlock[]> {
  const rpc = createRpcClient(rpcUrl);
  try {
    const blocks: ProposedBlock[] = [];
    while (blocks.length < count) {
      const asked = Array.from(
        { length: Math.min(AT_ONCE, count - blocks.length) },
        (_, i) => blocks.length + 1 + i,
      );
      const answers = await Promise.all(
        asked.map((number) => rpc.call("sheaf_getBlockOutcomes", [toQuantity(number)])),
      );
      for (const answer of answers as readonly SheafBlockOutcomes[]) {
        const { number, proposer, round } = answer;
        blocks.push({ number, proposer, round });
      }
    }
    return blocks;
  } finally {
    rpc.close();
  }
}

/** The contract's account as it stood at one block: asked again while the head moves. */
export async function readFunds(client: CoalitionsClient): Promise<Funds> {
  for (;;) {
    const block = await client.head();
    const [poolWei, creditedWei, bondedWei, balanceWei] = (await client.read("funds")) as unknown as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    if ((await client.head()) === block) return { block, poolWei, creditedWei, bondedWei, balanceWei };
  }
}

/** Whether all validators have the same block at `height`, and so the same blocks before it and states behind them. */
export async function readAgreement(
  rpcUrls: readonly string[],
  height: number,
): Promise<{ readonly validators: number; readonly height: number; readonly holds: boolean }> {
  const hashes = await Promise.all(
    rpcUrls.map(async (rpcUrl): Promise<Hex | null> => {
      const rpc = createRpcClient(rpcUrl);
      try {
        const block = (await rpc.call("eth_getBlockByNumber", [toQuantity(height), false])) as {
          hash: Hex;
        } | null;
        return block?.hash ?? null;
      } finally {
        rpc.close();
      }
    }),
  );
  const holds = hashes[0] !== null && hashes.every((hash) => hash === hashes[0]);
  // The block carries the state after its parent.
  return { validators: rpcUrls.length, height: height - 1, holds };
}
