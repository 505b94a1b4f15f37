import { type Millis, utf8 } from "@sheaf/base";
import { z } from "zod";
import type { AgentInput, AgentOutput } from "../ports.ts";
import type { MarketView } from "../view/market-view.ts";

/** What the analyst passes on to its arbiter: effects, timers and keys that begin with `arbiter/` are the arbiter's. */
export type ArbiterInput =
  | (Extract<AgentInput, { readonly type: "chain" }> & { readonly view: MarketView })
  | Extract<AgentInput, { readonly type: "start" | "message" | "timeout" | "done" | "failed" }>;

/** What was found, with the code of what does not hold. */
export interface Finding {
  readonly upheld: boolean;
  readonly because: string;
}

/** A dispute of a job: its number counts the disputes of that job from 1. */
export interface Case {
  readonly number: number;
  readonly finding: Finding | undefined;
  readonly askedAtMs: Millis | undefined;
  /** The vote: not sent, under way, given, or failed and to be tried again later. */
  readonly vote: "none" | "sent" | "given" | { readonly againMs: Millis };
}

export interface ArbiterState {
  /** What the analyst last showed of the market. */
  readonly view: MarketView | undefined;
  readonly live: boolean;
  /** By job: the last dispute of it. */
  readonly cases: ReadonlyMap<bigint, Case>;
  /** Findings of an earlier process. */
  readonly saved: ReadonlyMap<string, Finding>;
}

export const initialArbiter: ArbiterState = {
  view: undefined,
  live: false,
  cases: new Map(),
  saved: new Map(),
};

export const newCase = (number: number): Case => ({
  number,
  finding: undefined,
  askedAtMs: undefined,
  vote: "none",
});

export function withCase(state: ArbiterState, job: bigint, change: Partial<Case>): ArbiterState {
  const before = state.cases.get(job) ?? newCase(0);
  return { ...state, cases: new Map(state.cases).set(job, { ...before, ...change }) };
}

const findingSchema = z.strictObject({ upheld: z.boolean(), because: z.string() });

/** The key of a finding. */
export function findingKey(job: bigint, number: number): string {
  return `arbiter/${job}/${number}`;
}

export function saveFinding(job: bigint, number: number, finding: Finding): AgentOutput {
  return { type: "save", key: findingKey(job, number), value: utf8(JSON.stringify(finding)) };
}

/** Findings among what was saved; what cannot be read counts as not saved. */
export function readFindings(saved: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Finding> {
  const findings = new Map<string, Finding>();
  for (const [key, bytes] of saved) {
    if (!key.startsWith("arbiter/")) continue;
    try {
      const parsed = findingSchema.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
      if (parsed.success) findings.set(key, parsed.data);
    } catch {
      // written by another version: the transcript is asked for again
    }
  }
  return findings;
}
