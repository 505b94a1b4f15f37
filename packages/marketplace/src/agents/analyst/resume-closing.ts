import { decode, encode } from "@msgpack/msgpack";
import type { Hex } from "@sheaf/base";
import { z } from "zod";
import { isGivenUp, transactOnce } from "../effects.ts";
import type { AgentOutput } from "../ports.ts";
import { stay, type Turn } from "../turn.ts";
import { type AnalystContext, type AnalystJob, type Closing, holdsJob } from "./state.ts";

const hex = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]+$/)]) as z.ZodType<Hex>;

const savedClosingSchema = z.strictObject({
  round: z.int().min(1),
  /** The opening on chain that it closes. */
  opening: z.int().min(1),
  survivorBitmap: hex,
  updateHashes: z.array(hex).max(256),
  aggregateHash: hex,
  nextStateHash: hex,
});

/** A round that was aggregated, and was to be closed when the process ended. */
export type SavedClosing = Readonly<z.infer<typeof savedClosingSchema>>;

export const closingKey = (job: bigint): string => `job/${job}/closing`;

/**
 * Owners open a round once: an aggregated round that is lost with the process cannot be attempted again. So the
 * transaction that closes it is saved before anything else is done about it [ANALYST.8].
 */
export function saveClosing({ facts }: AnalystContext, { call, next }: Closing): AgentOutput[] {
  const { opening, job } = facts;
  if (opening === undefined) return [];
  const saved: SavedClosing = {
    round: opening.round,
    opening: opening.attempt,
    survivorBitmap: `0x${call.survivorBitmap.toString(16)}`,
    updateHashes: [...call.updateHashes],
    aggregateHash: call.aggregateHash,
    nextStateHash: next.hash,
  };
  return [{ type: "save", key: closingKey(job), value: encode(saved) }];
}

/** What was saved; `undefined` for anything else. */
export function readClosing(bytes: Uint8Array | undefined): SavedClosing | undefined {
  if (bytes === undefined) return undefined;
  try {
    return savedClosingSchema.safeParse(decode(bytes)).data;
  } catch {
    return undefined;
  }
}

/** After a restart: closes the round that the earlier process aggregated, for as long as its opening stands [ANALYST.8]. */
export function resumeClosing(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { resumable } = job;
  if (resumable === undefined) return stay(job);
  const { opening, state } = context.facts;
  const stands = opening?.round === resumable.round && opening.attempt === resumable.opening;
  const name = `reclose/${resumable.round}/${resumable.opening}`;
  if (state !== "training" || !holdsJob(context) || !stands || isGivenUp(job, name)) {
    return stay({ ...job, resumable: undefined });
  }
  const { round, survivorBitmap, updateHashes, aggregateHash, nextStateHash } = resumable;
  return transactOnce(job, name, {
    method: "closeRound",
    job: job.job,
    round,
    survivorBitmap: BigInt(survivorBitmap),
    updateHashes,
    aggregateHash,
    nextStateHash,
  });
}
