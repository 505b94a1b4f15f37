import { decode, encode } from "@msgpack/msgpack";
import { type Hex, invalidInput } from "@sheaf/base";
import { z } from "zod";
import type { AgentOutput } from "../ports.ts";
import type { OwnerJob } from "./state.ts";

const hex = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]*$/.test(value));
const count = z.int().min(0);

/** An attempt in which this owner took part: with its shares, and perhaps its input [OWNER.6]. */
const spentAttemptSchema = z.strictObject({
  round: count,
  contextHash: hex,
  /** This owner and its neighbours in the graph of masks, and how many of them can open its input; empty without masks. */
  members: z.array(hex).readonly(),
  threshold: count,
  /** Of the input that was sent; empty when none was. */
  updateHash: hex,
  /** It gave shares to open the sum. */
  unmasked: z.boolean(),
  /** What it gave then, to be given again and nothing else [OWNER.13]. */
  shares: z.custom<Uint8Array>((value) => value instanceof Uint8Array).optional(),
  /** The chain's number of the opening whose keys and groups it was; 0 before there was one. */
  opening: count,
});

const recordSchema = z.strictObject({
  version: z.literal(1),
  /** Attempts of the round that is not closed. */
  attempts: z.array(spentAttemptSchema),
  /** For each analyst the last attempt that it was given keys for: it is never entered again. */
  joined: z.array(z.strictObject({ analyst: hex, round: count, attempt: count })),
  /** Closed rounds up to this one were compared with what this owner did. */
  compared: count,
  /** The last round whose noise was paid from the budget. */
  paidRound: count,
  epsilon: z.number().min(0),
  /** Rounds on chain that are not what happened [OWNER.9]. */
  faults: z.array(z.strictObject({ round: count, code: z.string() })),
  good: count,
  bad: count,
  /** Rounds of which this owner cannot tell whether they are as they were. */
  uncertain: count,
});

export type SpentAttempt = Readonly<z.infer<typeof spentAttemptSchema>>;
/** What an owner must not forget of a job: no secrets, only what it has done. */
export type OwnerRecord = Readonly<z.infer<typeof recordSchema>>;

export const emptyRecord: OwnerRecord = {
  version: 1,
  attempts: [],
  joined: [],
  compared: 0,
  paidRound: 0,
  epsilon: 0,
  faults: [],
  good: 0,
  bad: 0,
  uncertain: 0,
};

/** `updateHash` of an attempt in which no input was sent. */
export const NOTHING_SENT: Hex = "0x";

export const BUDGET_KEY = "budget";
const recordKey = (job: bigint): string => `job/${job}`;
const stateKey = (job: bigint): string => `job/${job}/state`;

export function saveRecord({ job, record }: OwnerJob): AgentOutput {
  return { type: "save", key: recordKey(job), value: encode(record) };
}

export function saveState(job: bigint, bytes: Uint8Array): AgentOutput {
  return { type: "save", key: stateKey(job), value: bytes };
}

/** Removes everything kept of a job. */
export function forget(job: bigint): readonly AgentOutput[] {
  return [recordKey(job), stateKey(job)].map((key) => ({ type: "save", key, value: undefined }));
}

/**
 * The record saved of a job, or an empty one. `INVALID_INPUT` for bytes that are none: without its record an
 * owner could open the same update twice [OWNER.6].
 */
export function savedRecord(saved: ReadonlyMap<string, Uint8Array>, job: bigint): OwnerRecord {
  const bytes = saved.get(recordKey(job));
  if (bytes === undefined) return emptyRecord;
  const parsed = recordSchema.safeParse(decode(bytes));
  if (parsed.success) return parsed.data;
  throw invalidInput(`saved record of job ${job}`, "is damaged", "restore it from a copy, or leave the job");
}

export function savedState(saved: ReadonlyMap<string, Uint8Array>, job: bigint): Uint8Array | undefined {
  return saved.get(stateKey(job));
}

/** Jobs of which something was saved. */
export function savedJobs(saved: ReadonlyMap<string, Uint8Array>): bigint[] {
  return [...saved.keys()].flatMap((key) => {
    const match = /^job\/(\d+)$/.exec(key);
    return match?.[1] === undefined ? [] : [BigInt(match[1])];
  });
}
