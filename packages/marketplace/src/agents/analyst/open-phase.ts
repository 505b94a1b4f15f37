import { hexToBytes } from "@sheaf/base";
import { l2Norm } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { computeOnce } from "../effects.ts";
import type { MessageBody } from "../messages/bodies.ts";
import { decryptedDigest } from "../round/attempt.ts";
import { decodeSum } from "../round/decode-sum.ts";
import { bytesToFloats, bytesToInts } from "../round/float-bytes.ts";
import { smallestOpenCohort } from "../round/noise.ts";
import { updateBytes } from "../round/update-hash.ts";
import { reject, send, tagOf } from "../send.ts";
import { also, andThen, stay, type Turn } from "../turn.ts";
import { abortAttempt, dropped } from "./abort-attempt.ts";
import { acceptedInput } from "./accepted-input.ts";
import { aggregateRound } from "./aggregate-round.ts";
import { enterPhase, leavePhase } from "./phases.ts";
import { noteBad, noteMissed } from "./standings.ts";
import { type AnalystContext, type AnalystJob, type RoundState, withRound } from "./state.ts";

/** Rounding of 32-bit floats may lengthen a clipped update by this share. */
const NORM_SLACK = 1e-5;
const MOST_REPEATS = 2;

/** An update in the open, modes none and dp: of the right shape, finite, not above its weight or norm [AGENT.4]. */
export function onUpdate(
  context: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  from: Address,
  body: MessageBody<"round.update">,
): Turn<AnalystJob> {
  if (!takesInputs(round) || !round.present.has(from) || round.updates.has(from)) return stay(job);
  const { facts, options } = context;
  const mean = bytesToFloats(body.values, round.plan.parameters);
  const code = mean === undefined ? "MALFORMED_UPDATE" : objectionTo(context, round, mean, body);
  if (mean === undefined || code !== undefined) {
    return refuseInput(job, round, from, "round.update", code ?? "MALFORMED_UPDATE");
  }
  const { values, weight, loss, signature } = body;
  const input = acceptedInput(options.ports, round, from, updateBytes({ values, weight, loss }), signature);
  if (input === undefined) return refuseInput(job, round, from, "round.update", "BAD_SIGNATURE");
  const part = { members: [facts.owners.indexOf(from)], mean, weight, loss, saturated: null };
  const updates = new Map(round.updates).set(from, { bytes: values, part });
  return stay(withRound(job, { updates, inputs: new Map(round.inputs).set(from, input) }));
}

/** An owner may see the opening on chain before the analyst does. */
function takesInputs({ phase }: RoundState): boolean {
  return phase === "open" || phase === "train";
}

/** The sender signed it: it is noted, and not waited for any longer. */
function refuseInput(
  job: AnalystJob,
  round: RoundState,
  from: Address,
  kind: string,
  code: string,
): Turn<AnalystJob> {
  const without = withRound(noteBad(job, from), { refused: new Set(round.refused).add(from) });
  return reject(also(stay(without), ...dropped(round, [from], code)), from, kind, code);
}

function objectionTo(
  { facts }: AnalystContext,
  { plan }: RoundState,
  mean: Float32Array,
  { weight, loss }: MessageBody<"round.update">,
): string | undefined {
  if (weight > plan.maxWeight) return "BAD_WEIGHT";
  if ((plan.normClip === undefined) !== (loss !== null)) return "BAD_LOSS";
  const central = plan.normClip !== undefined && facts.spec?.privacy.dp?.noise === "central";
  if (central && l2Norm(mean) > (plan.normClip ?? 0) * (1 + NORM_SLACK)) return "NOT_CLIPPED";
  return undefined;
}

/** Ciphertexts, mode paillier; the consumer is shown who signed them [PHASE.12]. */
export function onEncrypted(
  { options: { ports } }: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  from: Address,
  { ciphertexts, signature }: MessageBody<"round.encrypted">,
): Turn<AnalystJob> {
  if (!takesInputs(round) || !round.present.has(from) || round.encrypted.has(from)) return stay(job);
  const input = acceptedInput(ports, round, from, ciphertexts, signature);
  if (input === undefined) return refuseInput(job, round, from, "round.encrypted", "BAD_SIGNATURE");
  const encrypted = new Map(round.encrypted).set(from, ciphertexts);
  return stay(withRound(job, { encrypted, inputs: new Map(round.inputs).set(from, input) }));
}

