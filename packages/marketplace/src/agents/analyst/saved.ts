import { decode, encode } from "@msgpack/msgpack";
import { invalidInput } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { z } from "zod";
import type { AgentOutput, AgentPorts } from "../ports.ts";
import { type Model, modelOfBytes } from "../round/model.ts";
import { closingKey, readClosing, type SavedClosing } from "./resume-closing.ts";
import { readUnmasking, type SavedUnmasking, unmaskingKey } from "./saved-unmasking.ts";
import type { AnalystJob } from "./state.ts";

const count = z.int().min(0);
const address = z.custom<Address>((value) => typeof value === "string" && /^0x[0-9a-f]{40}$/.test(value));

const standingSchema = z.strictObject({
  owner: address,
  bad: count,
  uncertain: count,
  /** Attempts missed in a row, and the round until which the owner is not asked because of it. */
  missed: count,
  restsUntil: count,
});

const recordSchema = z.strictObject({
  version: z.literal(1),
  /** The last attempt that was announced: no later one has its number [PHASE.1]. */
  round: count,
  attempt: count,
  /** Attempts of this round that came to nothing. */
  failed: count,
  /** Owners that can take no further part in this round: they have opened it once. */
  spent: z.array(address),
  /** By closed round: what convergence is judged by; absent rounds had no loss to show. */
  losses: z.array(z.number()),
  /** What the parts of each round were worth, by owner index. */
  values: z.array(
    z.strictObject({ round: count, groups: z.array(z.array(count)), scores: z.array(z.number()) }),
  ),
  standings: z.array(standingSchema),
  /** Why training is over; empty while it is not. */
  ended: z.string(),
});

export type AnalystRecord = Readonly<z.infer<typeof recordSchema>>;
export type Standing = Readonly<z.infer<typeof standingSchema>>;

export const emptyRecord: AnalystRecord = {
  version: 1,
  round: 0,
  attempt: 0,
  failed: 0,
  spent: [],
  losses: [],
  values: [],
  standings: [],
  ended: "",
};

const recordKey = (job: bigint): string => `job/${job}`;
const stateKey = (job: bigint, round: number): string => `job/${job}/state/${round}`;
export const transcriptKey = (job: bigint, round: number): string => `bulk/${job}/${round}`;

export function saveRecord({ job, record }: AnalystJob): AgentOutput {
  return { type: "save", key: recordKey(job), value: encode(record) };
}

/** The state after `round`, before it is committed; the one two rounds ago is no longer needed [ANALYST.8]. */
export function saveState(job: bigint, round: number, bytes: Uint8Array): AgentOutput[] {
  return [
    { type: "save", key: stateKey(job, round), value: bytes },
    { type: "save", key: stateKey(job, round - 2), value: undefined },
  ];
}

/** Removes everything kept of a job that had `rounds` rounds. */
export function forget(job: bigint, rounds: number): AgentOutput[] {
  const keys = [
    recordKey(job),
    closingKey(job),
    unmaskingKey(job),
    stateKey(job, rounds),
    stateKey(job, rounds - 1),
    stateKey(job, rounds + 1),
  ];
  for (let round = 1; round <= rounds + 1; round++) keys.push(transcriptKey(job, round));
  return keys.map((key) => ({ type: "save", key, value: undefined }));
}

export interface SavedJob {
  readonly job: bigint;
  readonly record: AnalystRecord;
  readonly states: readonly Model[];
  readonly closing: SavedClosing | undefined;
  readonly unmasking: SavedUnmasking | undefined;
}

/** What was saved of each job. `INVALID_INPUT` for a damaged record. */
export function savedJobs(ports: AgentPorts, saved: ReadonlyMap<string, Uint8Array>): SavedJob[] {
  return [...saved].flatMap(([key, bytes]) => {
    const id = /^job\/(\d+)$/.exec(key)?.[1];
    if (id === undefined) return [];
    const parsed = recordSchema.safeParse(decode(bytes));
    if (!parsed.success)
      throw invalidInput(`saved record of job ${id}`, "is damaged", "restore it from a copy");
    const states = [...saved].flatMap(([name, state]) => {
      const model = name.startsWith(`job/${id}/state/`) ? modelOfBytes(ports, state) : undefined;
      return model === undefined ? [] : [model];
    });
    const closing = readClosing(saved.get(closingKey(BigInt(id))));
    const unmasking = readUnmasking(saved.get(unmaskingKey(BigInt(id))));
    return [{ job: BigInt(id), record: parsed.data, states, closing, unmasking }];
  });
}
