import type { Millis } from "@sheaf/base";
import { type Abort, type Accepted, isAbort, isRejection, type Rejection } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { PhaseName } from "../events.ts";
import type { AgentOutput } from "../ports.ts";
import { reject } from "../send.ts";
import { also, andThen, stay, type Turn } from "../turn.ts";
import { abortAttempt, dropped } from "./abort-attempt.ts";
import { enterPhase, leavePhase } from "./phases.ts";
import { noteBad, noteMissed, noteUncertain } from "./standings.ts";
import {
  type AcceptedInput,
  type AnalystContext,
  type AnalystJob,
  type GroupState,
  type RoundState,
  withRound,
} from "./state.ts";

/** The group at the beginning of a phase in which `members` are to answer. */
export function awaitAnswers(group: GroupState, members: readonly Address[]): GroupState {
  return { ...group, awaited: members, answered: new Set() };
}

/** Whether the phase has time left and somebody's answer is outstanding. */
export function isWaiting({ groups, over }: RoundState): boolean {
  return (
    !over &&
    groups.some(
      ({ lost, awaited, answered }) => lost === undefined && awaited.some((owner) => !answered.has(owner)),
    )
  );
}

/**
 * A message of a phase within the sender's group [AGENT.4]: what the server refuses is noted against the sender,
 * who signed it and is not waited for any longer.
 */
export function acceptInGroup(
  job: AnalystJob,
  round: RoundState,
  phase: PhaseName,
  from: Address,
  message: string,
  accept: (group: GroupState) => (Accepted & { readonly input?: AcceptedInput }) | Rejection,
): Turn<AnalystJob> {
  const group = round.groups.find(({ round: { members } }) => members.includes(from));
  if (round.phase !== phase || group === undefined || group.lost !== undefined || group.answered.has(from)) {
    return stay(job);
  }
  const result = accept(group);
  const replaced = (changed: GroupState): Partial<RoundState> => ({
    groups: round.groups.map((each) => (each === group ? changed : each)),
  });
  if (isRejection(result)) {
    const awaited = group.awaited.filter((owner) => owner !== from);
    const without = withRound(noteBad(job, from), replaced({ ...group, awaited }));
    return reject(
      also(stay(without), ...dropped(round, [from], result.rejected)),
      from,
      message,
      result.rejected,
    );
  }
  const inputs = result.input === undefined ? round.inputs : new Map(round.inputs).set(from, result.input);
  const answered = new Set(group.answered).add(from);
  return stay(withRound(job, { ...replaced({ ...group, answered }), inputs }));
}

/** What becomes of a group at the end of a phase, with what is sent to its members. */
type GroupEnd = { readonly group: GroupState; readonly outputs: readonly AgentOutput[] } | Abort;

/**
 * Ends a phase in every group that is left: a group below its threshold is lost, and when all are, so is the
 * attempt [PHASE.9].
 */
export function endGroups(
  context: AnalystContext,
  job: AnalystJob,
  round: RoundState,
  end: (group: GroupState) => GroupEnd,
  next: { readonly phase: PhaseName; readonly limitMs: Millis | undefined },
): Turn<AnalystJob> {
  const outputs: AgentOutput[] = [];
  const missing: Address[] = [];
  const groups = round.groups.map((group) => {
    if (group.lost !== undefined) return group;
    missing.push(...group.awaited.filter((owner) => !group.answered.has(owner)));
    const ended = end(group);
    if (isAbort(ended)) return { ...group, lost: ended.aborted };
    outputs.push(...ended.outputs);
    return ended.group;
  });
  const of = round.groups.reduce(
    (sum, group) => sum + (group.lost === undefined ? group.awaited.length : 0),
    0,
  );
  const noted = missing.reduce((before, owner) => noteMissed(before, owner, round.id.round), job);
  const left = leavePhase(
    also(stay(noted), ...dropped(round, missing, "NO_ANSWER")),
    round,
    of - missing.length,
    of,
  );
  const alive = groups.filter(({ lost }) => lost === undefined);
  if (alive.length === 0) {
    const because = groups.find(({ lost }) => lost !== undefined)?.lost ?? "TOO_FEW";
    return andThen(left, (after) => abortAttempt(context, after, round, because));
  }
  return andThen(left, (after) =>
    also(enterPhase(context, after, { ...round, groups }, next.phase, next.limitMs), ...outputs),
  );
}

/** Members of a group that cannot be used, none of whom is known to be at fault. */
export function blameNobody(job: AnalystJob, members: readonly Address[]): AnalystJob {
  return members.reduce((before, owner) => noteUncertain(before, owner), job);
}
