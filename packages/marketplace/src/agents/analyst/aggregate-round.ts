import { encodeTranscript } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { partsNeeded } from "../../job-spec-combinations.ts";
import { computeOnce, isGivenUp, transactOnce } from "../effects.ts";
import type { AgentOutput } from "../ports.ts";
import { aggregateParts } from "../round/aggregate-parts.ts";
import { bitmapToBytes, toBitmap } from "../round/bitmap.ts";
import { decodeSum, type OpenedPart } from "../round/decode-sum.ts";
import { floatsToBytes } from "../round/float-bytes.ts";
import { modelOf } from "../round/model.ts";
import { encodeRoundTranscript } from "../round/transcript.ts";
import { sendToEach, tagOf } from "../send.ts";
import { also, andThen, chain, stay, type Turn } from "../turn.ts";
import { abortAttempt } from "./abort-attempt.ts";
import { blameNobody } from "./group-phase.ts";
import { encodedAdverts } from "./keys-phase.ts";
import { enterPhase } from "./phases.ts";
import { saveClosing } from "./resume-closing.ts";
import { saveState, transcriptKey } from "./saved.ts";
import { forgetUnmasking } from "./saved-unmasking.ts";
import type { AnalystContext, AnalystJob, Closing, RoundState } from "./state.ts";
import { fits } from "./weigh-request.ts";

/** Reads the opened sums; a group whose weights cannot be its members' is left out [PHASE.9]. */
export function aggregateGroups(
  context: AnalystContext,
  job: AnalystJob,
  round: RoundState,
): Turn<AnalystJob> {
  const { owners } = context.facts;
  const parts: OpenedPart[] = [];
  let noted = job;
  const groups = round.groups.map((group) => {
    if (group.sum === undefined) return { ...group, lost: group.lost ?? "NOT_OPENED" };
    const members = group.survivors.map((owner) => owners.indexOf(owner)).sort((a, b) => a - b);
    const part = decodeSum(round.plan, group.sum, members);
    if ("rejected" in part) {
      noted = blameNobody(noted, group.survivors);
      return { ...group, lost: part.rejected };
    }
    parts.push(part);
    return group;
  });
  return aggregateRound(context, noted, { ...round, groups }, parts);
}

/** From the opened parts to the transaction that closes the round [PHASE.10]. */
export function aggregateRound(
  context: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  parts: readonly OpenedPart[],
): Turn<AnalystJob> {
  const { facts, options } = context;
  const { spec } = facts;
  if (spec === undefined || job.model === undefined) return stay(job);
  const places = parts.flatMap(({ members }) => members).sort((a, b) => a - b);
  if (parts.length < partsNeeded(spec.aggregation) || places.length < 3) {
    return abortAttempt(context, job, round, "TOO_FEW_PARTS");
  }
  const noiseSeed = spec.privacy.dp?.noise === "central" ? options.ports.entropy(32) : undefined;
  const outcome = aggregateParts(spec, job.model.state, parts, noiseSeed);
  if ("rejected" in outcome) return abortAttempt(context, job, round, outcome.rejected);
  const survivors = places.map((place) => facts.owners[place] as Address);
  const call = {
    survivorBitmap: toBitmap(facts.owners, survivors),
    updateHashes: survivors.flatMap((owner) => round.inputs.get(owner)?.updateHash ?? []),
    aggregateHash: options.ports.keccak256(floatsToBytes(outcome.update)),
  };
  const validation = fits(spec, options.validation) ? undefined : null;
  const next = modelOf(options.ports, outcome.next);
  const closing: Closing = { next, outcome, parts, survivors, call, validation };
  const closed = enterPhase(context, job, { ...round, closing }, "close");
  return chain(
    closed[0],
    (entered) => [
      entered,
      [
        ...closed[1],
        ...keep(context, entered, round, closing, noiseSeed),
        ...saveClosing(context, closing),
        ...(round.announced === undefined ? [] : [forgetUnmasking(entered.job)]),
      ],
    ],
    (entered) => sendResult(entered, round, closing),
    (entered) => closeRound(entered),
    (entered) => assess(context, entered, round, closing),
  );
}

