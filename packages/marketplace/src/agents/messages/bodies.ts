import { z } from "zod";

/** Bytes of exactly `length`, or of at most `most`. */
const exactly = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const atMost = (most: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= most);

const KIB = 1024;
const MIB = 1024 * KIB;
/** The largest model state, update or masked input that is accepted. */
export const MAX_VECTOR_BYTES = 64 * MIB;
/** Of an agent's licensed key. */
export const SIGNATURE_BYTES = 65;

/** A round of the job and the analyst's attempt at it: both count from 1. */
const ofRound = { round: z.int().min(1).max(0xffff_ffff), attempt: z.int().min(1).max(0xffff_ffff) };
const hash = exactly(32);
const signature = exactly(SIGNATURE_BYTES);
const code = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);

/** One body a kind. Secure-aggregation parts are the bytes of the codecs of `@sheaf/federated`. */
export const bodySchemas = {
  /** Analyst to cohort: who is asked (bit i is owner i, big-endian, as on chain) and from which state. */
  "round.announce": z.strictObject({
    ...ofRound,
    cohort: hash,
    stateHash: hash,
    /** Only for members that do not hold it. */
    state: atMost(MAX_VECTOR_BYTES).optional(),
  }),
  /** Owner: here I am, with my keys (empty without secure aggregation). */
  "round.keys": z.strictObject({
    ...ofRound,
    advert: atMost(KIB),
    /** Earlier attempts of this round that I have not opened and never will. */
    voids: z.array(z.strictObject({ context: hash, signature })).max(16),
  }),
  /** Owner: not me, because; `about` is the owner (index) whose message was at fault, if one was. */
  "round.refuse": z.strictObject({ ...ofRound, code, about: z.int().min(0).max(255).optional() }),
  /** Analyst: everybody's keys, as committed on chain, and their void statements. */
  "round.adverts": z.strictObject({
    ...ofRound,
    adverts: atMost(MIB),
    voids: z.array(z.strictObject({ context: hash, signature })).max(4096),
  }),
  "round.shares": z.strictObject({ ...ofRound, sealed: atMost(MIB) }),
  "round.shares-for": z.strictObject({ ...ofRound, sealed: atMost(MIB) }),
  /** Owner: the masked input, little-endian words. As in the next two, the signature is over `inputDigest`. */
  "round.masked": z.strictObject({ ...ofRound, words: atMost(MAX_VECTOR_BYTES), signature }),
  /** Owner, modes none and dp: the update, little-endian 32-bit floats. */
  "round.update": z.strictObject({
    ...ofRound,
    values: atMost(MAX_VECTOR_BYTES),
    weight: z
      .int()
      .min(1)
      .max(2 ** 31 - 1),
    /** Mean training loss; `null` in dp mode, where nothing leaves that is not noised or clipped. */
    loss: z.number().min(0).nullable(),
    signature,
  }),
  /** Owner, mode paillier. */
  "round.encrypted": z.strictObject({ ...ofRound, ciphertexts: atMost(MAX_VECTOR_BYTES), signature }),
  "round.survivors": z.strictObject({ ...ofRound, survivors: atMost(64 * KIB) }),
  "round.confirm": z.strictObject({ ...ofRound, signature: atMost(KIB) }),
  "round.confirmations": z.strictObject({ ...ofRound, confirmations: atMost(MIB) }),
  "round.unmask": z.strictObject({ ...ofRound, shares: atMost(MIB) }),
  /** Analyst to consumer, mode paillier: the sum of the committed ciphertexts, to be decrypted once a round. */
  "round.decrypt": z.strictObject({
    ...ofRound,
    ciphertexts: atMost(MAX_VECTOR_BYTES),
    /** Numbers in the sum. */
    count: z.int().min(1),
    commitments: z
      .array(z.strictObject({ owner: z.int().min(0).max(255), updateHash: hash, signature }))
      .max(256),
  }),
  /** Consumer: little-endian 32-bit integers; the signature is over `decryptedDigest`. */
  "round.decrypted": z.strictObject({ ...ofRound, values: atMost(MAX_VECTOR_BYTES), signature }),
  /** Analyst to cohort, before the round is closed on chain: the state that the round leads to. */
  "round.result": z.strictObject({ ...ofRound, state: atMost(MAX_VECTOR_BYTES) }),
  "state.request": z.strictObject({ stateHash: hash }),
  "state.answer": z.strictObject({ state: atMost(MAX_VECTOR_BYTES) }),
  /** Consumer to analyst, when the model has not come. */
  "model.request": z.strictObject({}),
  "model.deliver": z.strictObject({ state: atMost(MAX_VECTOR_BYTES) }),
  /** Arbiter to the accused analyst. */
  "transcript.request": z.strictObject({ round: ofRound.round }),
  "transcript.answer": z.strictObject({ round: ofRound.round, transcript: atMost(MAX_VECTOR_BYTES) }),
} as const;

export type MessageKind = keyof typeof bodySchemas;
export type MessageBody<K extends MessageKind> = Readonly<z.infer<(typeof bodySchemas)[K]>>;

/** Void statement of an owner about an attempt [PHASE.8]: the hash of its context, and the signature. */
export type VoidStatement = MessageBody<"round.keys">["voids"][number];
