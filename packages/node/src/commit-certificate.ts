/** Proof that a quorum committed a block, without what the block itself says (height and hash). */
export interface BlockSeals {
  /** The round in which it was committed. */
  readonly round: number;
  /** Signatures of the commits, 65 bytes each. */
  readonly seals: readonly Uint8Array[];
}

const ROUND_BYTES = 4;
const SEAL_BYTES = 65;

/** The stored and sent form of a commit certificate: the round in four bytes, then the seals [FETCH.2]. */
export function certificateToBytes({ round, seals }: BlockSeals): Uint8Array {
  const out = new Uint8Array(ROUND_BYTES + seals.length * SEAL_BYTES);
  new DataView(out.buffer).setUint32(0, round);
  for (const [index, seal] of seals.entries()) out.set(seal, ROUND_BYTES + index * SEAL_BYTES);
  return out;
}

/** The certificate that `bytes` are, or `undefined`; of genesis, which has none, too. */
export function parseCertificate(bytes: Uint8Array): BlockSeals | undefined {
  const count = (bytes.length - ROUND_BYTES) / SEAL_BYTES;
  if (!Number.isInteger(count) || count < 1) return undefined;
  const round = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const seals = Array.from({ length: count }, (_, index) => {
    const start = ROUND_BYTES + index * SEAL_BYTES;
    return bytes.subarray(start, start + SEAL_BYTES);
  });
  return { round, seals };
}
