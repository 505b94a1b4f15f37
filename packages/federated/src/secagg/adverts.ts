import { concatBytes, utf8 } from "@sheaf/base";
import { digest, memberToBytes, messageToSign, uint32ToBytes } from "./hash.ts";
import { reject } from "./round.ts";
import type { KeyAdvert, MemberId, Rejection, SecaggRound, SecaggServerPorts } from "./types.ts";
import { isUsableKey } from "./x25519.ts";

/**
 * What a member signs for its keys: the context and the model, not the group, which is drawn later [SECAGG.4].
 */
export function advertMessage(round: SecaggRound, advert: Omit<KeyAdvert, "signature">): Uint8Array {
  return messageToSign("keys", utf8(round.context), round.modelHash, advertKeys(advert));
}

/**
 * `undefined` for an advert that a member of this round signed, with keys that are usable; else
 * `UNKNOWN_MEMBER`, `MALFORMED`, `BAD_KEY` or `BAD_SIGNATURE` [SECAGG.5].
 */
export function checkKeyAdvert(
  round: SecaggRound,
  advert: KeyAdvert,
  verify: SecaggServerPorts["verify"],
): Rejection | undefined {
  const { member } = advert;
  if (!round.members.includes(member)) return reject("UNKNOWN_MEMBER", member);
  for (const field of [advert.channelKey, advert.maskKey, advert.seedDigest]) {
    if (field.length !== 32) return reject("MALFORMED", member);
  }
  if (!isUsableKey(advert.channelKey) || !isUsableKey(advert.maskKey)) return reject("BAD_KEY", member);
  if (!verify(member, advertMessage(round, advert), advert.signature)) return reject("BAD_SIGNATURE", member);
  return undefined;
}

/** What a member commits to with `seedDigest`. */
export function seedDigestOf(member: MemberId, seed: Uint8Array): Uint8Array {
  return digest("seed", memberToBytes(member), seed);
}

/**
 * The bytes whose hash is the round's `keysRoot` on chain: all adverts without their signatures, by address
 * [SECAGG.6].
 */
export function keysRootInput(adverts: readonly KeyAdvert[]): Uint8Array {
  const sorted = [...adverts].sort((a, b) => (a.member < b.member ? -1 : 1));
  return concatBytes(
    utf8("sheaf/secagg/1/keys-root"),
    uint32ToBytes(sorted.length),
    ...sorted.map(advertKeys),
  );
}

function advertKeys(advert: Omit<KeyAdvert, "signature">): Uint8Array {
  return concatBytes(memberToBytes(advert.member), advert.channelKey, advert.maskKey, advert.seedDigest);
}
