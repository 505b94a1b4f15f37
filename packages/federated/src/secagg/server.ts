import { checkHolders, checkPending } from "./pending.ts";
import { createReconstructor } from "./reconstruct.ts";
import {
  abort,
  checkRound,
  isAbort,
  isRejection,
  leastConfirmations,
  leastSurvivors,
  reject,
} from "./round.ts";
import { SEALED_BYTES } from "./seal.ts";
import { openSession, type Session } from "./session.ts";
import { checkSurvivors, holdersAmong, survivorsMessage } from "./survivors.ts";
import { isKeyOf, isSeedOf, type OpenedSecrets, sumMasked } from "./transcript.ts";
import type {
  Abort,
  Accepted,
  KeyAdvert,
  MemberId,
  Rejection,
  SecaggRound,
  SecaggServer,
  SecaggServerPorts,
  SecaggTranscript,
  UnmaskShares,
} from "./types.ts";

const ACCEPTED: Accepted = { accepted: true };

type Stage = "keys" | "shares" | "masked" | "confirm" | "unmask";

/** The server of `round`, which for a group-wise round is one group's; `INVALID_INPUT` as `checkRound`. */
export function createSecaggServer(round: SecaggRound, ports: SecaggServerPorts): SecaggServer {
  checkRound(round);
  let stage: Stage = "keys";
  let session: Session | undefined;
  let adverts: readonly KeyAdvert[] = [];
  let seed: Uint8Array = new Uint8Array(0);
  const sealed = new Map<MemberId, ReadonlyMap<MemberId, Uint8Array>>();
  /** Those whose shares were relayed: the only ones whose masks are in the inputs. */
  let sharers: ReadonlySet<MemberId> = new Set();
  const masked = new Map<MemberId, Uint32Array>();
  let survivors: readonly MemberId[] = [];
  const signatures = new Map<MemberId, Uint8Array>();
  const shares = new Map<MemberId, UnmaskShares>();
  let transcript: SecaggTranscript | undefined;

  return {
    adverts(list, graphSeed) {
      if (stage !== "keys") return reject("OUT_OF_ORDER");
      const opened = openSession(round, list, graphSeed, ports.verify);
      if (isRejection(opened)) return opened;
      session = opened;
      adverts = [...list];
      seed = Uint8Array.from(graphSeed);
      stage = "shares";
      return ACCEPTED;
    },

    neighboursOf: (member) => [...(session?.neighboursOf(member) ?? [])],

    shares(from, given) {
      if (stage !== "shares" || session === undefined) return reject("OUT_OF_ORDER", from);
      const bad = checkSealed(session, from, given);
      if (bad !== undefined) return bad;
      if (sealed.has(from)) return reject("DUPLICATE", from);
      sealed.set(from, new Map(given));
      return ACCEPTED;
    },

    relay() {
      if (stage !== "shares" || session === undefined) return abort("OUT_OF_ORDER");
      sharers = dropLonely(session, new Set(sealed.keys()));
      if (sharers.size < leastSurvivors(round)) return abort("TOO_FEW");
      stage = "masked";
      return { sealedFor: byReceiver(session, sharers, sealed) };
    },

    masked(from, vector) {
      if (stage !== "masked") return reject("OUT_OF_ORDER", from);
      if (!sharers.has(from)) return reject("UNKNOWN_MEMBER", from);
      if (vector.length !== round.dimension) return reject("WRONG_DIMENSION", from);
      if (masked.has(from)) return reject("DUPLICATE", from);
      masked.set(from, vector);
      return ACCEPTED;
    },

    survivors() {
      if (stage !== "masked" || session === undefined) return abort("OUT_OF_ORDER");
      const present = [...masked.keys()].sort();
      const bad = checkSurvivors(session, present) ?? checkHolders(session, sharers, new Set(present));
      if (bad !== undefined) return abort(bad.rejected, bad.member);
      survivors = present;
      stage = "confirm";
      return { survivors };
    },

    confirmation(from, signature) {
      if (stage !== "confirm" || session === undefined) return reject("OUT_OF_ORDER", from);
      if (!masked.has(from)) return reject("UNKNOWN_MEMBER", from);
      if (signatures.has(from)) return reject("DUPLICATE", from);
      if (!ports.verify(from, survivorsMessage(session, survivors), signature))
        return reject("BAD_SIGNATURE", from);
      signatures.set(from, signature);
      return ACCEPTED;
    },

    confirmations() {
      if (stage !== "confirm" || session === undefined) return abort("OUT_OF_ORDER");
      if (signatures.size < leastConfirmations(round)) return abort("TOO_FEW");
      const bad = checkHolders(session, new Set(survivors), new Set(signatures.keys()));
      if (bad !== undefined) return abort(bad.rejected, bad.member);
      stage = "unmask";
      return { confirmations: new Map(signatures) };
    },

    pending() {
      return stage === "unmask" ? { sharers: [...sharers], masked, confirmations: signatures } : undefined;
    },

    resume(pending) {
      if (stage !== "shares" || session === undefined) return reject("OUT_OF_ORDER");
      const bad = checkPending(session, pending, ports.verify);
      if (bad !== undefined) return bad;
      sharers = new Set(pending.sharers);
      for (const [member, vector] of pending.masked) masked.set(member, vector);
      for (const [member, signature] of pending.confirmations) signatures.set(member, signature);
      survivors = [...masked.keys()].sort();
      stage = "unmask";
      return ACCEPTED;
    },

    unmask(from, given) {
      if (stage !== "unmask" || session === undefined) return reject("OUT_OF_ORDER", from);
      if (!masked.has(from)) return reject("UNKNOWN_MEMBER", from);
      const bad = checkUnmaskShares(session, sharers, masked, from, given);
      if (bad !== undefined) return bad;
      if (shares.has(from)) return reject("DUPLICATE", from);
      shares.set(from, given);
      return ACCEPTED;
    },

    sum() {
      if (stage !== "unmask" || session === undefined) return abort("OUT_OF_ORDER");
      const opened = openSecrets(session, sharers, masked, shares);
      if (isAbort(opened)) return opened;
      const { seeds, keys, faulty } = opened;
      transcript = { round, adverts, graphSeed: seed, masked, seeds, keys };
      return { sum: sumMasked(session, masked, opened), survivors, faulty };
    },

    transcript: () => transcript,
  };
}