/** The next state and the transcript are saved before anything is said of them [ANALYST.8] [ANALYST.9]. */
function keep(
  { facts }: AnalystContext,
  { job, model }: AnalystJob,
  round: RoundState,
  closing: Closing,
  noiseSeed: Uint8Array | undefined,
): AgentOutput[] {
  const { round: number, attempt } = round.id;
  const indexOf = (owner: Address): number => facts.owners.indexOf(owner);
  const transcript = encodeRoundTranscript({
    version: 2,
    round: number,
    attempt,
    previous: model?.bytes ?? new Uint8Array(0),
    announced: bitmapToBytes(toBitmap(facts.owners, round.cohort)),
    adverts: encodedAdverts(round),
    groups: round.groups.flatMap(({ index, lost, server }) => {
      const opened = lost === undefined ? server.transcript() : undefined;
      return opened === undefined ? [] : [{ group: index, transcript: encodeTranscript(opened) }];
    }),
    updates: closing.parts.flatMap(({ members, weight, loss }) => {
      const owner = members[0] ?? 0;
      const values = round.updates.get(facts.owners[owner] as Address)?.bytes;
      return values === undefined ? [] : [{ owner, values, weight, loss }];
    }),
    encrypted: [...round.encrypted]
      .map(([owner, ciphertexts]) => ({ owner: indexOf(owner), ciphertexts }))
      .sort((a, b) => a.owner - b.owner),
    signatures: closing.survivors.flatMap((owner) => round.inputs.get(owner)?.signature ?? []),
    decrypted: round.decrypted,
    noiseSeed,
  });
  return [
    ...saveState(job, number, closing.next.bytes),
    { type: "save", key: transcriptKey(job, number), value: transcript },
    { type: "audit", name: `state-${job}-${number}.bin`, bytes: closing.next.bytes },
    ...auditedSums(round, closing),
  ];
}

/** What was opened, in the unit of the owners' audited updates: one file for each of the round event's groups. */
function auditedSums({ id, plan }: RoundState, { parts }: Closing): AgentOutput[] {
  return parts.map(({ mean, weight }, index) => ({
    type: "audit",
    name: `sum-${id.job}-${id.round}-${id.attempt}-${index}.f32`,
    bytes: floatsToBytes(mean.map((value) => (value * weight) / plan.maxWeight)),
  }));
}

/** The new state goes to the cohort before it is committed, so that a take-over always finds it [ANALYST.8]. */
function sendResult(job: AnalystJob, round: RoundState, { next }: Closing): Turn<AnalystJob> {
  const body = { ...tagOf(round.id), state: next.bytes };
  return also(stay(job), ...sendToEach(round.present.keys(), job.job, "round.result", body));
}

/** The transaction that closes the round; `undefined` when it is given up. */
export function closeRound(job: AnalystJob): Turn<AnalystJob> {
  const { round } = job;
  if (round?.closing === undefined) return stay(job);
  const { id, closing } = round;
  return transactOnce(job, closeName(round), {
    method: "closeRound",
    job: job.job,
    round: id.round,
    ...closing.call,
    nextStateHash: closing.next.hash,
  });
}

export function isClosingGivenUp(job: AnalystJob, round: RoundState): boolean {
  return isGivenUp(job, closeName(round));
}

function closeName({ id }: RoundState): string {
  return `close/${id.round}/${id.attempt}`;
}

/** Validation and valuation, while the transaction is on its way [ANALYST.6] [ANALYST.7]. */
function assess(
  context: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  closing: Closing,
): Turn<AnalystJob> {
  const { spec } = context.facts;
  if (spec === undefined || job.model === undefined || closing.validation === null) return stay(job);
  const number = round.id.round;
  const weights = closing.next.state.weights;
  const evaluated = computeOnce(job, `evaluate/${number}/${round.id.attempt}`, {
    kind: "evaluate",
    spec,
    weights,
  });
  const { state } = job.model;
  if (spec.contribution.method === "participation") return evaluated;
  const groups = closing.parts.map(({ members }) => members);
  return andThen(evaluated, (next) =>
    computeOnce({ ...next, valuing: new Map(next.valuing).set(number, groups) }, `value/${number}`, {
      kind: "value",
      spec,
      state,
      parts: closing.parts.map(({ mean, weight }) => ({ mean, weight })),
      seed: `${spec.seed}/value/${number}`,
    }),
  );
}
