import { bytesToHex, type Clock, type Hex, type Millis, type Random, utf8 } from "@sheaf/base";
import { licencesContract, marketContract, reputationContract } from "@sheaf/contracts";
import { keccak256 } from "@sheaf/protocol";
import { encodeCall, interfaces, type MarketAddresses, roleNumbers } from "../../src/chain/contracts.ts";
import { decodeEvent } from "../../src/chain/decode-event.ts";
import { contractError, insufficientFunds } from "../../src/chain/errors.ts";
import type { Following, FollowOptions } from "../../src/chain/follow.ts";
import type { Address, ChainBlock, ChainEvent, LicenceRole, MarketCall } from "../../src/chain/types.ts";
import { createEvmLedger, type EvmLedger } from "./evm-ledger.ts";
import type { WorkInProgress } from "./work-in-progress.ts";

/** Where a transaction went. */
export interface Mined {
  readonly hash: Hex;
  readonly blockNumber: number;
}

/** One chain with the real contracts, whose blocks come at fixed times of a virtual clock. */
export interface VirtualChain {
  /** Goes into the next block; settles when it was mined. Fails with the contract's code. */
  transact(from: Address, call: MarketCall): Promise<Mined>;
  /** The authority's decision, in the next block. */
  license(action: "issue" | "revoke", subject: Address, role: LicenceRole): void;
  isLicensed(subject: Address): boolean;
  /** As a client's: history first, then each block some time after it was made. */
  follow(options: FollowOptions): Following;
  readonly blocks: readonly ChainBlock[];
  /** Starts to make blocks. */
  start(): void;
  /** Ends it. */
  stop(): void;
  balance(account: Address): Promise<bigint>;
  readMarket<T>(name: string, ...args: readonly unknown[]): Promise<T>;
  readonly marketAddress: Address;
}

export const AUTHORITY: Address = `0x${"a0".repeat(20)}`;
const BLOCK_MS: Millis = 1_000;
/** A client sees a block at most so much later. */
const POLL_MS: Millis = 150;

/** The contracts, deployed and bound, for many simulations one after another. */
export interface Deployment {
  readonly ledger: EvmLedger;
  readonly addresses: MarketAddresses;
}

export async function deployContracts(): Promise<Deployment> {
  const ledger = await createEvmLedger();
  const licences = await ledger.create(licencesContract, AUTHORITY, [AUTHORITY]);
  const reputation = await ledger.create(reputationContract, AUTHORITY, [licences]);
  const market = await ledger.create(marketContract, AUTHORITY, [licences, reputation]);
  const data = interfaces.reputation.encodeFunctionData("bind", [market]) as Hex;
  const bound = await ledger.execute(
    { from: AUTHORITY, to: reputation, data },
    { number: 0n, timestampSeconds: 0n },
  );
  if (bound.error !== undefined) throw new TypeError(`bind: ${bound.error}`);
  await ledger.save();
  return { ledger, addresses: { market, reputation, licences } };
}

interface Pending {
  readonly method: string;
  readonly from: Address;
  readonly to: Hex;
  readonly data: Hex;
  readonly value: bigint;
  readonly mined: (where: Mined) => void;
  readonly failed: (error: unknown) => void;
}

