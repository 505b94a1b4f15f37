import type { Millis } from "@sheaf/base";
import type { MarketCall } from "../chain/types.ts";
import type { AgentEvent } from "./events.ts";
import type { AgentOutput, ComputeRequest } from "./ports.ts";
import { stay, type Turn } from "./turn.ts";

/** The part of a job's state that knows what was asked of the host. */
export interface EffectLedger {
  readonly job: bigint;
  /** Transactions sent that have not failed, and computations under way, by effect id. */
  readonly asked: ReadonlySet<string>;
  /** How often each transaction failed. */
  readonly failures: ReadonlyMap<string, number>;
}

export const emptyLedger = { asked: new Set<string>(), failures: new Map<string, number>() };

/** How often one transaction is tried, and how long it rests in between [AGENT.6]. */
const MOST_TRIES = 5;
export const RETRY_MS: Millis = 2_000;

/** `17/join`: an effect or timer of a job. */
export function effectId(job: bigint, name: string): string {
  return `${job}/${name}`;
}

/** The job and the name in an effect's id. */
export function parseEffectId(id: string): { readonly job: bigint; readonly name: string } | undefined {
  const match = /^(\d+)\/(.+)$/.exec(id);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { job: BigInt(match[1]), name: match[2] };
}

/**
 * Sends a transaction once [AGENT.6]: not again while it is under way or after it was mined (its event then
 * changes the view), and after a failure only when the retry timer has passed, a few times.
 */
export function transactOnce<J extends EffectLedger>(job: J, name: string, call: MarketCall): Turn<J> {
  const id = effectId(job.job, name);
  if (job.asked.has(id) || (job.failures.get(id) ?? 0) >= MOST_TRIES) return stay(job);
  return [ask(job, id), [{ type: "transact", id, call }]];
}

/** Whether an effect is under way, was mined, or rests after a failure. */
export function isAsked(job: EffectLedger, name: string): boolean {
  return job.asked.has(effectId(job.job, name));
}

/** Whether a transaction has failed so often that it is given up. */
export function isGivenUp(job: EffectLedger, name: string): boolean {
  return (job.failures.get(effectId(job.job, name)) ?? 0) >= MOST_TRIES;
}

/** Starts a computation unless it is under way. */
export function computeOnce<J extends EffectLedger>(job: J, name: string, work: ComputeRequest): Turn<J> {
  const id = effectId(job.job, name);
  return isAsked(job, name) ? stay(job) : [ask(job, id), [{ type: "compute", id, work }]];
}

/** The job after an effect failed; it rests until `retry` fires. */
export function effectFailed<J extends EffectLedger>(job: J, name: string): Turn<J> {
  const id = effectId(job.job, name);
  const failures = new Map(job.failures).set(id, (job.failures.get(id) ?? 0) + 1);
  return [
    { ...job, failures },
    [{ type: "schedule", timer: effectId(job.job, `retry/${name}`), delayMs: RETRY_MS }],
  ];
}

/** The job free to ask for an effect again: a computation that ended, or a failed transaction after its rest. */
export function released<J extends EffectLedger>(job: J, name: string): J {
  const asked = new Set(job.asked);
  asked.delete(effectId(job.job, name));
  return { ...job, asked };
}

export function record(event: AgentEvent): AgentOutput {
  return { type: "record", event };
}

function ask<J extends EffectLedger>(job: J, id: string): J {
  return { ...job, asked: new Set(job.asked).add(id) };
}
