import {
  checkKeyAdvert,
  decodeKeyAdvert,
  encodeKeyAdverts,
  isRejection,
  type KeyAdvert,
  leastSurvivors,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { isGivenUp, transactOnce } from "../effects.ts";
import type { MessageBody } from "../messages/bodies.ts";
import { keysRootOf, secaggPorts } from "../round/attempt.ts";
import { toBitmap } from "../round/bitmap.ts";
import { smallestOpenCohort } from "../round/noise.ts";
import { reject } from "../send.ts";
import { also, andThen, stay, type Turn } from "../turn.ts";
import { abortAttempt, dropped } from "./abort-attempt.ts";
import { enterPhase, leavePhase } from "./phases.ts";
import { noteBad, noteMissed } from "./standings.ts";
import { type AnalystContext, type AnalystJob, type RoundState, withRound } from "./state.ts";

/** Owners that cannot take part in this round again, whatever the attempt [PHASE.8]. */
const SPENT = new Set(["ALREADY_OPENED", "NOT_VOID", "PRIVACY_BUDGET_EXHAUSTED"]);

/** An owner is there: its keys are checked and kept [PHASE.3]. */
export function onKeys(
  { options }: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  from: Address,
  body: MessageBody<"round.keys">,
): Turn<AnalystJob> {
  if (round.phase !== "keys" || !round.cohort.includes(from) || round.present.has(from)) return stay(job);
  const advert = checkedAdvert(options.ports, round, from, body.advert);
  if (typeof advert === "string") {
    const without = withRound(noteBad(job, from), { refused: new Set(round.refused).add(from) });
    return reject(also(stay(without), ...dropped(round, [from], advert)), from, "round.keys", advert);
  }
  const present = new Map(round.present).set(from, advert);
  return stay(withRound(job, { present, voids: [...round.voids, ...body.voids].slice(0, 4096) }));
}

/** The advert, or nothing without masks; a code for one that is wrong. */
function checkedAdvert(
  ports: AnalystContext["options"]["ports"],
  { announced }: RoundState,
  from: Address,
  bytes: Uint8Array,
): KeyAdvert | undefined | string {
  if (announced === undefined) return bytes.length === 0 ? undefined : "MALFORMED";
  const advert = decodeKeyAdvert(announced, bytes);
  if (isRejection(advert)) return advert.rejected;
  if (advert.member !== from) return "WRONG_SENDER";
  return checkKeyAdvert(announced, advert, secaggPorts(ports).verify)?.rejected ?? advert;
}

/**
 * An owner stays out: nobody waits for it, and it is not asked again where that would be in vain. Whom more than
 * half of its neighbours name as the cause is asked for nothing more in this round [ANALYST.3].
 */
export function onRefuse(
  { facts }: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  from: Address,
  { code, about }: MessageBody<"round.refuse">,
): Turn<AnalystJob> {
  if (!round.cohort.includes(from) || round.refused.has(from)) return stay(job);
  const groups = round.groups.map((group) => ({
    ...group,
    awaited: group.awaited.filter((owner) => owner !== from),
  }));
  const accused = about === undefined ? undefined : facts.owners[about];
  const accusers = new Map(round.accusers);
  if (accused !== undefined) accusers.set(accused, [...(accusers.get(accused) ?? []), from]);
  const refused = new Set(round.refused).add(from);
  const next = withRound(withSpent(job, SPENT.has(code) ? from : undefined), { refused, groups, accusers });
  const convicted = accused !== undefined && isConvicted(next.round, accused) ? accused : undefined;
  const noted = convicted === undefined ? next : noteBad(withSpent(next, convicted), convicted);
  return also(stay(noted), ...dropped(round, [from], code));
}

function isConvicted(round: RoundState | undefined, accused: Address): boolean {
  const group = round?.groups.find(({ round: { members } }) => members.includes(accused));
  const neighbours = group?.server.neighboursOf(accused) ?? [];
  const accusers = (round?.accusers.get(accused) ?? []).filter((owner) => neighbours.includes(owner));
  // Once: at the first accuser that makes it more than half.
  return accusers.length === Math.floor(neighbours.length / 2) + 1;
}

function withSpent(job: AnalystJob, owner: Address | undefined): AnalystJob {
  if (owner === undefined || job.record.spent.includes(owner)) return job;
  return { ...job, record: { ...job.record, spent: [...job.record.spent, owner] } };
}

/** When all have answered or the time is over: commits to the keys on chain [PHASE.3]. */
export function endKeys(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const waiting = round.cohort.filter((owner) => !round.present.has(owner) && !round.refused.has(owner));
  if (waiting.length > 0 && !round.over) return stay(job);
  const noted = waiting.reduce((next, owner) => noteMissed(next, owner, round.id.round), job);
  const ended = leavePhase(
    also(stay(noted), ...dropped(round, waiting, "NO_KEYS")),
    round,
    round.present.size,
    round.cohort.length,
  );
  return andThen(ended, (next) => {
    if (round.present.size < leastPresent(context, round))
      return abortAttempt(context, next, round, "TOO_FEW_OWNERS");
    return andThen(enterPhase(context, next, round, "open"), (entered) => openRound(context, entered, round));
  });
}

/** With masks, what the threshold asks of the announced cohort (in groups: three); else what the noise asks. */
function leastPresent({ facts }: AnalystContext, { announced, cohort }: RoundState): number {
  const { spec } = facts;
  if (spec === undefined) return Number.POSITIVE_INFINITY;
  if (announced === undefined) return smallestOpenCohort(spec, cohort.length);
  return spec.privacy.secagg?.groupSize === "cohort" ? leastSurvivors(announced) : 3;
}

/** The transaction that opens the round; sent again after a failure, until it is given up. */
export function openRound(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { id, present, stateHash } = round;
  const name = `open/${id.round}/${id.attempt}`;
  if (isGivenUp(job, name)) return abortAttempt(context, job, round, "OPENING_FAILED");
  return transactOnce(job, name, {
    method: "openRound",
    job: job.job,
    round: id.round,
    stateHash,
    keysRoot: keysRootOf(context.options.ports, advertsOf(round)),
    cohortBitmap: toBitmap(context.facts.owners, present.keys()),
  });
}

/** The adverts of those present; none without masks. */
export function advertsOf({ present }: RoundState): KeyAdvert[] {
  return [...present.values()].filter((advert) => advert !== undefined);
}

/** As they travel and as arbiters get them. */
export function encodedAdverts(round: RoundState): Uint8Array {
  return round.announced === undefined
    ? new Uint8Array(0)
    : encodeKeyAdverts(round.announced, advertsOf(round));
}
