import {
  createSecaggServer,
  decodeSealedShares,
  drawGroups,
  encodeSealedShares,
  isAbort,
  isRejection,
  type SecaggRound,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { MessageBody } from "../messages/bodies.ts";
import { graphSeedOf, keysRootOf, secaggPorts } from "../round/attempt.ts";
import { toBitmap } from "../round/bitmap.ts";
import { send, sendToEach, tagOf } from "../send.ts";
import { also, andThen, stay, type Turn } from "../turn.ts";
import type { Opening } from "../view/market-view.ts";
import { abortAttempt } from "./abort-attempt.ts";
import { acceptInGroup, awaitAnswers, endGroups, isWaiting } from "./group-phase.ts";
import { advertsOf, encodedAdverts, openRound } from "./keys-phase.ts";
import { enterPhase, leavePhase } from "./phases.ts";
import type { AnalystContext, AnalystJob, GroupState, RoundState } from "./state.ts";

/** Once the opening stands on chain, the groups are drawn from its block [PHASE.4]; without masks owners are ready. */
export function enterOpened(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { opening, spec } = context.facts;
  if (spec === undefined) return stay(job);
  if (!isOwnOpening(context, round, opening)) return openRound(context, job, round);
  const opened = leavePhase(stay(job), round, round.present.size, round.present.size);
  if (round.announced === undefined) {
    return andThen(opened, (next) => enterPhase(context, next, round, "train", spec.phaseMs.train));
  }
  const groups = createGroups(context, round, round.announced, opening);
  if (typeof groups === "string")
    return andThen(opened, (next) => abortAttempt(context, next, round, groups));
  const body = { ...tagOf(round.id), adverts: encodedAdverts(round), voids: [...round.voids] };
  const messages = sendToEach(round.present.keys(), job.job, "round.adverts", body);
  return andThen(opened, (next) =>
    also(enterPhase(context, next, { ...round, groups }, "shares", spec.phaseMs.shares), ...messages),
  );
}

function isOwnOpening(
  context: AnalystContext,
  round: RoundState,
  opening: Opening | undefined,
): opening is Opening {
  const { ports } = context.options;
  return (
    opening?.round === round.id.round &&
    opening.analyst === round.id.analyst &&
    opening.attempt > round.openedBefore &&
    opening.keysRoot === keysRootOf(ports, advertsOf(round)) &&
    opening.cohortBitmap === toBitmap(context.facts.owners, round.present.keys())
  );
}

/** The groups of an opened round, each with a server that has its keys; a code when none can be drawn [PHASE.4]. */
export function createGroups(
  { facts, options: { ports } }: AnalystContext,
  round: RoundState,
  announced: SecaggRound,
  opening: Opening,
): readonly GroupState[] | string {
  const seed = graphSeedOf(ports, opening.block.hash, opening.keysRoot);
  const adverts = advertsOf(round);
  const present = adverts.map(({ member }) => member);
  const drawn = drawGroups(announced, present, facts.spec?.privacy.secagg?.groupSize ?? "cohort", seed);
  if (isRejection(drawn)) return drawn.rejected;
  return drawn.map((group, index) => {
    const server = createSecaggServer(group, secaggPorts(ports));
    const ofGroup = adverts.filter(({ member }) => group.members.includes(member));
    const begun = server.adverts(ofGroup, seed);
    const members = ofGroup.map(({ member }) => member as Address);
    const lost = isRejection(begun) ? begun.rejected : undefined;
    const nothing = { survivors: [], confirmations: undefined, sum: undefined };
    return {
      ...awaitAnswers(
        { index, round: group, server, lost, awaited: [], answered: new Set(), ...nothing },
        members,
      ),
    };
  });
}

export function onShares(
  job: AnalystJob,
  round: RoundState,
  from: Address,
  body: MessageBody<"round.shares">,
): Turn<AnalystJob> {
  return acceptInGroup(job, round, "shares", from, "round.shares", (group) => {
    const sealed = decodeSealedShares(group.round, body.sealed);
    return isRejection(sealed) ? sealed : group.server.shares(from, sealed);
  });
}

/** Passes the sealed shares on, to those whose own have come. */
export function endShares(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { spec } = context.facts;
  if (spec === undefined || isWaiting(round)) return stay(job);
  return endGroups(
    context,
    job,
    round,
    (group) => {
      const relayed = group.server.relay();
      if (isAbort(relayed)) return relayed;
      const outputs = [...relayed.sealedFor].map(([member, sealed]) =>
        send(member as Address, job.job, "round.shares-for", {
          ...tagOf(round.id),
          sealed: encodeSealedShares(group.round, sealed),
        }),
      );
      return { group: awaitAnswers(group, [...relayed.sealedFor.keys()] as Address[]), outputs };
    },
    { phase: "train", limitMs: spec.phaseMs.train },
  );
}
