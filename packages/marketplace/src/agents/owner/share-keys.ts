import {
  decodeKeyAdverts,
  decodeSealedShares,
  drawGraph,
  drawGroups,
  encodeSealedShares,
  isRejection,
  type KeyAdvert,
  type SecaggMember,
  type SecaggRound,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { MessageBody } from "../messages/bodies.ts";
import { graphSeedOf, keysRootOf } from "../round/attempt.ts";
import { fromBitmap } from "../round/bitmap.ts";
import { reject, send, tagOf } from "../send.ts";
import { stay, type Turn } from "../turn.ts";
import type { Opening } from "../view/market-view.ts";
import { isSmallCohort } from "./on-announce.ts";
import { attemptEntry, withAttempt } from "./own-attempts.ts";
import { refuse } from "./refuse.ts";
import { NOTHING_SENT } from "./saved.ts";
import type { OwnAttempt, OwnerContext, OwnerJob } from "./state.ts";

/** Keeps the cohort's keys until the opening stands on chain. */
export function onAdverts(job: OwnerJob, body: MessageBody<"round.adverts">): Turn<OwnerJob> {
  const { attempt } = job;
  if (attempt?.stage !== "keys" || attempt.adverts !== undefined) return stay(job);
  return stay({ ...job, attempt: { ...attempt, adverts: body, voids: body.voids } });
}

/** Once the round stands on chain: checks it, and shares keys where masks are used [OWNER.4]. */
export function enterRound(context: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { opening, owners } = context.facts;
  if (job.attempt?.stage !== "keys" || !isOpeningOf(opening, job.attempt)) return stay(job);
  const attempt: OwnAttempt = { ...job.attempt, opening: opening.attempt };
  const present = fromBitmap(owners, opening.cohortBitmap) ?? [];
  const { self } = context.options.ports;
  if (!present.includes(self)) return refuse(job, attempt, "LEFT_OUT");
  if (opening.stateHash !== attempt.stateHash || present.some((member) => !attempt.cohort.includes(member))) {
    return deny(job, attempt, "WRONG_OPENING");
  }
  if (isSmallCohort(context, present.length)) return deny(job, attempt, "COHORT_TOO_SMALL");
  const { announced, member, adverts } = attempt;
  if (announced === undefined || member === undefined)
    return stay({ ...job, attempt: { ...attempt, stage: "input" } });
  return adverts === undefined
    ? stay({ ...job, attempt })
    : shareKeys(context, job, { attempt, announced, member, adverts, opening });
}

/**
 * Keys are for one opening, the first after them: another one would draw other groups for them, as often as the
 * analyst likes [OWNER.12].
 */
export function leaveReopened({ facts }: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { attempt } = job;
  const { opening } = facts;
  if (attempt?.opening === undefined || opening === undefined || opening.attempt === attempt.opening)
    return stay(job);
  const isRunning = attempt.stage === "keys" || attempt.stage === "shares" || attempt.stage === "input";
  return isRunning ? refuse(job, attempt, "REOPENED") : stay(job);
}

/** An opening by this attempt's analyst, of its round, after it was announced. */
function isOpeningOf(opening: Opening | undefined, { id, openedBefore }: OwnAttempt): opening is Opening {
  return opening?.round === id.round && opening.analyst === id.analyst && opening.attempt > openedBefore;
}

interface Sharing {
  readonly attempt: OwnAttempt;
  readonly announced: SecaggRound;
  readonly member: SecaggMember;
  readonly adverts: MessageBody<"round.adverts">;
  readonly opening: Opening;
}

function shareKeys(context: OwnerContext, job: OwnerJob, sharing: Sharing): Turn<OwnerJob> {
  const { attempt, announced, member, opening } = sharing;
  const { ports, policy } = context.options;
  const adverts = checkedAdverts(context, sharing);
  if (typeof adverts === "string") return deny(job, attempt, adverts);
  const seed = graphSeedOf(ports, opening.block.hash, opening.keysRoot);
  const present = adverts.map((advert) => advert.member);
  const groupSize = context.facts.spec?.privacy.secagg?.groupSize ?? "cohort";
  const groups = drawGroups(announced, present, groupSize, seed);
  if (isRejection(groups)) return deny(job, attempt, groups.rejected);
  const group = groups.find(({ members }) => members.includes(ports.self));
  if (group === undefined) return deny(job, attempt, "LEFT_OUT");
  const inGroup = adverts.filter((advert) => group.members.includes(advert.member));
  const least = Math.max(policy.minimumGroup, groupSize === "cohort" ? 3 : groupSize);
  if (inGroup.length < least) return refuse(job, attempt, "GROUP_TOO_SMALL");
  const shared = member.share(inGroup, seed, group);
  if (isRejection(shared)) return deny(job, attempt, shared.rejected);
  const sealed = encodeSealedShares(group, shared.sealed);
  const shares: OwnAttempt = {
    ...attempt,
    stage: "shares",
    group,
    neighbourhood: neighbourhoodOf(ports.self, group, inGroup, seed),
  };
  const noted = withAttempt(job, attemptEntry(ports, shares, NOTHING_SENT));
  return [
    { ...noted, attempt: shares },
    [send(attempt.id.analyst, job.job, "round.shares", { ...tagOf(attempt.id), sealed })],
  ];
}

/** Who holds shares of this owner's secrets: itself, and its neighbours among those whose keys are committed [SECAGG.6]. */
function neighbourhoodOf(
  self: Address,
  { neighbours }: SecaggRound,
  adverts: readonly KeyAdvert[],
  seed: Uint8Array,
): Address[] {
  const graph = drawGraph(adverts.map(({ member }) => member).sort(), neighbours, seed);
  return [self, ...((graph.get(self) ?? new Set()) as ReadonlySet<Address>)].sort();
}

/** The adverts, when they are those whose root and whose senders stand on chain [PHASE.3]; else a code. */
function checkedAdverts(context: OwnerContext, sharing: Sharing): readonly KeyAdvert[] | string {
  const { announced, adverts, opening } = sharing;
  const list = decodeKeyAdverts(announced, adverts.adverts);
  if (isRejection(list)) return list.rejected;
  if (keysRootOf(context.options.ports, list) !== opening.keysRoot) return "WRONG_KEYS_ROOT";
  const present = fromBitmap(context.facts.owners, opening.cohortBitmap) ?? [];
  const senders = new Set(list.map(({ member }) => member));
  const same = senders.size === present.length && present.every((owner) => senders.has(owner));
  return same ? list : "WRONG_COHORT";
}

/** Keeps the shares that others sealed for this owner; with them, and the update, the input can be masked. */
export function onSharesFor(job: OwnerJob, body: MessageBody<"round.shares-for">): Turn<OwnerJob> {
  const { attempt } = job;
  if (attempt?.stage !== "shares" || attempt.group === undefined) return stay(job);
  const received = decodeSealedShares(attempt.group, body.sealed);
  if (isRejection(received)) return deny(job, attempt, received.rejected);
  return stay({ ...job, attempt: { ...attempt, stage: "input", received } });
}

/** Stays out because the analyst said what does not hold. */
function deny(job: OwnerJob, attempt: OwnAttempt, code: string): Turn<OwnerJob> {
  return reject(refuse(job, attempt, code), attempt.id.analyst, "round.adverts", code);
}
