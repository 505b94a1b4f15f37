import { concatBytes } from "@sheaf/base";
import { reject } from "./round.ts";
import { openChannel, seal, unseal } from "./seal.ts";
import type { Session } from "./session.ts";
import { splitSecret } from "./shamir.ts";
import type { KeyAdvert, MemberId, Rejection, SecaggMemberPorts } from "./types.ts";
import { agree, type KeyPair } from "./x25519.ts";

/** A member's secrets of one round: drawn when it is made, never used again. */
export interface Secrets {
  readonly channel: KeyPair;
  readonly mask: KeyPair;
  /** What is shared: the seed of the self mask and the secret mask key, 32 bytes each. */
  readonly shared: Uint8Array;
}

/** A member's shares of another's two secrets, 32 bytes each. */
export interface HeldShares {
  readonly seed: Uint8Array;
  readonly key: Uint8Array;
}

/** What a member and each of its neighbours agree on for their channels, by neighbour. */
export function agreeWithNeighbours(
  session: Session,
  self: MemberId,
  secrets: Secrets,
): Map<MemberId, Uint8Array> {
  const agreements = new Map<MemberId, Uint8Array>();
  for (const neighbour of session.neighboursOf(self)) {
    const { channelKey } = session.adverts.get(neighbour) as KeyAdvert;
    agreements.set(neighbour, agree(secrets.channel.secret, channelKey));
  }
  return agreements;
}

/** Shares of both secrets for each neighbour and for the member itself [SECAGG.8]. */
export function splitForHolders(
  session: Session,
  self: MemberId,
  secrets: Secrets,
  ports: SecaggMemberPorts,
): Map<MemberId, HeldShares> {
  const holders = [self, ...session.neighboursOf(self)];
  const points = holders.map((holder) => session.pointOf(holder));
  const shares = splitSecret(secrets.shared, session.round.threshold, points, ports.entropy);
  return new Map(holders.map((holder, index) => [holder, toHeld(shares[index] as Uint8Array)]));
}

export function sealShares(
  session: Session,
  self: MemberId,
  agreements: ReadonlyMap<MemberId, Uint8Array>,
  shares: ReadonlyMap<MemberId, HeldShares>,
): Map<MemberId, Uint8Array> {
  const sealed = new Map<MemberId, Uint8Array>();
  for (const [neighbour, agreed] of agreements) {
    const { seed, key } = shares.get(neighbour) as HeldShares;
    sealed.set(neighbour, seal(openChannel(agreed, session.digest, self, neighbour), concatBytes(seed, key)));
  }
  return sealed;
}

/** By sender; `OWN_MESSAGE`, `UNKNOWN_MEMBER`, `NOT_A_NEIGHBOUR` or `BAD_SEAL`. */
export function openShares(
  session: Session,
  self: MemberId,
  agreements: ReadonlyMap<MemberId, Uint8Array>,
  received: ReadonlyMap<MemberId, Uint8Array>,
): Map<MemberId, HeldShares> | Rejection {
  const opened = new Map<MemberId, HeldShares>();
  for (const [sender, sealed] of received) {
    if (sender === self) return reject("OWN_MESSAGE", sender);
    if (!session.adverts.has(sender)) return reject("UNKNOWN_MEMBER", sender);
    const agreed = agreements.get(sender);
    if (agreed === undefined) return reject("NOT_A_NEIGHBOUR", sender);
    const content = unseal(openChannel(agreed, session.digest, sender, self), sealed);
    if (content === undefined) return reject("BAD_SEAL", sender);
    opened.set(sender, toHeld(content));
  }
  return opened;
}

function toHeld(both: Uint8Array): HeldShares {
  return { seed: both.slice(0, 32), key: both.slice(32) };
}
