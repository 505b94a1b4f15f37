/** A member of a round: its lower-case address, `0x` and 40 hexadecimal digits. */
export type MemberId = string;

/**
 * What everybody must agree on before a round of secure aggregation. Made by the agents; a round that breaks
 * [SECAGG.1] or [SECAGG.2] raises `INVALID_INPUT`.
 */
export interface SecaggRound {
  /** `chain|job|round|attempt`: never used twice with other keys. */
  readonly context: string;
  /** Index of the group in a group-wise round; 0 when left out. Not part of what a key advert is signed for. */
  readonly group?: number;
  /** 32 bytes: the hash of the global model that the members train from. */
  readonly modelHash: Uint8Array;
  /** Sorted, without repeats, at least 3 and at most 1,024. Those whose keys never come are dropouts. */
  readonly members: readonly MemberId[];
  /** Shares needed to open a secret, of the shares in one neighbourhood (a member and its neighbours). */
  readonly threshold: number;
  /** Neighbours of each member in the graph of masks, or the complete graph. */
  readonly neighbours: number | "all";
  /** Words of 32 bits in an input. */
  readonly dimension: number;
}

/** R0: a member's public keys of one round, signed with its licensed identity. */
export interface KeyAdvert {
  readonly member: MemberId;
  /** X25519, 32 bytes: for the sealed shares. */
  readonly channelKey: Uint8Array;
  /** X25519, 32 bytes: for the pairwise masks. */
  readonly maskKey: Uint8Array;
  /** SHA-256, 32 bytes: commits to the seed of the self mask. */
  readonly seedDigest: Uint8Array;
  readonly signature: Uint8Array;
}

/** R4: one share for each member of the neighbourhood: of the seed of a survivor, of the key of a dropout. */
export interface UnmaskShares {
  readonly seeds: ReadonlyMap<MemberId, Uint8Array>;
  readonly keys: ReadonlyMap<MemberId, Uint8Array>;
}

export type RejectionCode =
  /** Bytes that are no message of this kind: length, version, kind, order, padding. */
  | "MALFORMED"
  /** A message of another round, attempt, group or model. */
  | "WRONG_ROUND"
  | "WRONG_DIMENSION"
  | "UNKNOWN_MEMBER"
  /** A member twice in one message, or a second message of a member. */
  | "DUPLICATE"
  /** A message that claims to come from, or is meant for, the member itself. */
  | "OWN_MESSAGE"
  /** A public key of low order, or not in its canonical form. */
  | "BAD_KEY"
  | "BAD_SIGNATURE"
  /** Sealed shares that do not open: altered, or made under another model, key list or graph. */
  | "BAD_SEAL"
  /** Opened shares that fit no secret that the member committed to. */
  | "BAD_SHARES"
  /** Fewer members than the threshold, in a neighbourhood or in all. */
  | "TOO_FEW"
  | "NOT_A_NEIGHBOUR"
  /** The message lacks somebody it must have. */
  | "INCOMPLETE"
  /** The server left this member out, or put other keys in its place. */
  | "LEFT_OUT"
  /** The survivors' graph falls apart: parts of the sum would be open. */
  | "DISCONNECTED"
  /** Asked for something other than what was already given. */
  | "CONFLICT"
  /** The step is not the next one of the round. */
  | "OUT_OF_ORDER"
  /** An input with a NaN or an infinity. */
  | "NOT_FINITE";

/** A refusal, as a value: nothing was changed or revealed. `member` is whose message or secret it is about. */
export interface Rejection {
  readonly rejected: RejectionCode;
  readonly member?: MemberId;
}

/** The end of a round without a sum. */
export interface Abort {
  readonly aborted: RejectionCode;
  readonly member?: MemberId;
}

export interface Accepted {
  readonly accepted: true;
}

export interface SecaggMemberPorts {
  /** `length` unpredictable bytes; seeded in simulations only. */
  entropy(length: number): Uint8Array;
  /** Signs with the member's licensed identity; the caller hashes. */
  sign(message: Uint8Array): Uint8Array;
  verify(member: MemberId, message: Uint8Array, signature: Uint8Array): boolean;
}

