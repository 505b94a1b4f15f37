import { CodedError, type Hex, type Millis, sleep, withDeadline } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { EpochRoster, ProposedBlock, Upheld } from "./award-ledger.ts";
import type { CoalitionsClient, ContractEvent } from "./coalitions-client.ts";
import type { SharedViews } from "./shared-views.ts";

/** What a miner recorded of a worker, with the reputation that the contract fixed for it. */
export interface Contribution {
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
  readonly contributions: readonly Contribution[];
  readonly upheld: readonly Upheld[];
}

const AT_ONCE = 50;

/** What happened in the first `epochs` epochs: block by block and event by event, no further than `toBlock`. */
export async function readFacts(
  client: SharedViews,
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
    blocks: await readBlocks(client, Math.min(toBlock, count * epochBlocks)),
    rosters,
    rewards,
    events,
    contributions: named(events, "Contributed").map(({ args }) => ({
      epoch: Number(args["epoch"]),
      miner: lower(args["miner"]),
      worker: lower(args["worker"]),
      samples: args["samples"] as bigint,
      reputationBps: args["reputationBps"] as bigint,
    })),
    upheld: upheldOf(events),
  };
}

/** The challenges that were upheld. A challenger has one open at a time [CHALLENGE.1], so its last tells the record's epoch. */
export function upheldOf(events: readonly ContractEvent[]): readonly Upheld[] {
  const recordedIn = new Map<Address, number>();
  return events.flatMap(({ name, args, block }): readonly Upheld[] => {
    if (name !== "Challenged" && name !== "Upheld") return [];
    const challenger = lower(args["challenger"]);
    if (name === "Challenged") {
      recordedIn.set(challenger, Number(args["epoch"]));
      return [];
    }
    const epoch = (recordedIn.get(challenger) as number) + 1;
    return [
      { block, accused: lower(args["accused"]), epoch, suspendedUntil: Number(args["suspendedUntil"]) },
    ];
  });
}

export function named(events: readonly ContractEvent[], name: string): readonly ContractEvent[] {
  return events.filter((event) => event.name === name);
}

/** An address as this project writes it. */
export function lower(address: unknown): Address {
  return String(address).toLowerCase() as Address;
}

async function readBlocks(client: SharedViews, count: number): Promise<readonly ProposedBlock[]> {
  const blocks: ProposedBlock[] = [];
  while (blocks.length < count) {
    const size = Math.min(AT_ONCE, count - blocks.length);
    const numbers = Array.from({ length: size }, (_, i) => blocks.length + 1 + i);
    blocks.push(...(await Promise.all(numbers.map((number) => client.block(number)))));
  }
  return blocks;
}

/** Blocks come faster than the contract's account can be read between two of them. */
export type FundsErrorDetail = { readonly code: "FUNDS_UNREAD"; readonly tries: number };

/** The account is read so often at most. */
const FUNDS_TRIES = 100;

/** The contract's account as it stood at one block: asked again while the head moves. Raises `FUNDS_UNREAD`. */
export async function readFunds(client: Pick<SharedViews, "head" | "read">): Promise<Funds> {
  for (let tries = 0; tries < FUNDS_TRIES; tries++) {
    const block = await client.head();
    const [poolWei, creditedWei, bondedWei, balanceWei] = (await client.read("funds")) as unknown as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    if ((await client.head()) === block) return { block, poolWei, creditedWei, bondedWei, balanceWei };
  }
  throw new CodedError(
    `the contract's account could not be read within one block in ${FUNDS_TRIES} tries`,
    { code: "FUNDS_UNREAD", tries: FUNDS_TRIES } satisfies FundsErrorDetail,
    { advice: "raise the network's block periods" },
  );
}

/** What validators have at one height. */
export interface Agreement {
  readonly validators: number;
  readonly height: number;
  readonly holds: boolean;
}

const AGREEMENT_POLL_MS: Millis = 100;

/**
 * Whether all validators that are asked have the same block at `height`, and so the same blocks before it and states
 * behind them. A slow one is waited for, up to `limitMs`: one that does not show such a block then does not agree.
 */
export async function readAgreement(
  clients: readonly Pick<CoalitionsClient, "blockHash">[],
  height: number,
  limitMs: Millis,
): Promise<Agreement> {
  const until = performance.now() + limitMs;
  const hashes = await Promise.all(
    clients.map((client) =>
      withDeadline("the last block", limitMs, hashAt(client, height, until)).catch(() => undefined),
    ),
  );
  const holds = hashes[0] !== undefined && hashes.every((hash) => hash === hashes[0]);
  // The block carries the state after its parent.
  return { validators: clients.length, height: height - 1, holds };
}

async function hashAt(
  client: Pick<CoalitionsClient, "blockHash">,
  height: number,
  untilMs: number,
): Promise<Hex | undefined> {
  for (;;) {
    const hash = await client.blockHash(height);
    if (hash !== undefined || performance.now() > untilMs) return hash;
    await sleep(AGREEMENT_POLL_MS);
  }
}
