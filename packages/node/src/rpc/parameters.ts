import { bytesEqual, type Hex } from "@sheaf/base";
import { type AccessListEntry, type Address, parseAddress, parseData, parseQuantity } from "@sheaf/protocol";
import { type Parameter, ParameterProblem } from "./method.ts";

/** Which block a call is about. */
export type BlockRef =
  | { readonly kind: "head" }
  /** The head and what is pooled on top: differs from `head` for nonces only. */
  | { readonly kind: "pending" }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "hash"; readonly hash: Hex };

/** The message of `eth_call` and `eth_estimateGas`. */
export interface CallMessage {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly gas: bigint | undefined;
  /** `gasPrice`, or `maxFeePerGas`. */
  readonly gasPrice: bigint | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
}

/** `eth_getLogs` and its kin. */
export interface LogQuery {
  readonly blocks:
    | { readonly kind: "range"; readonly from: BlockRef; readonly to: BlockRef }
    | { readonly kind: "hash"; readonly hash: Hex };
  readonly addresses: readonly Address[];
  readonly topics: readonly (readonly Hex[] | undefined)[];
}

const MAX_TOPIC_POSITIONS = 4;
/** Alternatives in one position of a log query, or addresses. */
const MAX_ALTERNATIVES = 1_000;

function expected<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new ParameterProblem(`expected ${what}`);
  return value;
}

/** May be left out or null. */
export function optional<T>(read: Parameter<T>): Parameter<T | undefined> {
  return (value) => (value === undefined || value === null ? undefined : read(value));
}

export const anAddress: Parameter<Address> = (value) =>
  expected("an address of 20 bytes", parseAddress(value));

export const someData: Parameter<Uint8Array> = (value) =>
  expected("data, 0x and hex digits", parseData(value));

export const aQuantity: Parameter<bigint> = (value) =>
  expected("a quantity, 0x and hex digits", parseQuantity(value));

/** A quantity that is small enough for a number. Plain JSON numbers are taken too, as some clients send them. */
export const aCount: Parameter<number> = (value) => {
  const count = typeof value === "number" ? value : Number(parseQuantity(value) ?? Number.NaN);
  return expected("a quantity below 2^53", Number.isSafeInteger(count) && count >= 0 ? count : undefined);
};

export const aBoolean: Parameter<boolean> = (value) =>
  expected("true or false", typeof value === "boolean" ? value : undefined);

export const aText: Parameter<string> = (value) =>
  expected("a text", typeof value === "string" ? value : undefined);

export const aHash: Parameter<Hex> = (value) => expected("a hash of 32 bytes", parseHash(value));

/** A storage slot: up to 32 bytes, as quantity or data; given as 32 bytes. */
export const aSlot: Parameter<Hex> = (value) => {
  const text = typeof value === "string" && /^0x[0-9a-fA-F]{0,64}$/.test(value) ? value : undefined;
  return `0x${expected("a slot of at most 32 bytes", text).slice(2).toLowerCase().padStart(64, "0")}`;
};

/** A number or a tag. */
export const aBlockNumber: Parameter<BlockRef> = (value) => {
  const ref = typeof value === "string" ? tagRef(value) : undefined;
  return ref ?? { kind: "number", number: expected("a block number or tag", parseHeight(value)) };
};

/** A number, a tag, a hash, or either as an object (EIP-1898). */
export const aBlock: Parameter<BlockRef> = (value) => {
  if (value !== null && typeof value === "object") {
    const { blockHash, blockNumber } = value as Readonly<Record<string, unknown>>;
    if (blockHash !== undefined) return { kind: "hash", hash: aHash(blockHash) };
    return aBlockNumber(blockNumber);
  }
  const hash = parseHash(value);
  return hash === undefined ? aBlockNumber(value) : { kind: "hash", hash };
};

const aList: Parameter<readonly unknown[]> = (value) =>
  expected("a list", Array.isArray(value) ? (value as unknown[]) : undefined);

