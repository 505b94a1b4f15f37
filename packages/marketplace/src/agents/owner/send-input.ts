import {
  checkHeadroom,
  encodeMasked,
  isRejection,
  type MechanismInput,
  type SecaggMember,
  type SecaggRound,
  wordsToBytes,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { computeOnce, record } from "../effects.ts";
import type { AgentOutput } from "../ports.ts";
import { contextHashOf } from "../round/attempt.ts";
import { type EncodedInput, encodeInput } from "../round/encode-input.ts";
import { bytesToFloats, floatsToBytes } from "../round/float-bytes.ts";
import { groupNoise, roundMechanism } from "../round/noise.ts";
import { inputDigest } from "../round/signed-input.ts";
import { updateBytes } from "../round/update-hash.ts";
import { vectorPlan } from "../round/vector-plan.ts";
import { send, tagOf } from "../send.ts";
import { stay, type Turn } from "../turn.ts";
import type { JobFacts } from "../view/market-view.ts";
import { encodeOpenUpdate, smallestHere } from "./open-update.ts";
import { attemptEntry, withAttempt } from "./own-attempts.ts";
import { type JobAndBudget, pay } from "./pay.ts";
import { leaveJob, refuse } from "./refuse.ts";
import { saveRecord } from "./saved.ts";
import type { OpenAnswer, OwnAttempt, OwnerContext, OwnerJob, Trained } from "./state.ts";
import { isVoid } from "./void-attempts.ts";

/** Sends the input of the round as soon as there are an update and, with masks, the others' shares [OWNER.6] [OWNER.7]. */
export function sendInput(context: OwnerContext, job: OwnerJob): Turn<JobAndBudget> {
  const { attempt, trained } = job;
  const { spec } = context.facts;
  if (attempt?.stage !== "input" || trained?.stateHash !== attempt.stateHash || spec === undefined) {
    return stay({ job, budget: context.budget });
  }
  const { member, group } = attempt;
  if (member !== undefined && group !== undefined) {
    return sendMasked(context, job, { attempt, trained, member, group });
  }
  if (trained.answer !== undefined) return sendAgain(context, job, attempt, trained.answer);
  if (spec.privacy.paillier !== undefined)
    return withBudget(context, encrypt(context, job, attempt, trained));
  const answer = encodeOpenUpdate(context, trained);
  if ("rejected" in answer) return withBudget(context, refuse(job, attempt, answer.rejected));
  const noised = { ...job, trained: { ...trained, answer } };
  // After a restart the noise of an earlier answer is lost: one with other noise is another release [OWNER.7].
  const anew = answer.smallest === 0 ? noised : { ...noised, record: { ...job.record, paidRound: 0 } };
  return sendOpen(context, anew, attempt, answer);
}

function withBudget({ budget }: OwnerContext, [job, outputs]: Turn<OwnerJob>): Turn<JobAndBudget> {
  return [{ job, budget }, outputs];
}

interface MaskedInput {
  readonly attempt: OwnAttempt;
  readonly trained: Trained;
  readonly member: SecaggMember;
  readonly group: SecaggRound;
}

function sendMasked(context: OwnerContext, job: OwnerJob, input: MaskedInput): Turn<JobAndBudget> {
  const { attempt, group } = input;
  const ready = maskInput(context, job, input);
  if ("rejected" in ready) return withBudget(context, refuse(job, attempt, ready.rejected, ready.about));
  const paid = pay(context, job, attempt, ready.mechanism);
  if (paid === undefined) return withBudget(context, leaveJob(job, attempt));
  const { sent, signature } = remember(context, paid.job, attempt, wordsToBytes(ready.masked));
  return [
    { job: sent, budget: paid.budget },
    [
      ...paid.outputs,
      saveRecord(sent),
      ...traces(input, ready.plain, ready.weight),
      send(attempt.id.analyst, job.job, "round.masked", {
        ...tagOf(attempt.id),
        words: encodeMasked(group, ready.masked),
        signature,
      }),
    ],
  ];
}

interface Masked extends EncodedInput {
  readonly masked: Uint32Array;
  readonly mechanism: MechanismInput | undefined;
}

/** The masked words, or the code for not sending any, with the owner whose message was at fault. */
function maskInput(
  context: OwnerContext,
  job: OwnerJob,
  { attempt, trained, member, group }: MaskedInput,
): Masked | { readonly rejected: string; readonly about?: number } {
  const { facts, options } = context;
  const { ports } = options;
  if (facts.spec === undefined) return { rejected: "SPECIFICATION_INVALID" };
  const now = contextHashOf(ports, attempt.context);
  const earlier = job.record.attempts.filter(({ contextHash }) => contextHash !== now);
  if (!earlier.every((entry) => isVoid(ports, entry, attempt.voids))) return { rejected: "NOT_VOID" };
  const plan = vectorPlan(facts.spec, trained.result.update.length, attempt.cohort.length);
  const noise = groupNoise(facts.spec, plan, group);
  if (noise === "impossible") return { rejected: "NOISE_IMPOSSIBLE" };
  if (!checkHeadroom(group.members.length, plan.quantisation.bits, noise?.shareBound)) {
    return { rejected: "NOISE_OVERFLOWS" };
  }
  const input = encodeInput(plan, trained.result, ports.entropy, noise);
  if ("rejected" in input) return input;
  const masked = member.mask(attempt.received ?? new Map(), input.values);
  if (isRejection(masked)) return { rejected: masked.rejected, ...placeOf(facts, masked.member) };
  return { ...input, masked: masked.masked, mechanism: roundMechanism(facts.spec, noise) };
}

function placeOf({ owners }: JobFacts, member: string | undefined): { readonly about?: number } {
  const about = owners.indexOf(member as Address);
  return about < 0 ? {} : { about };
}

/** What was sent before, unless fewer owners are there now than its share of the noise was sized for [PHASE.7]. */
function sendAgain(
  context: OwnerContext,
  job: OwnerJob,
  attempt: OwnAttempt,
  answer: OpenAnswer,
): Turn<JobAndBudget> {
  const tooFew = answer.kind === "update" && smallestHere(context.facts) < answer.smallest;
  return tooFew
    ? withBudget(context, refuse(job, attempt, "NOISE_TOO_SMALL"))
    : sendOpen(context, job, attempt, answer);
}

/** Modes without masks: the same bytes in every attempt of the round. */
function sendOpen(
  context: OwnerContext,
  job: OwnerJob,
  attempt: OwnAttempt,
  answer: OpenAnswer,
): Turn<JobAndBudget> {
  const { facts } = context;
  const { id } = attempt;
  const paid = pay(context, job, attempt, facts.spec && roundMechanism(facts.spec));
  if (paid === undefined) return withBudget(context, leaveJob(job, attempt));
  const bytes = answer.kind === "update" ? answer.values : answer.ciphertexts;
  const committed = answer.kind === "update" ? updateBytes(answer) : bytes;
  const { sent, signature } = remember(context, paid.job, attempt, committed);
  const outputs: AgentOutput[] = [...paid.outputs, saveRecord(sent)];
  if (answer.kind === "encrypted") {
    outputs.push(
      send(id.analyst, job.job, "round.encrypted", { ...tagOf(id), ciphertexts: bytes, signature }),
    );
  } else {
    const { values, weight, loss } = answer;
    outputs.push(
      send(id.analyst, job.job, "round.update", { ...tagOf(id), values, weight, loss, signature }),
    );
    const plain = bytesToFloats(values, values.length / 4);
    const maxWeight = facts.spec?.privacy.dp === undefined ? (facts.spec?.training.maxWeight ?? 1) : 1;
    if (plain !== undefined && job.trained !== undefined) {
      const weighted = plain.map((value) => (value * weight) / maxWeight);
      outputs.push(...traces({ attempt, trained: job.trained }, weighted, weight));
    }
  }
  return [{ job: sent, budget: paid.budget }, outputs];
}

/** Has the input encrypted; it is sent when that is done. */
function encrypt(
  { facts, options }: OwnerContext,
  job: OwnerJob,
  attempt: OwnAttempt,
  trained: Trained,
): Turn<OwnerJob> {
  const paillier = facts.spec?.privacy.paillier;
  if (facts.spec === undefined || paillier === undefined) return stay(job);
  const name = `encrypt/${attempt.id.round}`;
  const plan = vectorPlan(facts.spec, trained.result.update.length, facts.owners.length);
  const input = encodeInput(plan, trained.result, options.ports.entropy);
  if ("rejected" in input) return refuse(job, attempt, input.rejected);
  const { n, bits } = paillier;
  const [next, outputs] = computeOnce(job, name, {
    kind: "paillier-encrypt",
    n,
    values: input.values,
    bits,
    members: facts.owners.length,
  });
  return outputs.length === 0
    ? [next, outputs]
    : [next, [...outputs, ...traces({ attempt, trained }, input.plain, input.weight)]];
}

/**
 * Notes what leaves, before it leaves: the chain is compared with it, and a second attempt depends on it. With
 * it goes the signature by which arbiters know it for this owner's [PHASE.13].
 */
function remember(
  { options: { ports } }: OwnerContext,
  job: OwnerJob,
  attempt: OwnAttempt,
  input: Uint8Array,
): { readonly sent: OwnerJob; readonly signature: Uint8Array } {
  const updateHash = ports.keccak256(input);
  const noted = withAttempt(job, attemptEntry(ports, attempt, updateHash));
  const sent: OwnerJob = { ...noted, attempt: { ...attempt, stage: "sent", received: undefined } };
  return { sent, signature: ports.sign(inputDigest(ports, attempt.context, updateHash)) };
}

/** What the record and, in simulations, the audit keep of an input. */
function traces(
  { attempt, trained }: { readonly attempt: OwnAttempt; readonly trained: Trained },
  plain: Float32Array,
  weight: number,
): AgentOutput[] {
  const { job, round, attempt: count } = attempt.id;
  const { samples, loss, steps } = trained.result;
  return [
    { type: "audit", name: `update-${job}-${round}-${count}.f32`, bytes: floatsToBytes(plain) },
    record({ kind: "trained", job, round, attempt: count, samples, loss, steps, weight }),
  ];
}
