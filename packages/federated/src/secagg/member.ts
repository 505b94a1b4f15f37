import { bytesEqual, concatBytes, invalidInput } from "@sheaf/base";
import { advertMessage, seedDigestOf } from "./adverts.ts";
import { addStream, pairMaskKey, selfMaskKey, signOf } from "./masks.ts";
import { checkRound, isRejection, leastConfirmations, reject } from "./round.ts";
import { openSession, type Session } from "./session.ts";
import {
  agreeWithNeighbours,
  type HeldShares,
  openShares,
  type Secrets,
  sealShares,
  splitForHolders,
} from "./share-exchange.ts";
import { checkSurvivors, holdersAmong, survivorsMessage } from "./survivors.ts";
import type {
  KeyAdvert,
  MemberId,
  Rejection,
  SecaggMember,
  SecaggMemberPorts,
  SecaggRound,
  UnmaskShares,
} from "./types.ts";
import { agree, keyPairOf } from "./x25519.ts";

/**
 * `self` in `round`, with new keys. Every refusal leaves the member as it was. `INVALID_INPUT` for a round that
 * `checkRound` refuses, or that `self` is not in.
 */
export function createSecaggMember(
  announced: SecaggRound,
  self: MemberId,
  ports: SecaggMemberPorts,
): SecaggMember {
  checkRound(announced);
  if (!announced.members.includes(self)) throw invalidInput("secure aggregation", `${self} is no member`);
  const secrets = drawSecrets(ports);
  const advert = createAdvert(announced, self, secrets, ports);
  let session: Session | undefined;
  /** Channel agreements by neighbour, from R1 to R2. */
  let agreements: ReadonlyMap<MemberId, Uint8Array> = new Map();
  let own: HeldShares | undefined;
  /** Shares held after R2, its own among them. */
  let held: ReadonlyMap<MemberId, HeldShares> | undefined;
  let confirmed: { readonly survivors: readonly MemberId[]; readonly signature: Uint8Array } | undefined;

  return {
    advertise: () => advert,

    share(adverts, graphSeed, group = announced) {
      if (session !== undefined) return reject("OUT_OF_ORDER");
      if (!isGroupOf(announced, group, self)) return reject("WRONG_ROUND");
      const opened = openSession(group, adverts, graphSeed, ports.verify);
      if (isRejection(opened)) return opened;
      const listed = opened.adverts.get(self);
      if (listed === undefined || !isSameAdvert(listed, advert)) return reject("LEFT_OUT", self);
      session = opened;
      agreements = agreeWithNeighbours(opened, self, secrets);
      const shares = splitForHolders(opened, self, secrets, ports);
      own = shares.get(self);
      return { sealed: sealShares(opened, self, agreements, shares) };
    },

    mask(received, input) {
      if (session === undefined || held !== undefined) return reject("OUT_OF_ORDER");
      if (input.length !== session.round.dimension) return reject("WRONG_DIMENSION", self);
      const opened = openShares(session, self, agreements, received);
      if (isRejection(opened)) return opened;
      if (opened.size + 1 < session.round.threshold) return reject("TOO_FEW");
      const total = maskInput(session, self, secrets, [...opened.keys()], input);
      held = new Map([...opened, [self, own as HeldShares]]);
      return { masked: new Uint32Array(total.buffer) };
    },

    confirm(survivors) {
      if (session === undefined || held === undefined) return reject("OUT_OF_ORDER");
      if (confirmed !== undefined) {
        return isSameList(confirmed.survivors, survivors)
          ? { signature: confirmed.signature }
          : reject("CONFLICT");
      }
      const bad = checkOwnSurvivors(session, self, held, survivors);
      if (isRejection(bad)) return bad;
      const signature = ports.sign(survivorsMessage(session, survivors));
      confirmed = { survivors: [...survivors], signature };
      return { signature };
    },

    unmask(confirmations) {
      if (session === undefined || held === undefined || confirmed === undefined)
        return reject("OUT_OF_ORDER");
      const bad = checkConfirmations(session, self, confirmed.survivors, confirmations, ports.verify);
      return isRejection(bad) ? bad : { shares: chooseShares(held, confirmed.survivors) };
    },
  };
}

function drawSecrets(ports: SecaggMemberPorts): Secrets {
  const maskSecret = ports.entropy(32);
  return {
    channel: keyPairOf(ports.entropy(32)),
    mask: keyPairOf(maskSecret),
    shared: concatBytes(ports.entropy(32), maskSecret),
  };
}