const anAccessList: Parameter<readonly AccessListEntry[]> = (value) =>
  aList(value).map((entry) => {
    const { address, storageKeys } = anObject(entry);
    return {
      address: anAddress(address),
      storageKeys: (optional(aList)(storageKeys) ?? []).map(aHash),
    };
  });

export const aCallMessage: Parameter<CallMessage> = (value) => {
  const fields = anObject(value);
  const data = optional(someData)(fields["data"]);
  const input = optional(someData)(fields["input"]);
  if (data !== undefined && input !== undefined && !bytesEqual(data, input)) {
    throw new ParameterProblem('both "data" and "input" are set and not equal');
  }
  const gasPrice = optional(aQuantity)(fields["gasPrice"]);
  const feeCap = optional(aQuantity)(fields["maxFeePerGas"]);
  if (gasPrice !== undefined && feeCap !== undefined) {
    throw new ParameterProblem("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
  }
  return {
    from: optional(anAddress)(fields["from"]),
    to: optional(anAddress)(fields["to"]),
    gas: optional(aQuantity)(fields["gas"]),
    gasPrice: gasPrice ?? feeCap,
    value: optional(aQuantity)(fields["value"]) ?? 0n,
    data: input ?? data ?? new Uint8Array(0),
    accessList: optional(anAccessList)(fields["accessList"]) ?? [],
  };
};

export const aLogQuery: Parameter<LogQuery> = (value) => {
  const fields = anObject(value);
  const { blockHash, fromBlock, toBlock, address, topics } = fields;
  const hash = optional(aHash)(blockHash);
  const from = optional(aBlockNumber)(fromBlock);
  const to = optional(aBlockNumber)(toBlock);
  if (hash !== undefined && (from !== undefined || to !== undefined)) {
    throw new ParameterProblem(
      "cannot specify both blockHash and fromBlock/toBlock, choose one or the other",
    );
  }
  const head: BlockRef = { kind: "head" };
  return {
    blocks:
      hash === undefined ? { kind: "range", from: from ?? head, to: to ?? head } : { kind: "hash", hash },
    addresses: optional(oneOrMany(anAddress))(address) ?? [],
    topics: (optional(aTopicList)(topics) ?? []).map(aTopicChoice),
  };
};

const aTopicList: Parameter<readonly unknown[]> = (value) => {
  const list = expected("a list of topics", Array.isArray(value) ? (value as unknown[]) : undefined);
  if (list.length > MAX_TOPIC_POSITIONS) throw new ParameterProblem("exceed max topics");
  return list;
};

/** No alternatives means any topic, as null does. */
const aTopicChoice: Parameter<readonly Hex[] | undefined> = (value) => {
  const choice = optional(oneOrMany(aHash))(value);
  return choice?.length === 0 ? undefined : choice;
};

function oneOrMany<T>(read: Parameter<T>): Parameter<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return [read(value)];
    if (value.length > MAX_ALTERNATIVES) {
      throw new ParameterProblem(`more than ${MAX_ALTERNATIVES} alternatives`);
    }
    return value.map(read);
  };
}

const anObject: Parameter<Readonly<Record<string, unknown>>> = (value) => {
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  return expected("an object", isObject ? (value as Readonly<Record<string, unknown>>) : undefined);
};

function parseHash(value: unknown): Hex | undefined {
  return typeof value === "string" && /^0x[0-9a-fA-F]{64}$/.test(value)
    ? (value.toLowerCase() as Hex)
    : undefined;
}

function parseHeight(value: unknown): number | undefined {
  const number = parseQuantity(value);
  return number === undefined || number > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(number);
}

/** Blocks are final when they are there: `safe` and `finalized` are the head. */
function tagRef(tag: string): BlockRef | undefined {
  switch (tag) {
    case "latest":
    case "safe":
    case "finalized":
      return { kind: "head" };
    case "pending":
      return { kind: "pending" };
    case "earliest":
      return { kind: "number", number: 0 };
    default:
      return undefined;
  }
}
