import { median } from "../statistics.ts";
import type { TrainingJob } from "./job-record.ts";
import { type TrainingPhase, trainingPhases } from "./round-record.ts";

/** A phase over all rounds of a job. */
export interface PhaseTime {
  readonly phase: TrainingPhase;
  readonly medianMs: number;
  readonly maxMs: number;
  /** Of the time of all phases of all rounds. */
  readonly share: number;
}

/** An agent at work: median over the rounds in which it did anything. */
export interface AgentTime {
  readonly agent: string;
  readonly rounds: number;
  readonly medianMs: number;
  /** Median of each phase that it worked in. */
  readonly phases: readonly { readonly phase: TrainingPhase; readonly medianMs: number }[];
}

/** [TRAINING.3] The phases that the job's rounds had, in order, by the analyst's clock. */
export function phaseTimes(job: TrainingJob): readonly PhaseTime[] {
  const all = job.rounds.flatMap(({ phases }) => phases);
  const total = all.reduce((sum, { ms }) => sum + ms, 0);
  return trainingPhases.flatMap((phase) => {
    const own = all.filter((time) => time.phase === phase).map(({ ms }) => ms);
    if (own.length === 0) return [];
    const sum = own.reduce((a, b) => a + b, 0);
    return [{ phase, medianMs: median(own), maxMs: Math.max(...own), share: total === 0 ? 0 : sum / total }];
  });
}

/** The agents that worked for the job, in the order given, and for how long in a round. */
export function agentTimes(job: TrainingJob, agents: readonly string[]): readonly AgentTime[] {
  const rows = job.rounds.flatMap(({ round, work }) => work.map((row) => ({ round, ...row })));
  return agents.flatMap((agent) => {
    const own = rows.filter((row) => row.agent === agent && row.ms > 0);
    if (own.length === 0) return [];
    const byRound = new Map<number, number>();
    for (const { round, ms } of own) byRound.set(round, (byRound.get(round) ?? 0) + ms);
    const phases = trainingPhases.flatMap((phase) => {
      const times = own.filter((row) => row.phase === phase).map(({ ms }) => ms);
      return times.length === 0 ? [] : [{ phase, medianMs: median(times) }];
    });
    return [{ agent, rounds: byRound.size, medianMs: median([...byRound.values()]), phases }];
  });
}

/** Median length of a closed round, from its start to its closing in a block; `null` without rounds. */
export function medianRoundMs(job: TrainingJob): number | null {
  if (job.rounds.length === 0) return null;
  return median(job.rounds.map(({ startMs, endMs }) => endMs - startMs));
}