function createAdvert(
  round: SecaggRound,
  self: MemberId,
  secrets: Secrets,
  ports: SecaggMemberPorts,
): KeyAdvert {
  const keys = {
    member: self,
    channelKey: secrets.channel.publicKey,
    maskKey: secrets.mask.publicKey,
    seedDigest: seedDigestOf(self, secrets.shared.subarray(0, 32)),
  };
  return { ...keys, signature: ports.sign(advertMessage(round, keys)) };
}

/** A group round must be the announced one with fewer members [SECAGG.7]. */
function isGroupOf(announced: SecaggRound, group: SecaggRound, self: MemberId): boolean {
  checkRound(group);
  const all = new Set(announced.members);
  return (
    group.context === announced.context &&
    bytesEqual(group.modelHash, announced.modelHash) &&
    group.dimension === announced.dimension &&
    group.members.includes(self) &&
    group.members.every((member) => all.has(member))
  );
}

function isSameAdvert(a: KeyAdvert, b: KeyAdvert): boolean {
  return (
    bytesEqual(a.channelKey, b.channelKey) &&
    bytesEqual(a.maskKey, b.maskKey) &&
    bytesEqual(a.seedDigest, b.seedDigest)
  );
}

/** y = x + self mask + the masks with all whose shares came, modulo 2^32 [SECAGG.9]. */
function maskInput(
  session: Session,
  self: MemberId,
  secrets: Secrets,
  partners: readonly MemberId[],
  input: Int32Array,
): Int32Array<ArrayBuffer> {
  const total = new Int32Array(input);
  addStream(total, selfMaskKey(secrets.shared.subarray(0, 32), session.digest, self), 1);
  for (const partner of partners) {
    const agreed = agree(secrets.mask.secret, (session.adverts.get(partner) as KeyAdvert).maskKey);
    addStream(total, pairMaskKey(agreed, session.digest, self, partner), signOf(self, partner));
  }
  return total;
}

/** What a member checks beyond `checkSurvivors`: itself, its neighbours and its threshold [SECAGG.11]. */
function checkOwnSurvivors(
  session: Session,
  self: MemberId,
  held: ReadonlyMap<MemberId, HeldShares>,
  survivors: readonly MemberId[],
): Rejection | undefined {
  const bad = checkSurvivors(session, survivors);
  if (bad !== undefined) return bad;
  const present = new Set(survivors);
  if (!present.has(self)) return reject("LEFT_OUT", self);
  for (const neighbour of session.neighboursOf(self)) {
    if (present.has(neighbour) && !held.has(neighbour)) return reject("INCOMPLETE", neighbour);
  }
  if (holdersAmong(session, self, present) < session.round.threshold) return reject("TOO_FEW");
  return undefined;
}

/**
 * Wants valid signatures from as many of the neighbourhood as the threshold, and from the threshold's share of all
 * members: neighbourhoods that overlap little could else be told different survivors. Itself counted [SECAGG.12].
 */
function checkConfirmations(
  session: Session,
  self: MemberId,
  survivors: readonly MemberId[],
  confirmations: ReadonlyMap<MemberId, Uint8Array>,
  verify: SecaggMemberPorts["verify"],
): Rejection | undefined {
  const message = survivorsMessage(session, survivors);
  const present = new Set(survivors);
  const signed = new Set([self]);
  for (const [member, signature] of confirmations) {
    if (!present.has(member)) return reject("UNKNOWN_MEMBER", member);
    if (member === self) continue;
    if (!verify(member, message, signature)) return reject("BAD_SIGNATURE", member);
    signed.add(member);
  }
  const isEnough =
    signed.size >= leastConfirmations(session.round) &&
    holdersAmong(session, self, signed) >= session.round.threshold;
  return isEnough ? undefined : reject("TOO_FEW");
}

/** For each member whose shares are held, exactly one of the two [SECAGG.13]. */
function chooseShares(held: ReadonlyMap<MemberId, HeldShares>, survivors: readonly MemberId[]): UnmaskShares {
  const present = new Set(survivors);
  const seeds = new Map<MemberId, Uint8Array>();
  const keys = new Map<MemberId, Uint8Array>();
  for (const [member, shares] of held) {
    if (present.has(member)) seeds.set(member, shares.seed);
    else keys.set(member, shares.key);
  }
  return { seeds, keys };
}

function isSameList(a: readonly MemberId[], b: readonly MemberId[]): boolean {
  return a.length === b.length && a.every((member, index) => member === b[index]);
}
