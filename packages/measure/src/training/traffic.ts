import { median } from "../statistics.ts";
import type { TrainingJob } from "./job-record.ts";
import { type TrainingPhase, type TrainingRound, trainingPhases } from "./round-record.ts";

/** Bytes of one owner in one round; what a phase took of them, on average over rounds (and owners). */
export interface PhaseTraffic {
  readonly phase: TrainingPhase;
  readonly sent: number;
  readonly received: number;
}

/** An owner on the wire: means over the rounds in which it was in a sum. */
export interface OwnerTraffic {
  readonly agent: string;
  readonly rounds: number;
  readonly sent: number;
  readonly received: number;
  readonly phases: readonly PhaseTraffic[];
}

export interface TrafficAnalysis {
  /** An update as 32-bit floats: 4 bytes a parameter. */
  readonly plainUpdateBytes: number;
  /** Median over owners and rounds of what an owner sent in a round, over the plain update; `null` when not counted. */
  readonly sentRatio: number | null;
  /** The most that any owner sent in any round, over the plain update. */
  readonly sentRatioMax: number | null;
  /** Median of what an owner received, over the plain update: the model alone is 1. */
  readonly receivedRatio: number | null;
  /** Phases in which anything went over the wire: means over owners and rounds. */
  readonly phases: readonly PhaseTraffic[];
  /** Owners that were in a sum at least once, in the order of the invitation. */
  readonly owners: readonly OwnerTraffic[];
}

/** [TRAINING.9] What a round costs an owner on the wire, beside the plain update. Only owners that were in the sum count. */
export function trafficOf(job: TrainingJob): TrafficAnalysis {
  const plainUpdateBytes = 4 * job.plan.parameters;
  const shares = job.rounds.flatMap(roundTraffic);
  const byAgent = new Map<string, RoundShare[]>();
  for (const share of shares) {
    const own = byAgent.get(share.agent);
    if (own === undefined) byAgent.set(share.agent, [share]);
    else own.push(share);
  }
  const counted = shares.filter(({ sent, received }) => sent + received > 0);
  const sent = counted.map((share) => share.sent / plainUpdateBytes);
  const received = counted.map((share) => share.received / plainUpdateBytes);
  return {
    plainUpdateBytes,
    sentRatio: sent.length === 0 ? null : median(sent),
    sentRatioMax: sent.length === 0 ? null : sent.reduce((most, ratio) => Math.max(most, ratio)),
    receivedRatio: received.length === 0 ? null : median(received),
    phases: meanPhases(shares),
    owners: job.candidates.flatMap(({ agent }) => {
      const own = byAgent.get(agent) ?? [];
      return own.length === 0 ? [] : [ownerTraffic(agent, own)];
    }),
  };
}

/** One owner in one round. */
interface RoundShare {
  readonly agent: string;
  sent: number;
  received: number;
  readonly phases: Map<TrainingPhase, { sent: number; received: number }>;
}

function roundTraffic({ survivors, work }: TrainingRound): readonly RoundShare[] {
  const shares = new Map(
    survivors.map((agent): [string, RoundShare] => [
      agent,
      { agent, sent: 0, received: 0, phases: new Map() },
    ]),
  );
  for (const { agent, phase, sentBytes, receivedBytes } of work) {
    const own = shares.get(agent);
    if (own === undefined) continue;
    own.sent += sentBytes;
    own.received += receivedBytes;
    const before = own.phases.get(phase) ?? { sent: 0, received: 0 };
    own.phases.set(phase, {
      sent: before.sent + sentBytes,
      received: before.received + receivedBytes,
    });
  }
  return [...shares.values()];
}

function ownerTraffic(agent: string, shares: readonly RoundShare[]): OwnerTraffic {
  const phases = meanPhases(shares);
  return {
    agent,
    rounds: shares.length,
    sent: phases.reduce((sum, phase) => sum + phase.sent, 0),
    received: phases.reduce((sum, phase) => sum + phase.received, 0),
    phases,
  };
}

function meanPhases(shares: readonly RoundShare[]): readonly PhaseTraffic[] {
  return trainingPhases.flatMap((phase) => {
    const own = shares.flatMap((share) => share.phases.get(phase) ?? []);
    const sent = own.reduce((sum, bytes) => sum + bytes.sent, 0) / shares.length;
    const received = own.reduce((sum, bytes) => sum + bytes.received, 0) / shares.length;
    return sent + received > 0 ? [{ phase, sent, received }] : [];
  });
}
