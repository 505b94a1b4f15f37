import { checkKeyAdvert, keysRootInput } from "./adverts.ts";
import { drawGraph, type Graph } from "./graph.ts";
import { digest } from "./hash.ts";
import { isRejection, leastSurvivors, reject, roundDigest } from "./round.ts";
import type { KeyAdvert, MemberId, Rejection, SecaggRound, SecaggServerPorts } from "./types.ts";

/** What member, server and arbiter alike derive once the keys are committed and the graph is drawn. */
export interface Session {
  readonly round: SecaggRound;
  /** Names round, model, keys and graph; salt of every key derived [SECAGG.8]. */
  readonly digest: Uint8Array;
  readonly adverts: ReadonlyMap<MemberId, KeyAdvert>;
  readonly graph: Graph;
  /** Where a member's share lies on the polynomials: its place among the round's members, from 1. */
  pointOf(member: MemberId): number;
  neighboursOf(member: MemberId): ReadonlySet<MemberId>;
  /** Whether a member holds a share of another's secrets: its neighbours', and its own. */
  isHolder(holder: MemberId, of: MemberId): boolean;
}

/**
 * The session of a round, or why there is none: what `checkKeyAdvert` finds, `DUPLICATE`, `TOO_FEW`, or
 * `MALFORMED` for a graph seed that is not 32 bytes.
 */
export function openSession(
  round: SecaggRound,
  adverts: readonly KeyAdvert[],
  graphSeed: Uint8Array,
  verify: SecaggServerPorts["verify"],
): Session | Rejection {
  if (graphSeed.length !== 32) return reject("MALFORMED");
  const byMember = new Map<MemberId, KeyAdvert>();
  for (const advert of adverts) {
    if (byMember.has(advert.member)) return reject("DUPLICATE", advert.member);
    const bad = checkKeyAdvert(round, advert, verify);
    if (isRejection(bad)) return bad;
    byMember.set(advert.member, advert);
  }
  if (byMember.size < leastSurvivors(round)) return reject("TOO_FEW");
  const graph = drawGraph([...byMember.keys()].sort(), round.neighbours, graphSeed);
  const points = new Map(round.members.map((member, index) => [member, index + 1]));
  const neighboursOf = (member: MemberId): ReadonlySet<MemberId> => graph.get(member) ?? new Set();
  return {
    round,
    digest: digest("session", roundDigest(round), keysRootInput(adverts), graphSeed),
    adverts: byMember,
    graph,
    pointOf: (member) => points.get(member) ?? 0,
    neighboursOf,
    isHolder: (holder, of) => holder === of || neighboursOf(of).has(holder),
  };
}
