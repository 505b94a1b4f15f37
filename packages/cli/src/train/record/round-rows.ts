import type { AbortedRound, ModelEvaluation, PhaseWork, TrainingPhase, TrainingRound } from "@sheaf/measure";
import { type LineOf, type LogLine, linesOf } from "./agent-log.ts";
import { type JobSpec, learningRateOf } from "./job-words.ts";
import {
  eventsNamed,
  type JobEvent,
  type MarketSight,
  membersOf,
  nameOf,
  sinceStart,
} from "./market-sight.ts";

/** What the run found out about a round by itself, from the files that simulated agents leave. */
export interface RoundAudit {
  readonly test: ModelEvaluation | null;
  readonly error: number | null;
  readonly errorBound: number | null;
}

type Opened = Extract<JobEvent, { readonly event: "roundOpened" }>;
type Closed = Extract<JobEvent, { readonly event: "roundClosed" }>;

/** The closed rounds of a job, from the chain and from what its agents recorded. */
export function roundRows(
  sight: MarketSight,
  spec: JobSpec,
  events: readonly JobEvent[],
  audits: ReadonlyMap<number, RoundAudit>,
): readonly TrainingRound[] {
  const owners = eventsNamed(events, "selected")[0]?.owners ?? [];
  return eventsNamed(events, "roundClosed").map((closed) => {
    const before = events.slice(0, events.indexOf(closed));
    const opened = eventsNamed(before, "roundOpened").findLast(
      ({ round }) => round === closed.round,
    ) as Opened;
    const lines = roundLines(sight, closed, opened.attempt);
    const analyst = nameOf(sight, closed.from);
    const own = lines.get(analyst) ?? [];
    const told = linesOf(own, "round")[0];
    const cohort = membersOf(opened.cohortBitmap, owners).map((owner) => nameOf(sight, owner));
    const survivors = membersOf(closed.survivorBitmap, owners).map((owner) => nameOf(sight, owner));
    const begun = linesOf(own, "phase")[0]?.at;
    const audit = audits.get(closed.round);
    const dropouts = linesOf(own, "dropped").map(({ member, phase, because }) => ({
      agent: nameOf(sight, member),
      phase,
      reason: because,
    }));
    return {
      round: closed.round,
      attempt: opened.attempt,
      analyst,
      startMs: begun === undefined ? opened.timeMs : sinceStart(sight, begun),
      endMs: closed.timeMs,
      invited: [...new Set([...cohort, ...dropouts.map(({ agent }) => agent)])],
      cohort: [...cohort],
      survivors: [...survivors],
      dropouts,
      loss: told?.loss ?? null,
      learningRate: learningRateOf(spec, closed.round),
      validation: told?.validation ?? null,
      test: audit?.test ?? null,
      phases: phaseTimes(own),
      work: [...lines].flatMap(([agent, each]) => workRows(agent, each)),
      aggregation: {
        groups: (told?.groups ?? [closed.updateHashes.length === 0 ? [] : survivorsOf(closed, owners)])
          .map((members, index) => ({
            members: members.map((member) => nameOf(sight, member)),
            kept: told === undefined || told.chosen.includes(index),
          }))
          .filter(({ members }) => members.length > 0),
        error: audit?.error ?? null,
        errorBound: audit?.errorBound ?? null,
        saturated: told?.saturated ?? null,
      },
      epsilon: epsilonRows(sight, cohort, closed),
      epsilonSampled: told?.epsilonSampled ?? null,
      hashes: {
        state: opened.stateHash,
        keysRoot: spec.privacy.mode.startsWith("secagg") ? opened.keysRoot : null,
        aggregate: closed.aggregateHash,
        nextState: closed.nextStateHash,
      },
      transactions: { open: opened.transaction, close: closed.transaction },
    };
  });
}

function survivorsOf(closed: Closed, owners: readonly `0x${string}`[]): readonly `0x${string}`[] {
  return membersOf(closed.survivorBitmap, owners);
}

/** What every agent recorded of the round's last attempt. Messages are of the round whose phase ran last. */
function roundLines(
  sight: MarketSight,
  { job, round }: Closed,
  attempt: number,
): ReadonlyMap<string, readonly LogLine[]> {
  const found = new Map<string, readonly LogLine[]>();
  for (const [agent, lines] of sight.logs) {
    let current = false;
    const own = lines.filter((line) => {
      // Computing is not marked with a job: it belongs to the round that its process was last at.
      if (line.kind === "compute") return current;
      if (!("job" in line) || line.job !== String(job)) return false;
      if ("round" in line && "attempt" in line) current = line.round === round && line.attempt === attempt;
      return current;
    });
    if (own.length > 0) found.set(agent, own);
  }
  return found;
}