/** When all updates are in, or the time is over: aggregates them, or has the ciphertexts added up. */
export function endUpdates(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { spec } = context.facts;
  const came = spec?.privacy.paillier === undefined ? round.updates : round.encrypted;
  const waiting = [...round.present.keys()].filter((owner) => !came.has(owner) && !round.refused.has(owner));
  if (spec === undefined || (waiting.length > 0 && !round.over)) return stay(job);
  const noted = waiting.reduce((next, owner) => noteMissed(next, owner, round.id.round), job);
  const left = leavePhase(
    also(stay(noted), ...dropped(round, waiting, "NO_UPDATE")),
    round,
    came.size,
    round.present.size,
  );
  return andThen(left, (next) => {
    if (came.size < smallestOpenCohort(spec, round.present.size)) {
      return abortAttempt(context, next, round, "TOO_FEW_UPDATES");
    }
    if (spec.privacy.paillier !== undefined) return addUp(context, next, round);
    const inOrder = [...round.updates.values()].sort(
      (a, b) => (a.part.members[0] ?? 0) - (b.part.members[0] ?? 0),
    );
    return aggregateRound(
      context,
      next,
      round,
      inOrder.map(({ part }) => part),
    );
  });
}

function addUp(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const paillier = context.facts.spec?.privacy.paillier;
  if (paillier === undefined) return stay(job);
  const ciphertexts = [...round.encrypted.values()];
  return andThen(enterPhase(context, job, round, "decrypt"), (next) =>
    computeOnce(next, `add/${round.id.round}/${round.id.attempt}`, {
      kind: "paillier-add",
      n: paillier.n,
      ciphertexts,
    }),
  );
}

/** The sum goes to the consumer, whose key it is under, with what the owners signed [PHASE.12]. */
export function onAdded(
  context: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  sum: Uint8Array,
): Turn<AnalystJob> {
  const { facts } = context;
  if (round.phase !== "decrypt" || facts.spec === undefined) return stay(job);
  const commitments = [...round.inputs].map(([owner, { updateHash, signature }]) => ({
    owner: facts.owners.indexOf(owner),
    updateHash: hexToBytes(updateHash),
    signature,
  }));
  const body = { ...tagOf(round.id), ciphertexts: sum, count: round.plan.dimension, commitments };
  const waiting = enterPhase(context, job, { ...round, sum }, "decrypt", facts.spec.phaseMs.unmask);
  return also(waiting, send(facts.consumer, job.job, "round.decrypt", body));
}

/** The consumer's answer. */
export function onDecrypted(
  context: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  from: Address,
  { values, signature }: MessageBody<"round.decrypted">,
): Turn<AnalystJob> {
  const { facts, options } = context;
  const { ports } = options;
  if (round.phase !== "decrypt" || round.sum === undefined || from !== facts.consumer) return stay(job);
  const sum = bytesToInts(values, round.plan.dimension);
  if (sum === undefined) return reject(stay(job), from, "round.decrypted", "MALFORMED");
  const [sumHash, valuesHash] = [ports.keccak256(round.sum), ports.keccak256(values)];
  if (ports.recover(decryptedDigest(ports, round.context, sumHash, valuesHash), signature) !== from) {
    return reject(stay(job), from, "round.decrypted", "BAD_SIGNATURE");
  }
  const members = [...round.encrypted.keys()]
    .map((owner) => facts.owners.indexOf(owner))
    .sort((a, b) => a - b);
  const part = decodeSum(round.plan, sum, members);
  if ("rejected" in part) return abortAttempt(context, job, round, part.rejected);
  return aggregateRound(context, job, { ...round, decrypted: { values, signature } }, [part]);
}

/** The consumer is asked twice more, then the attempt is given up. */
export function endDecrypt(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  if (!round.over || round.sum === undefined) return stay(job);
  if (round.repeats >= MOST_REPEATS) return abortAttempt(context, job, round, "NOT_DECRYPTED");
  return onAdded(context, job, { ...round, repeats: round.repeats + 1 }, round.sum);
}
