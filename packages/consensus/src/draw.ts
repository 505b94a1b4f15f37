import { bytesToBigint, utf8 } from "@sheaf/base";
import type { Address, QbftPorts, Validator } from "./config.ts";
import { setUint64 } from "./signing.ts";

/** What the proposers of an epoch are drawn by. */
export interface ProposerDraw {
  /** 32 bytes, the same on every validator at each height of the epoch. */
  readonly seed: Uint8Array;
  readonly hash: QbftPorts["hash"];
}

const DOMAIN = utf8("sheaf/proposer/1");

/**
 * Who proposes in (height, round) of an epoch with a seed: a draw by weight, without those that had an
 * earlier round of this height [PROPOSER.4] [PROPOSER.5]. When nobody that is left has weight, list
 * order; after a round for each, the order repeats [PROPOSER.6].
 */
export function drawnProposer(
  validators: readonly Validator[],
  { seed, hash }: ProposerDraw,
  height: number,
  round: number,
): Address {
  const left = [...validators];
  for (let each = 0; ; each++) {
    const index = drawIndex(left, hash(drawBytes(seed, height, each)));
    const [drawn] = left.splice(index, 1) as [Validator];
    if (each === round % validators.length) return drawn.address;
  }
}

/** The first whose cumulative weight exceeds `digest` modulo the total; sums of weights may exceed 2^53. */
function drawIndex(validators: readonly Validator[], digest: Uint8Array): number {
  const total = validators.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  if (total === 0n) return 0;
  let rest = bytesToBigint(digest) % total;
  return validators.findIndex(({ weight }) => {
    rest -= BigInt(weight);
    return rest < 0n;
  });
}

/** Domain, seed, height and round: what is hashed for one draw. */
function drawBytes(seed: Uint8Array, height: number, round: number): Uint8Array {
  const bytes = new Uint8Array(DOMAIN.length + seed.length + 16);
  bytes.set(DOMAIN);
  bytes.set(seed, DOMAIN.length);
  const view = new DataView(bytes.buffer);
  setUint64(view, bytes.length - 16, height);
  setUint64(view, bytes.length - 8, round);
  return bytes;
}