/** One member in one round. R1 and R2 answer once; the others answer again, with the same. */
export interface SecaggMember {
  /** R0. */
  advertise(): KeyAdvert;
  /**
   * R1: seals shares of both secrets to every neighbour. `adverts` are those of the round (in a group-wise
   * round: of the group `group`, as `drawGroups` made it); `graphSeed` is drawn after the keys are committed.
   */
  share(
    adverts: readonly KeyAdvert[],
    graphSeed: Uint8Array,
    group?: SecaggRound,
  ): { readonly sealed: ReadonlyMap<MemberId, Uint8Array> } | Rejection;
  /** R2: `received` by sender. `input` has `dimension` words and is added modulo 2^32. */
  mask(
    received: ReadonlyMap<MemberId, Uint8Array>,
    input: Int32Array,
  ): { readonly masked: Uint32Array } | Rejection;
  /** R3: signs the one survivor set of the round. */
  confirm(survivors: readonly MemberId[]): { readonly signature: Uint8Array } | Rejection;
  /** R4: gives one share for each member of the neighbourhood, once enough have signed the same survivors. */
  unmask(confirmations: ReadonlyMap<MemberId, Uint8Array>): { readonly shares: UnmaskShares } | Rejection;
}

export interface SecaggServerPorts {
  verify(member: MemberId, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What a server that has asked for the secrets goes on from [SECAGG.18]. It opens nothing. */
export interface SecaggPending {
  /** Whose shares were passed on. */
  readonly sharers: readonly MemberId[];
  /** Masked inputs of the survivors. */
  readonly masked: ReadonlyMap<MemberId, Uint32Array>;
  /** Signatures of the survivor set, as they were shown. */
  readonly confirmations: ReadonlyMap<MemberId, Uint8Array>;
}

/**
 * The server of one round (or of one group of it). Messages of members are accepted or rejected one by one;
 * `relay`, `survivors` and `confirmations` end their stage, and what comes later is `OUT_OF_ORDER`.
 */
export interface SecaggServer {
  /** Ends R0. Check adverts one by one with `checkKeyAdvert` as they arrive: one bad advert here rejects all. */
  adverts(list: readonly KeyAdvert[], graphSeed: Uint8Array): Accepted | Rejection;
  /** Neighbours in the graph; empty before `adverts`. */
  neighboursOf(member: MemberId): readonly MemberId[];
  shares(from: MemberId, sealed: ReadonlyMap<MemberId, Uint8Array>): Accepted | Rejection;
  /** Ends R1: what each member whose shares came is to get, by receiver, then by sender. */
  relay(): { readonly sealedFor: ReadonlyMap<MemberId, ReadonlyMap<MemberId, Uint8Array>> } | Abort;
  masked(from: MemberId, vector: Uint32Array): Accepted | Rejection;
  /** Ends R2. */
  survivors(): { readonly survivors: readonly MemberId[] } | Abort;
  confirmation(from: MemberId, signature: Uint8Array): Accepted | Rejection;
  /** Ends R3. */
  confirmations(): { readonly confirmations: ReadonlyMap<MemberId, Uint8Array> } | Abort;
  /** What another server needs to go on with R4; `undefined` before R3 has ended. */
  pending(): SecaggPending | undefined;
  /**
   * In place of R1 to R3, after `adverts`: what another server had when it asked for the secrets. Everything in it
   * is checked as if it had come from the members [SECAGG.18].
   */
  resume(pending: SecaggPending): Accepted | Rejection;
  unmask(from: MemberId, shares: UnmaskShares): Accepted | Rejection;
  /** Ends R4; while shares are missing it answers `TOO_FEW`, and may be called again when more have come. */
  sum(): SecaggSum | Abort;
  /** What an arbiter needs to recompute the sum; `undefined` before `sum` gave one. */
  transcript(): SecaggTranscript | undefined;
}

export interface SecaggSum {
  /** Words as two's complement. */
  readonly sum: Int32Array;
  readonly survivors: readonly MemberId[];
  /** Members that gave wrong shares of more than half of the secrets, as far as that was noticed. */
  readonly faulty: readonly MemberId[];
}

/** Everything that the sum of a round follows from. It opens no more than the sum. */
export interface SecaggTranscript {
  readonly round: SecaggRound;
  readonly adverts: readonly KeyAdvert[];
  readonly graphSeed: Uint8Array;
  /** Masked inputs of the survivors. */
  readonly masked: ReadonlyMap<MemberId, Uint32Array>;
  /** Seeds of the survivors' self masks, 32 bytes each. */
  readonly seeds: ReadonlyMap<MemberId, Uint8Array>;
  /** Secret mask keys of those who shared and then dropped out, 32 bytes each. */
  readonly keys: ReadonlyMap<MemberId, Uint8Array>;
}
