import { bytesEqual } from "@sheaf/base";
import { seedDigestOf } from "./adverts.ts";
import { addStream, addWords, pairMaskKey, selfMaskKey, signOf } from "./masks.ts";
import { checkRound, isRejection, reject } from "./round.ts";
import { openSession, type Session } from "./session.ts";
import { checkSurvivors } from "./survivors.ts";
import type { KeyAdvert, MemberId, Rejection, SecaggServerPorts, SecaggTranscript } from "./types.ts";
import { agree, keyPairOf } from "./x25519.ts";

/** What was opened in a round: seeds of the survivors, mask keys of those who dropped out after sharing. */
export interface OpenedSecrets {
  readonly seeds: ReadonlyMap<MemberId, Uint8Array>;
  readonly keys: ReadonlyMap<MemberId, Uint8Array>;
}

/**
 * The sum of a round from its transcript, as an arbiter computes it: every secret is checked against what its
 * member signed in R0, so that masked inputs and opened secrets have one sum. That no dropout's key is missing
 * it cannot tell [SECAGG.16]. The arbiter compares the adverts (`keysRootInput`) and the masked inputs with the
 * hashes on chain.
 */
export function recomputeSum(transcript: SecaggTranscript, ports: SecaggServerPorts): Int32Array | Rejection {
  const { round, adverts, graphSeed, masked } = transcript;
  checkRound(round);
  const session = openSession(round, adverts, graphSeed, ports.verify);
  if (isRejection(session)) return session;
  const bad = checkSurvivors(session, [...masked.keys()].sort());
  if (bad !== undefined) return bad;
  for (const [member, vector] of masked) {
    if (vector.length !== round.dimension) return reject("WRONG_DIMENSION", member);
    if (!transcript.seeds.has(member)) return reject("INCOMPLETE", member);
  }
  const wrong = checkSecrets(session, masked, transcript);
  return wrong ?? sumMasked(session, masked, transcript);
}

/** `BAD_SHARES` for a secret that its member did not commit to; `CONFLICT` for both of one member. */
function checkSecrets(
  session: Session,
  masked: ReadonlyMap<MemberId, Uint32Array>,
  opened: OpenedSecrets,
): Rejection | undefined {
  for (const [member, seed] of opened.seeds) {
    if (!masked.has(member)) return reject("UNKNOWN_MEMBER", member);
    if (!isSeedOf(session, member, seed)) return reject("BAD_SHARES", member);
  }
  for (const [member, key] of opened.keys) {
    if (!session.adverts.has(member)) return reject("UNKNOWN_MEMBER", member);
    if (masked.has(member)) return reject("CONFLICT", member);
    if (!isKeyOf(session, member, key)) return reject("BAD_SHARES", member);
  }
  return undefined;
}

export function isSeedOf(session: Session, member: MemberId, seed: Uint8Array): boolean {
  return bytesEqual(seedDigestOf(member, seed), (session.adverts.get(member) as KeyAdvert).seedDigest);
}

export function isKeyOf(session: Session, member: MemberId, key: Uint8Array): boolean {
  const { maskKey } = session.adverts.get(member) as KeyAdvert;
  return key.length === 32 && bytesEqual(keyPairOf(key).publicKey, maskKey);
}

/**
 * Adds the masked inputs, takes off the survivors' self masks and what is left of the masks they share with
 * dropouts, and reads the words as two's complement [SECAGG.10].
 */
export function sumMasked(
  session: Session,
  masked: ReadonlyMap<MemberId, Uint32Array>,
  opened: OpenedSecrets,
): Int32Array {
  const total = new Int32Array(session.round.dimension);
  for (const vector of masked.values()) addWords(total, vector);
  for (const [member, seed] of opened.seeds) {
    addStream(total, selfMaskKey(seed, session.digest, member), -1);
  }
  for (const [dropout, key] of opened.keys) {
    const { secret } = keyPairOf(key);
    for (const survivor of session.neighboursOf(dropout)) {
      if (!masked.has(survivor)) continue;
      const agreed = agree(secret, (session.adverts.get(survivor) as KeyAdvert).maskKey);
      addStream(total, pairMaskKey(agreed, session.digest, dropout, survivor), signOf(dropout, survivor));
    }
  }
  return total;
}
