import { isRejection, leastConfirmations, leastSurvivors, reject } from "./round.ts";
import type { Session } from "./session.ts";
import { checkSurvivors, holdersAmong, survivorsMessage } from "./survivors.ts";
import type { MemberId, Rejection, SecaggPending, SecaggServerPorts } from "./types.ts";

/**
 * What is wrong with what a server is to go on from [SECAGG.18]: it must be what members could have sent, and
 * enough of it that the survivors may be asked for the secrets.
 */
export function checkPending(
  session: Session,
  { sharers, masked, confirmations }: SecaggPending,
  verify: SecaggServerPorts["verify"],
): Rejection | undefined {
  const { round } = session;
  const sharing = new Set(sharers);
  const stranger = sharers.find((member) => !session.adverts.has(member));
  if (stranger !== undefined) return reject("UNKNOWN_MEMBER", stranger);
  if (sharing.size < leastSurvivors(round)) return reject("TOO_FEW");
  for (const [member, vector] of masked) {
    if (!sharing.has(member)) return reject("UNKNOWN_MEMBER", member);
    if (vector.length !== round.dimension) return reject("WRONG_DIMENSION", member);
  }
  const survivors = [...masked.keys()].sort();
  const bad = checkSurvivors(session, survivors) ?? checkHolders(session, sharing, new Set(survivors));
  if (isRejection(bad)) return bad;
  const message = survivorsMessage(session, survivors);
  for (const [member, signature] of confirmations) {
    if (!masked.has(member)) return reject("UNKNOWN_MEMBER", member);
    if (!verify(member, message, signature)) return reject("BAD_SIGNATURE", member);
  }
  if (confirmations.size < leastConfirmations(round)) return reject("TOO_FEW");
  return checkHolders(session, new Set(survivors), new Set(confirmations.keys()));
}

/** `TOO_FEW` names the first of `members` whose shares fewer of those `present` hold than the threshold. */
export function checkHolders(
  session: Session,
  members: ReadonlySet<MemberId>,
  present: ReadonlySet<MemberId>,
): Rejection | undefined {
  for (const member of members) {
    if (holdersAmong(session, member, present) < session.round.threshold) return reject("TOO_FEW", member);
  }
  return undefined;
}
