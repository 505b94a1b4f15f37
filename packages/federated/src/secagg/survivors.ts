import { isConnected } from "./graph.ts";
import { messageToSign } from "./hash.ts";
import { leastSurvivors, reject } from "./round.ts";
import type { Session } from "./session.ts";
import type { MemberId, Rejection } from "./types.ts";

/**
 * Why a set of survivors may not be opened, from what everybody knows: `MALFORMED` unless sorted, `DUPLICATE`,
 * `UNKNOWN_MEMBER`, `TOO_FEW`, or `DISCONNECTED` [SECAGG.11].
 */
export function checkSurvivors(session: Session, survivors: readonly MemberId[]): Rejection | undefined {
  for (const [index, member] of survivors.entries()) {
    if (!session.adverts.has(member)) return reject("UNKNOWN_MEMBER", member);
    const before = survivors[index - 1];
    if (before === member) return reject("DUPLICATE", member);
    if (before !== undefined && before > member) return reject("MALFORMED", member);
  }
  if (survivors.length < leastSurvivors(session.round)) return reject("TOO_FEW");
  if (!isConnected(session.graph, survivors)) return reject("DISCONNECTED");
  return undefined;
}

/** How many of the members that hold shares of `member` are in `present`. */
export function holdersAmong(session: Session, member: MemberId, present: ReadonlySet<MemberId>): number {
  let count = present.has(member) ? 1 : 0;
  for (const neighbour of session.neighboursOf(member)) if (present.has(neighbour)) count++;
  return count;
}

/** What members sign to confirm the survivors of a session [SECAGG.12]. */
export function survivorsMessage(session: Session, survivors: readonly MemberId[]): Uint8Array {
  return messageToSign("survivors", session.digest, membersToBitmap(session.round.members, survivors));
}

/** One bit for each of `members`, lowest bit first, set for those in `chosen`. */
export function membersToBitmap(members: readonly MemberId[], chosen: readonly MemberId[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(members.length / 8));
  const isChosen = new Set(chosen);
  members.forEach((member, index) => {
    if (isChosen.has(member)) (bitmap[index >> 3] as number) |= 1 << (index & 7);
  });
  return bitmap;
}
