import { type Hex, invariant } from "@sheaf/base";
import { parseQuantity } from "@sheaf/protocol";
import type { LogDescription, Result } from "ethers";
import { interfaces, type MarketAddresses, roleNames } from "./contracts.ts";
import {
  type Address,
  type ChainEvent,
  creditKinds,
  type EventPlace,
  outcomes,
  type Terms,
  tradeKinds,
} from "./types.ts";

/** A log as JSON-RPC writes it. */
export interface RpcLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: string;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly logIndex: string;
}

type Body<E extends ChainEvent = ChainEvent> = E extends ChainEvent
  ? Omit<E, keyof EventPlace | "job">
  : never;

/** An event of the market's contracts; `undefined` for one that agents have no use for (of the authority's office). */
export function decodeEvent(log: RpcLog, addresses: MarketAddresses): ChainEvent | undefined {
  const source = (["licences", "market", "reputation"] as const).find(
    (name) => addresses[name] === log.address.toLowerCase(),
  );
  invariant(source !== undefined, `log of ${log.address}`);
  const parsed = interfaces[source].parseLog({ topics: [...log.topics], data: log.data });
  const body = parsed === null ? undefined : decoders[parsed.name]?.(parsed.args);
  if (parsed === null || body === undefined) return undefined;
  return {
    job: jobOf(parsed),
    ...body,
    blockNumber: Number(parseQuantity(log.blockNumber)),
    blockHash: log.blockHash,
    transactionHash: log.transactionHash,
    logIndex: Number(parseQuantity(log.logIndex)),
  } as ChainEvent;
}

function jobOf({ fragment, args }: LogDescription): bigint {
  return fragment.inputs.some(({ name }) => name === "job") ? (args["job"] as bigint) : 0n;
}

export const toAddress = (value: unknown): Address => String(value).toLowerCase() as Address;
const toAddresses = (value: unknown): readonly Address[] => [...(value as Result)].map(toAddress);

export function toTerms(value: Result): Terms {
  const seconds = (name: string): number => Number(value[name]);
  return {
    offerSeconds: seconds("offerSeconds"),
    recruitSeconds: seconds("recruitSeconds"),
    roundSeconds: seconds("roundSeconds"),
    resumeSeconds: seconds("resumeSeconds"),
    disputeSeconds: seconds("disputeSeconds"),
    minRounds: Number(value["minRounds"]),
    maxRounds: Number(value["maxRounds"]),
    minOwners: Number(value["minOwners"]),
    maxOwners: Number(value["maxOwners"]),
  };
}

/** The entry of a list that begins at number `from` on chain. */
export function named<T>(names: readonly T[], value: unknown, from = 0): T {
  const name = names[Number(value) - from];
  invariant(name !== undefined, `number ${String(value)} on chain`);
  return name;
}

type Decoder = (args: Result) => Body;

const decoders: Readonly<Record<string, Decoder>> = {
  Requested: (args) => ({
    event: "requested",
    consumer: toAddress(args["consumer"]),
    price: args["price"],
    spec: args["spec"],
    terms: toTerms(args["terms"]),
  }),
  Offered: (args) => ({ event: "offered", analyst: toAddress(args["analyst"]), fee: args["fee"] }),
  Awarded: (args) => ({ event: "awarded", analyst: toAddress(args["analyst"]), fee: args["fee"] }),
  Cancelled: () => ({ event: "cancelled" }),
  Invited: (args) => ({ event: "invited", owners: toAddresses(args["owners"]) }),
  Joined: (args) => ({ event: "joined", owner: toAddress(args["owner"]) }),
  Declined: (args) => ({ event: "declined", owner: toAddress(args["owner"]) }),
  Selected: (args) => ({ event: "selected", owners: toAddresses(args["owners"]) }),
  RoundOpened: (args) => ({
    event: "roundOpened",
    round: Number(args["round"]),
    attempt: Number(args["attempt"]),
    stateHash: args["stateHash"],
    keysRoot: args["keysRoot"],
    cohortBitmap: args["cohortBitmap"],
  }),
  RoundClosed: (args) => ({
    event: "roundClosed",
    round: Number(args["round"]),
    survivorBitmap: args["survivorBitmap"],
    updateHashes: [...args["updateHashes"]],
    aggregateHash: args["aggregateHash"],
    nextStateHash: args["nextStateHash"],
  }),
  TookOver: (args) => ({
    event: "tookOver",
    analyst: toAddress(args["analyst"]),
    previous: toAddress(args["previous"]),
  }),
  Abandoned: (args) => ({ event: "abandoned", analyst: toAddress(args["analyst"]) }),
  Left: (args) => ({ event: "left", owner: toAddress(args["owner"]) }),
  Stopped: (args) => ({ event: "stopped", closedRounds: Number(args["closedRounds"]) }),
  Delivered: (args) => ({
    event: "delivered",
    stateHash: args["stateHash"],
    weights: [...args["weights"]],
  }),
  Disputed: (args) => ({
    event: "disputed",
    by: toAddress(args["by"]),
    round: Number(args["round"]),
    accused: toAddress(args["accused"]),
    arbiters: Number(args["arbiters"]),
  }),
  Voted: (args) => ({ event: "voted", arbiter: toAddress(args["arbiter"]), upheld: args["upheld"] }),
  DisputeRejected: (args) => ({
    event: "disputeRejected",
    by: toAddress(args["by"]),
    round: Number(args["round"]),
  }),
  DisputeLapsed: (args) => ({
    event: "disputeLapsed",
    by: toAddress(args["by"]),
    round: Number(args["round"]),
  }),
  Settled: (args) => ({ event: "settled", outcome: named(outcomes, args["outcome"]) }),
  Refunded: () => ({ event: "refunded" }),
  Credited: (args) => ({
    event: "credited",
    account: toAddress(args["account"]),
    amount: args["amount"],
    kind: named(creditKinds, args["kind"], 1),
  }),
  Traded: (args) => ({
    event: "traded",
    id: args["id"],
    kind: named(tradeKinds, args["kind"], 1),
    seller: toAddress(args["seller"]),
    buyer: toAddress(args["buyer"]),
    amount: args["amount"],
    subject: args["subject"],
  }),
  Rated: (args) => ({
    event: "rated",
    index: args["index"],
    rater: toAddress(args["rater"]),
    subject: toAddress(args["subject"]),
    positive: Number(args["positive"]),
    negative: Number(args["negative"]),
    uncertain: Number(args["uncertain"]),
  }),
  Issued: (args) => ({
    event: "issued",
    subject: toAddress(args["subject"]),
    role: named(roleNames, args["role"], 1),
    note: args["note"],
  }),
  Revoked: (args) => ({
    event: "revoked",
    subject: toAddress(args["subject"]),
    role: named(roleNames, args["role"], 1),
  }),
  Withdrawn: (args) => ({
    event: "withdrawn",
    account: toAddress(args["account"]),
    amount: args["amount"],
  }),
};