/** A chain on the deployment's contracts, as they were when deployed. The clock's zero is 1970. */
export function createVirtualChain(
  { ledger, addresses }: Deployment,
  clock: Clock,
  { work, random }: { readonly work: WorkInProgress; readonly random: Random },
): VirtualChain {
  const blocks: ChainBlock[] = [];
  const followers = new Set<() => void>();
  const licensed = new Map<string, number>();
  let pending: Pending[] = [];
  let running = false;
  let mining = false;

  async function mine(): Promise<void> {
    const number = blocks.length + 1;
    const timestampMs = Math.floor(clock.wallMs() / 1000) * 1000;
    const context = { number: BigInt(number), timestampSeconds: BigInt(timestampMs / 1000) };
    const hash = digest(`block ${number} ${timestampMs}`);
    const events: ChainEvent[] = [];
    const ends: (() => void)[] = [];
    const batch = pending;
    pending = [];
    for (const [index, { method, from, to, data, value, mined, failed }] of batch.entries()) {
      const transactionHash = digest(`tx ${number} ${index}`);
      if ((await ledger.balance(from)) < value) {
        ends.push(() => failed(insufficientFunds(method)));
        continue;
      }
      const outcome = await ledger.execute({ from, to, data, value }, context);
      for (const log of outcome.logs) {
        const place = { blockNumber: `0x${number.toString(16)}`, blockHash: hash, transactionHash };
        const event = decodeEvent(
          { ...log, ...place, logIndex: `0x${events.length.toString(16)}` },
          addresses,
        );
        if (event !== undefined) events.push(event);
      }
      const { error, returned } = outcome;
      ends.push(() => {
        if (error === undefined) mined({ hash: transactionHash, blockNumber: number });
        else failed(contractError(method, returned, transactionHash));
      });
    }
    for (const event of events) countLicence(event);
    blocks.push({ number, hash, timestampMs, events });
    for (const end of ends) end();
    for (const wake of followers) wake();
  }

  function countLicence(event: ChainEvent): void {
    if (event.event !== "issued" && event.event !== "revoked") return;
    const change = event.event === "issued" ? 1 : -1;
    licensed.set(event.subject, (licensed.get(event.subject) ?? 0) + change);
  }

  function schedule(): void {
    clock.schedule(BLOCK_MS, () => {
      if (!running || mining) return;
      mining = true;
      work.track(
        mine().then(() => {
          mining = false;
          schedule();
        }),
      );
    });
  }

  function follow({ listener }: FollowOptions): Following {
    let next = 0;
    let busy = false;
    let stopped = false;
    let end: (error?: unknown) => void = () => {};
    const done = new Promise<void>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve() : reject(error));
    });
    /** History at once; a new block when the client has asked for it. */
    async function handOver(): Promise<void> {
      busy = true;
      while (!stopped && next < blocks.length) {
        const block = blocks[next++] as ChainBlock;
        if (block.events.length > 0 || next === blocks.length) await listener(block, blocks.length);
      }
      busy = false;
    }
    const wake = (delayMs: Millis): void => {
      clock.schedule(delayMs, () => {
        if (!busy && !stopped) handOver().catch(end);
      });
    };
    const woken = (): void => wake(random.float() * POLL_MS);
    followers.add(woken);
    wake(0);
    return {
      done,
      async stop() {
        stopped = true;
        followers.delete(woken);
        end();
      },
    };
  }

  return {
    transact(from, call) {
      const { method, data, value, to = addresses.market } = encodeCall(call, addresses);
      return new Promise((mined, failed) => pending.push({ method, from, to, data, value, mined, failed }));
    },
    license(action, subject, role) {
      const args = [subject, roleNumbers[role], ...(action === "issue" ? [digest("note")] : [])];
      const data = interfaces.licences.encodeFunctionData(action, args) as Hex;
      pending.push({
        method: action,
        from: AUTHORITY,
        to: addresses.licences,
        data,
        value: 0n,
        mined: () => {},
        failed: () => {},
      });
    },
    isLicensed: (subject) => (licensed.get(subject) ?? 0) > 0,
    follow,
    blocks,
    start() {
      running = true;
      schedule();
    },
    stop() {
      running = false;
    },
    balance: (account) => ledger.balance(account),
    async readMarket(name, ...args) {
      const data = interfaces.market.encodeFunctionData(name, args) as Hex;
      const now = {
        number: BigInt(blocks.length + 1),
        timestampSeconds: BigInt(Math.floor(clock.wallMs() / 1000)),
      };
      const { returned, error } = await ledger.execute({ from: AUTHORITY, to: addresses.market, data }, now);
      if (error !== undefined) throw new TypeError(`${name}: ${error}`);
      return interfaces.market.decodeFunctionResult(name, returned)[0];
    },
    marketAddress: addresses.market,
  };
}

function digest(text: string): Hex {
  return bytesToHex(keccak256(utf8(text)));
}
