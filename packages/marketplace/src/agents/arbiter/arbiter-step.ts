import type { Millis } from "@sheaf/base";
import { decodeBody, encodeBody } from "../messages/codec.ts";
import type { AgentMessage, AgentOutput, AgentPorts } from "../ports.ts";
import { also, andThen, chain, stay, type Turn } from "../turn.ts";
import type { JobFacts } from "../view/market-view.ts";
import { examine, judgeWeights } from "./examine.ts";
import {
  type ArbiterInput,
  type ArbiterState,
  type Case,
  type Finding,
  findingKey,
  newCase,
  readFindings,
  saveFinding,
  withCase,
} from "./state.ts";

type Arbiter = Turn<ArbiterState>;

/** Of the voting period: after the first half without a transcript the dispute is upheld [DISPUTE.4]. */
const WAIT_SHARE = 0.5;
/** The transcript is asked for this many times in that time. */
const ASKS = 4;
const RETRY_MS: Millis = 5_000;
/** The vote came too late, was given before, or is not the arbiter's to give. */
const NO_VOTE = new Set(["NOT_ARBITER", "ALREADY_VOTED", "WRONG_STATE", "TOO_LATE"]);
const TIMER = "arbiter/due";

/**
 * An analyst as arbiter of other analysts' jobs: asks for the transcript of a disputed round, computes the round
 * again and votes [DISPUTE.1]. Embedded in the analyst, which hands on its inputs.
 */
export function arbiterStep(state: ArbiterState, input: ArbiterInput, ports: AgentPorts): Arbiter {
  return andThen(react(state, input, ports), (next) => attend(next, input.nowMs, ports));
}

function react(state: ArbiterState, input: ArbiterInput, ports: AgentPorts): Arbiter {
  switch (input.type) {
    case "start":
      return stay({ ...state, saved: readFindings(input.saved) });
    case "chain":
      return stay(follow(state, input, ports));
    case "message":
      return onTranscript(state, input.message, ports);
    case "timeout":
      return stay(state);
    case "done":
      return stay(withCase(state, jobOfEffect(input.effect), { vote: "given" }));
    case "failed": {
      const vote = NO_VOTE.has(input.code) ? "given" : { againMs: input.nowMs + RETRY_MS };
      return stay(withCase(state, jobOfEffect(input.effect), { vote }));
    }
  }
}

function jobOfEffect(effect: string): bigint {
  return BigInt(effect.split("/")[2] ?? 0);
}

/** Cases from the chain alone, so that a restart knows which disputes it has voted in [DISPUTE.6]. */
function follow(
  state: ArbiterState,
  input: ArbiterInput & { type: "chain" },
  { self }: AgentPorts,
): ArbiterState {
  let next: ArbiterState = { ...state, view: input.view, live: input.live || state.live };
  for (const event of input.events) {
    if (event.event === "disputed") {
      const number = (next.cases.get(event.job)?.number ?? 0) + 1;
      const finding = next.saved.get(findingKey(event.job, number));
      next = withCase(next, event.job, { ...newCase(number), finding });
    }
    if (event.event === "voted" && event.arbiter === self)
      next = withCase(next, event.job, { vote: "given" });
  }
  return next;
}

/** What is due in every dispute that is this analyst's to judge. */
function attend(state: ArbiterState, nowMs: Millis, ports: AgentPorts): Arbiter {
  const { view, live } = state;
  if (view === undefined || !live || !view.licences.analyst.has(ports.self)) return stay(state);
  let wakeMs = Number.POSITIVE_INFINITY;
  const steps: ((before: ArbiterState) => Arbiter)[] = [];
  for (const [id, entry] of state.cases) {
    const job = view.jobs.get(id);
    if (job === undefined || !isArbiter(job, ports.self) || entry.vote === "given" || entry.vote === "sent")
      continue;
    const nextMs = dueMs(job, entry);
    if (nextMs > nowMs) wakeMs = Math.min(wakeMs, nextMs);
    else steps.push((before) => attendCase(before, job, entry, nowMs));
  }
  const turn = chain(state, ...steps);
  if (steps.length > 0) wakeMs = Math.min(wakeMs, nowMs + 1000);
  if (!Number.isFinite(wakeMs)) return turn;
  return also(turn, { type: "schedule", timer: TIMER, delayMs: wakeMs - nowMs });
}

