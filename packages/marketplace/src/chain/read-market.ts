import type { Hex } from "@sheaf/base";
import { parseQuantity } from "@sheaf/protocol";
import type { Result } from "ethers";
import { interfaces, type MarketAddresses, roleNumbers } from "./contracts.ts";
import { named, toAddress, toTerms } from "./decode-event.ts";
import { contractError } from "./errors.ts";
import { type PatientRpc, rpcErrorOf } from "./rpc.ts";
import {
  type Address,
  type DisputeView,
  type JobView,
  jobStates,
  type LicenceRole,
  outcomes,
  type RatingRowOnChain,
  type RoundView,
  type TradeRow,
  tradeKinds,
} from "./types.ts";

/** Lists that only grow are read in pages of this many entries. */
const pageSize = 500n;
/** Licences at once: revoking moves entries between pages. */
const holdersPage = 5_000n;
const zeroAddress = `0x${"0".repeat(40)}`;

/** What can be read of a market, as of the newest block. Each raises `RPC_ERROR` or `RPC_UNREACHABLE`. */
export interface MarketReads {
  /** `undefined` when there is no such job. */
  job(job: bigint): Promise<JobView | undefined>;
  jobCount(): Promise<bigint>;
  /** Selected owners, by index. */
  owners(job: bigint): Promise<readonly Address[]>;
  invited(job: bigint): Promise<readonly Address[]>;
  /** Everybody that held the job, in order. */
  analysts(job: bigint): Promise<readonly Address[]>;
  /** All closed rounds, and the one that may be open. */
  rounds(job: bigint): Promise<readonly RoundView[]>;
  /** All trades from row `from` on. */
  trades(from?: bigint): Promise<readonly TradeRow[]>;
  /** All ratings from row `from` on. */
  ratings(from?: bigint): Promise<readonly RatingRowOnChain[]>;
  /** What an account may withdraw. */
  credit(account: Address): Promise<bigint>;
  /** [PAYMENT.1] All money of the market: `balance` is `locked` and `credited`. */
  funds(): Promise<{ readonly locked: bigint; readonly credited: bigint; readonly balance: bigint }>;
  /** All holders of licences for a role. */
  holders(role: LicenceRole): Promise<readonly Address[]>;
  /** Coins of an account. */
  balance(account: Address): Promise<bigint>;
}

export function createMarketReads(rpc: PatientRpc, addresses: MarketAddresses): MarketReads {
  async function read(target: keyof MarketAddresses, name: string, ...args: unknown[]): Promise<Result> {
    const data = interfaces[target].encodeFunctionData(name, args);
    try {
      const answer = await rpc.call("eth_call", [{ to: addresses[target], data }, "latest"]);
      return interfaces[target].decodeFunctionResult(name, answer as string);
    } catch (error) {
      const reverted = rpcErrorOf(error)?.data;
      throw reverted === undefined ? error : contractError(name, reverted);
    }
  }

  /** All pages of a list from index `from` on. */
  async function readAll(
    target: keyof MarketAddresses,
    name: string,
    from: bigint,
    args: readonly unknown[] = [],
    limit = pageSize,
  ): Promise<readonly Result[]> {
    const rows: Result[] = [];
    for (;;) {
      const [page] = await read(target, name, ...args, from + BigInt(rows.length), limit);
      rows.push(...(page as Result));
      if (BigInt(page.length) < limit) return rows;
    }
  }

  const quantity = async (method: string, params: readonly unknown[]): Promise<bigint> =>
    parseQuantity(await rpc.call(method, params)) ?? 0n;

  return {
    async job(id) {
      const [entry, dispute, ownerCount, attempt] = await read("market", "describe", id);
      if (Number(entry["state"]) === 0) return undefined;
      return toJobView(id, entry, Number(ownerCount), Number(attempt), toDispute(dispute));
    },
    async jobCount() {
      return (await read("market", "jobCount"))[0];
    },
    owners: async (id) => [...(await read("market", "owners", id))[0]].map(toAddress),
    invited: async (id) => [...(await read("market", "invited", id))[0]].map(toAddress),
    analysts: async (id) => [...(await read("market", "analystsOf", id))[0]].map(toAddress),
    rounds: async (id) =>
      (await readAll("market", "rounds", 0n, [id])).map((row, i) => toRoundView(row, i + 1)),
    trades: async (from = 0n) => (await readAll("market", "trades", from)).map(toTradeRow),
    ratings: async (from = 0n) => (await readAll("reputation", "ratings", from)).map(toRatingRow),
    async credit(account) {
      return (await read("market", "credit", account))[0];
    },
    async funds() {
      const [locked, credited, balance] = await read("market", "funds");
      return { locked, credited, balance };
    },
    holders: async (role) =>
      (
        (await readAll("licences", "holders", 0n, [roleNumbers[role]], holdersPage)) as readonly unknown[]
      ).map(toAddress),
    balance: (account) => quantity("eth_getBalance", [account, "latest"]),
  };
}

function toJobView(
  job: bigint,
  entry: Result,
  ownerCount: number,
  attempt: number,
  dispute: DisputeView | undefined,
): JobView {
  const analyst = toAddress(entry["analyst"]);
  return {
    job,
    state: named(jobStates, entry["state"]),
    outcome: named(outcomes, entry["outcome"]),
    consumer: toAddress(entry["consumer"]),
    analyst: analyst === zeroAddress ? undefined : analyst,
    price: entry["price"],
    fee: entry["fee"],
    specHash: entry["specHash"] as Hex,
    stateHash: entry["stateHash"] as Hex,
    terms: toTerms(entry["terms"]),
    deadlineSeconds: Number(entry["deadline"]),
    closedRounds: Number(entry["closedRounds"]),
    attempt,
    ownerCount,
    leftBitmap: entry["left"],
    dispute,
  };
}

function toDispute(entry: Result): DisputeView | undefined {
  if (Number(entry["number"]) === 0) return undefined;
  return {
    by: toAddress(entry["by"]),
    round: Number(entry["round"]),
    accused: toAddress(entry["accused"]),
    arbiters: Number(entry["arbiters"]),
    upheld: Number(entry["upheld"]),
    rejected: Number(entry["rejected"]),
  };
}

function toRoundView(row: Result, round: number): RoundView {
  return {
    round,
    analyst: toAddress(row["analyst"]),
    attempt: Number(row["attempt"]),
    openedBlock: Number(row["openedBlock"]),
    stateHash: row["stateHash"] as Hex,
    keysRoot: row["keysRoot"] as Hex,
    cohortBitmap: row["cohort"],
    closed: row["survivors"] !== 0n, // at least 3 [MARKET.11]
    survivorBitmap: row["survivors"],
    aggregateHash: row["aggregateHash"] as Hex,
    nextStateHash: row["nextStateHash"] as Hex,
  };
}

function toTradeRow(row: Result): TradeRow {
  return {
    id: row["id"],
    job: row["job"],
    kind: named(tradeKinds, row["kind"], 1),
    seller: toAddress(row["seller"]),
    buyer: toAddress(row["buyer"]),
    amount: row["amount"],
    subject: row["subject"] as Hex,
    blockNumber: Number(row["blockNumber"]),
  };
}

function toRatingRow(row: Result): RatingRowOnChain {
  return {
    index: row["index"],
    job: row["job"],
    rater: toAddress(row["rater"]),
    subject: toAddress(row["subject"]),
    positive: Number(row["positive"]),
    negative: Number(row["negative"]),
    uncertain: Number(row["uncertain"]),
    blockNumber: Number(row["blockNumber"]),
  };
}
