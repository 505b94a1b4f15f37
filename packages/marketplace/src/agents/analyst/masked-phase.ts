import {
  decodeConfirmation,
  decodeMasked,
  decodeUnmaskShares,
  encodeConfirmations,
  encodeSurvivors,
  isAbort,
  isRejection,
  wordsToBytes,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { MessageBody } from "../messages/bodies.ts";
import { reject, sendToEach, tagOf } from "../send.ts";
import { also, andThen, stay, type Turn } from "../turn.ts";
import { dropped } from "./abort-attempt.ts";
import { acceptedInput } from "./accepted-input.ts";
import { aggregateGroups } from "./aggregate-round.ts";
import { acceptInGroup, awaitAnswers, endGroups, isWaiting } from "./group-phase.ts";
import { enterPhase, leavePhase } from "./phases.ts";
import { saveUnmasking } from "./saved-unmasking.ts";
import { showConfirmations } from "./show-confirmations.ts";
import { noteBad, noteMissed } from "./standings.ts";
import type { AnalystContext, AnalystJob, GroupState, RoundState } from "./state.ts";

/** How often owners are asked again for shares that are missing. */
const MOST_REPEATS = 2;

export function onMasked(
  { options: { ports } }: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  from: Address,
  body: MessageBody<"round.masked">,
): Turn<AnalystJob> {
  return acceptInGroup(job, round, "train", from, "round.masked", (group) => {
    const words = decodeMasked(group.round, body.words);
    if (isRejection(words)) return words;
    const input = acceptedInput(ports, round, from, wordsToBytes(words), body.signature);
    if (input === undefined) return { rejected: "BAD_SIGNATURE", member: from };
    const accepted = group.server.masked(from, words);
    return isRejection(accepted) ? accepted : { ...accepted, input };
  });
}

/** Tells each group who survived, for all of them to sign. */
export function endMasked(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { spec } = context.facts;
  if (spec === undefined || isWaiting(round)) return stay(job);
  const end = (group: GroupState) => {
    const ended = group.server.survivors();
    if (isAbort(ended)) return ended;
    const survivors = ended.survivors as readonly Address[];
    const body = { ...tagOf(round.id), survivors: encodeSurvivors(group.round, survivors) };
    return {
      group: { ...awaitAnswers(group, survivors), survivors },
      outputs: sendToEach(survivors, job.job, "round.survivors", body),
    };
  };
  return endGroups(context, job, round, end, { phase: "confirm", limitMs: spec.phaseMs.confirm });
}

export function onConfirm(
  job: AnalystJob,
  round: RoundState,
  from: Address,
  body: MessageBody<"round.confirm">,
): Turn<AnalystJob> {
  return acceptInGroup(job, round, "confirm", from, "round.confirm", (group) => {
    const signature = decodeConfirmation(group.round, body.signature);
    return isRejection(signature) ? signature : group.server.confirmation(from, signature);
  });
}

/**
 * Shows each group its signatures, for shares of the survivors' seeds and the dropouts' keys. From then on the
 * round cannot be repeated: what it needs to be aggregated is saved before [ANALYST.11].
 */
export function endConfirm(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { spec } = context.facts;
  if (spec === undefined || isWaiting(round)) return stay(job);
  const end = (group: GroupState) => {
    const ended = group.server.confirmations();
    if (isAbort(ended)) return ended;
    const signers = [...ended.confirmations.keys()] as Address[];
    const confirmations = encodeConfirmations(group.round, ended.confirmations);
    const asked = { ...awaitAnswers(group, signers), confirmations };
    return { group: asked, outputs: showConfirmations(round, asked, signers) };
  };
  const [next, outputs] = endGroups(context, job, round, end, {
    phase: "unmask",
    limitMs: spec.phaseMs.unmask,
  });
  const saved = next.round?.phase === "unmask" ? saveUnmasking(context, next.round) : [];
  return [next, [...saved, ...outputs]];
}

export function onUnmask(
  job: AnalystJob,
  round: RoundState,
  from: Address,
  body: MessageBody<"round.unmask">,
): Turn<AnalystJob> {
  return acceptInGroup(job, round, "unmask", from, "round.unmask", (group) => {
    const shares = decodeUnmaskShares(group.round, body.shares);
    return isRejection(shares) ? shares : group.server.unmask(from, shares);
  });
}

/**
 * Opens the sums when the shares are in, or the time is over. For groups that still lack shares owners are asked
 * again, twice: their answer is the same [PHASE.9]. Then what is open is aggregated.
 */
export function endUnmask(context: AnalystContext, before: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { spec } = context.facts;
  if (spec === undefined || isWaiting(round)) return stay(before);
  const faulty: Address[] = [];
  const groups = round.groups.map((group): GroupState => {
    if (group.lost !== undefined || group.sum !== undefined) return group;
    const opened = group.server.sum();
    if (isAbort(opened)) return group;
    faulty.push(...(opened.faulty as readonly Address[]));
    return { ...group, sum: opened.sum };
  });
  const noted = faulty.reduce((next, owner) => noteBad(next, owner), before);
  const job = faulty.reduce((turn, owner) => reject(turn, owner, "round.unmask", "BAD_SHARES"), stay(noted));
  const closed = groups.filter(({ lost, sum }) => lost === undefined && sum === undefined);
  const tried = { ...round, groups };
  if (closed.length === 0 || round.repeats >= MOST_REPEATS) {
    return andThen(
      andThen(job, (next) => endedUnmask(next, tried)),
      (next) => aggregateGroups(context, next, tried),
    );
  }
  const outputs = closed.flatMap((group) => {
    const missing = group.awaited.filter((owner) => !group.answered.has(owner));
    return showConfirmations(round, group, missing);
  });
  const again = { ...tried, repeats: round.repeats + 1 };
  return andThen(job, (next) =>
    also(enterPhase(context, next, again, "unmask", spec.phaseMs.unmask), ...outputs),
  );
}

/** Who gave no shares is noted, though the sum may not have needed them. */
function endedUnmask(job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const asked = round.groups.flatMap(({ awaited }) => awaited);
  const missing = round.groups.flatMap(({ awaited, answered }) =>
    awaited.filter((owner) => !answered.has(owner)),
  );
  const noted = missing.reduce((next, owner) => noteMissed(next, owner, round.id.round), job);
  return leavePhase(
    also(stay(noted), ...dropped(round, missing, "NO_ANSWER")),
    round,
    asked.length - missing.length,
    asked.length,
  );
}
