import type { Millis } from "@sheaf/base";
import { effectId, record } from "../effects.ts";
import type { PhaseName } from "../events.ts";
import { also, type Turn } from "../turn.ts";
import type { AnalystContext, AnalystJob, RoundState } from "./state.ts";

/** Enters a phase of the round: its time begins, unless it waits for the chain [PHASE.5]. */
export function enterPhase(
  { nowMs }: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  phase: PhaseName,
  limitMs?: Millis,
): Turn<AnalystJob> {
  const timer = effectId(job.job, "phase");
  const next = { ...job, round: { ...round, phase, over: false, phaseSinceMs: nowMs } };
  return [
    next,
    [
      record({
        kind: "phase",
        job: job.job,
        round: round.id.round,
        attempt: round.id.attempt,
        phase,
        edge: "begin",
      }),
      limitMs === undefined ? { type: "cancel", timer } : { type: "schedule", timer, delayMs: limitMs },
    ],
  ];
}

/** Notes how a phase went; the next one is entered by the caller. */
export function leavePhase(
  turn: Turn<AnalystJob>,
  round: RoundState,
  got: number,
  of: number,
): Turn<AnalystJob> {
  const { job, round: number, attempt } = round.id;
  return also(
    turn,
    record({ kind: "phase", job, round: number, attempt, phase: round.phase, edge: "end", got, of }),
  );
}