function phaseTimes(lines: readonly LogLine[]): TrainingRound["phases"] {
  return pairPhases(lines).map(({ phase, begin, end }) => ({ phase, ms: end - begin }));
}

function pairPhases(lines: readonly LogLine[]) {
  const phases = linesOf(lines, "phase");
  return phases
    .filter(({ edge }) => edge === "begin")
    .flatMap((begin) => {
      const end = phases.find(
        ({ phase, edge, at }) => phase === begin.phase && edge === "end" && at >= begin.at,
      );
      return end === undefined ? [] : [{ phase: begin.phase, begin: begin.at, end: end.at }];
    });
}

/** The phase that a message belongs to. */
const PHASE_OF: Readonly<Record<string, TrainingPhase>> = {
  "round.announce": "announce",
  "round.keys": "keys",
  "round.refuse": "keys",
  "round.adverts": "shares",
  "round.shares": "shares",
  "round.shares-for": "shares",
  "round.masked": "train",
  "round.update": "train",
  "round.encrypted": "train",
  "round.survivors": "confirm",
  "round.confirm": "confirm",
  "round.confirmations": "unmask",
  "round.unmask": "unmask",
  "round.decrypt": "decrypt",
  "round.decrypted": "decrypt",
  "round.result": "close",
};

/** Bytes by phase, and the time of the computing that the host stamped. */
function workRows(agent: string, lines: readonly LogLine[]): readonly PhaseWork[] {
  const rows = new Map<TrainingPhase, { ms: number; sentBytes: number; receivedBytes: number }>();
  const row = (phase: TrainingPhase) => {
    const found = rows.get(phase) ?? { ms: 0, sentBytes: 0, receivedBytes: 0 };
    rows.set(phase, found);
    return found;
  };
  for (const line of lines) {
    if (line.kind === "compute")
      row(line.work === "train" || line.work.endsWith("encrypt") ? "train" : "aggregate").ms += line.ms;
    if (line.kind !== "sent" && line.kind !== "received") continue;
    const phase = PHASE_OF[line.message];
    if (phase === undefined) continue;
    row(phase)[line.kind === "sent" ? "sentBytes" : "receivedBytes"] += line.bytes;
  }
  return [...rows].map(([phase, work]) => ({ agent, phase, ...work }));
}

/** What each owner has spent by the round's end: its own last statement. */
function epsilonRows(
  sight: MarketSight,
  cohort: readonly string[],
  { job, round }: Closed,
): TrainingRound["epsilon"] {
  const rows: TrainingRound["epsilon"] = [];
  for (const [agent, lines] of sight.logs) {
    const spent = linesOf(lines, "privacy").findLast(
      (line) => line.job === String(job) && line.round <= round,
    );
    if (spent === undefined) continue;
    rows.push({ agent, inJob: spent.epsilonJob, overall: spent.epsilonAll });
  }
  return rows.length === 0 && cohort.length === 0 ? [] : rows;
}

/** Attempts at rounds that came to nothing, as the analysts recorded them. */
export function abortedRows(sight: MarketSight, job: bigint): readonly AbortedRound[] {
  return [...sight.logs.values()].flatMap((lines) =>
    linesOf(lines, "aborted")
      .filter((line) => line.job === String(job))
      .map((line) => {
        const begun = linesOf(lines, "phase").find((each) => isSameAttempt(each, line));
        const dropped = linesOf(lines, "dropped").filter((each) => isSameAttempt(each, line)).length;
        const asked =
          linesOf(lines, "phase").find((each) => isSameAttempt(each, line) && each.of !== undefined)?.of ?? 0;
        return {
          round: line.round,
          attempt: line.attempt,
          phase: line.phase,
          code: line.because,
          cohort: asked,
          survivors: Math.max(0, asked - dropped),
          startMs: sinceStart(sight, begun?.at ?? line.at),
          endMs: sinceStart(sight, line.at),
        };
      }),
  );
}

interface Attempt {
  readonly job: string;
  readonly round: number;
  readonly attempt: number;
}

function isSameAttempt(a: Attempt, b: LineOf<"aborted">): boolean {
  return a.job === b.job && a.round === b.round && a.attempt === b.attempt;
}