/** [DISPUTE.1] Not of the job, in any role; a dispute of the delivery is judged where weights follow from the chain [DISPUTE.5]. */
function isArbiter(job: JobFacts, self: AgentPorts["self"]): boolean {
  const { dispute } = job;
  if (job.state !== "disputed" || dispute === undefined) return false;
  if (dispute.round === 0 && judgeWeights(job) === undefined) return false;
  return job.consumer !== self && !job.analysts.includes(self) && !job.owners.includes(self);
}

const waitMs = (job: JobFacts): Millis => 1000 * job.terms.disputeSeconds * WAIT_SHARE;
const patienceEndsMs = (job: JobFacts): Millis =>
  job.deadlineMs - 1000 * job.terms.disputeSeconds + waitMs(job);

function dueMs(job: JobFacts, { finding, askedAtMs, vote }: Case): Millis {
  if (typeof vote === "object") return vote.againMs;
  if (finding !== undefined || askedAtMs === undefined) return 0;
  return Math.min(askedAtMs + waitMs(job) / ASKS, patienceEndsMs(job));
}

function attendCase(state: ArbiterState, job: JobFacts, entry: Case, nowMs: Millis): Arbiter {
  const { dispute } = job;
  if (dispute === undefined) return stay(state);
  if (entry.finding !== undefined) return cast(state, job, entry.number, entry.finding);
  const weighed = dispute.round === 0 ? judgeWeights(job) : undefined;
  if (weighed !== undefined) return conclude(state, job, weighed);
  if (nowMs >= patienceEndsMs(job) && entry.askedAtMs !== undefined) {
    return conclude(state, job, { upheld: true, because: "NO_TRANSCRIPT" }); // [DISPUTE.4]
  }
  const body = encodeBody("transcript.request", { round: dispute.round });
  const send = { type: "send", to: dispute.accused, job: job.job, kind: "transcript.request", body } as const;
  return [withCase(state, job.job, { askedAtMs: nowMs }), [send]];
}

/** [DISPUTE.2] From the accused only, and the first that can be read counts. */
function onTranscript(state: ArbiterState, message: AgentMessage, ports: AgentPorts): Arbiter {
  const job = state.view?.jobs.get(message.job);
  const entry = state.cases.get(message.job);
  if (job?.dispute === undefined || entry === undefined || !isArbiter(job, ports.self)) return stay(state);
  if (message.from !== job.dispute.accused || entry.finding !== undefined) return stay(state);
  const decoded = decodeBody(message.kind, message.body);
  if ("rejected" in decoded || decoded.kind !== "transcript.answer") return stay(state);
  const found = examine(ports, job, job.dispute.round, decoded.body.transcript);
  if ("unreadable" in found) {
    const { job: id, from, kind } = message;
    return also(stay(state), {
      type: "record",
      event: { kind: "rejected", job: id, from, message: kind, code: found.unreadable },
    });
  }
  return conclude(state, job, found.finding, found.next);
}

/** The finding is saved before it is acted on; the consumer gets the model that an arbiter has seen [DISPUTE.3]. */
function conclude(state: ArbiterState, job: JobFacts, finding: Finding, next?: Uint8Array): Arbiter {
  const number = state.cases.get(job.job)?.number ?? 0;
  const outputs: AgentOutput[] = [saveFinding(job.job, number, finding)];
  if (next !== undefined && job.dispute?.round === job.rounds.length) {
    const body = encodeBody("model.deliver", { state: next });
    outputs.push({ type: "send", to: job.consumer, job: job.job, kind: "model.deliver", body });
  }
  return andThen([withCase(state, job.job, { finding }), outputs], (before) =>
    cast(before, job, number, finding),
  );
}

function cast(state: ArbiterState, { job }: JobFacts, number: number, { upheld, because }: Finding): Arbiter {
  return [
    withCase(state, job, { vote: "sent" }),
    [
      { type: "transact", id: `arbiter/vote/${job}/${number}`, call: { method: "vote", job, upheld } },
      { type: "record", event: { kind: "decision", job, what: "vote", because } },
    ],
  ];
}