/** A member's sealed shares must be for exactly its neighbours. */
function checkSealed(
  session: Session,
  from: MemberId,
  given: ReadonlyMap<MemberId, Uint8Array>,
): Rejection | undefined {
  if (!session.adverts.has(from)) return reject("UNKNOWN_MEMBER", from);
  const neighbours = session.neighboursOf(from);
  for (const [receiver, content] of given) {
    if (receiver === from) return reject("OWN_MESSAGE", from);
    if (!session.adverts.has(receiver)) return reject("UNKNOWN_MEMBER", receiver);
    if (!neighbours.has(receiver)) return reject("NOT_A_NEIGHBOUR", from);
    if (content.length !== SEALED_BYTES) return reject("MALFORMED", from);
  }
  return given.size === neighbours.size ? undefined : reject("INCOMPLETE", from);
}

/**
 * Leaves out, until there are none, those that have too few neighbours left to hold their shares: alone they
 * would end the round for all.
 */
function dropLonely(session: Session, present: ReadonlySet<MemberId>): ReadonlySet<MemberId> {
  const staying = [...present].filter(
    (member) => holdersAmong(session, member, present) >= session.round.threshold,
  );
  return staying.length === present.size ? present : dropLonely(session, new Set(staying));
}

function byReceiver(
  session: Session,
  sharers: ReadonlySet<MemberId>,
  sealed: ReadonlyMap<MemberId, ReadonlyMap<MemberId, Uint8Array>>,
): Map<MemberId, Map<MemberId, Uint8Array>> {
  const sealedFor = new Map<MemberId, Map<MemberId, Uint8Array>>();
  for (const receiver of sharers) {
    const own = new Map<MemberId, Uint8Array>();
    for (const sender of session.neighboursOf(receiver)) {
      const content = sharers.has(sender) ? sealed.get(sender)?.get(receiver) : undefined;
      if (content !== undefined) own.set(sender, content);
    }
    sealedFor.set(receiver, own);
  }
  return sealedFor;
}

/** Exactly one share of every sharer in the neighbourhood: of the seed of a survivor, else of the key. */
function checkUnmaskShares(
  session: Session,
  sharers: ReadonlySet<MemberId>,
  masked: ReadonlyMap<MemberId, Uint32Array>,
  from: MemberId,
  given: UnmaskShares,
): Rejection | undefined {
  let expected = 0;
  for (const member of [from, ...session.neighboursOf(from)]) {
    if (!sharers.has(member)) continue;
    expected++;
    const share = masked.has(member) ? given.seeds.get(member) : given.keys.get(member);
    if (share === undefined) return reject("INCOMPLETE", from);
    if (share.length !== 32) return reject("MALFORMED", from);
  }
  return given.seeds.size + given.keys.size === expected ? undefined : reject("CONFLICT", from);
}

function openSecrets(
  session: Session,
  sharers: ReadonlySet<MemberId>,
  masked: ReadonlyMap<MemberId, Uint32Array>,
  shares: ReadonlyMap<MemberId, UnmaskShares>,
): (OpenedSecrets & { readonly faulty: readonly MemberId[] }) | Abort {
  const reconstructor = createReconstructor(session.round.threshold);
  const seeds = new Map<MemberId, Uint8Array>();
  const keys = new Map<MemberId, Uint8Array>();
  for (const member of sharers) {
    const survived = masked.has(member);
    const given = new Map<number, Uint8Array>();
    for (const [holder, held] of shares) {
      const share = survived ? held.seeds.get(member) : held.keys.get(member);
      if (share !== undefined) given.set(session.pointOf(holder), share);
    }
    if (given.size < session.round.threshold) return abort("TOO_FEW", member);
    const isRight = survived ? isSeedOf : isKeyOf;
    const secret = reconstructor.open(given, (candidate) => isRight(session, member, candidate));
    if (secret === undefined) return abort("BAD_SHARES", member);
    (survived ? seeds : keys).set(member, secret);
  }
  const points = new Set(reconstructor.faulty());
  return {
    seeds,
    keys,
    faulty: session.round.members.filter((member) => points.has(session.pointOf(member))),
  };
}
