import { invalidInput } from "@sheaf/base";
import { exactSquare, expNegative, type Ratio } from "./exact-exponential.ts";
import { createWords, type Entropy, systemEntropy, type Words } from "./words.ts";

/** Values lie within 13.4 standard deviations, and in 32 bits. */
const LARGEST_SIGMA = 2 ** 26;
const GUIDE_BITS = 10;

export interface DiscreteGaussian {
  readonly sigma: number;
  /** No value is larger than this in size. */
  readonly bound: number;
  draw(length: number): Int32Array;
}

/**
 * Discrete Gaussian on the integers, P(x) proportional to exp(-x^2 / (2 sigma^2)) (Canonne, Kamath, Steinke
 * 2020), exact to a statistical distance below 2^-120 a value [PRIVACY.9]. `sigma` from 2^-20 to 2^26, else
 * `INVALID_INPUT`.
 *
 * Rejection from a staircase: |x| lies in blocks of `width` integers; a block is drawn by the height of the
 * density at its lower end, the place in it uniformly, and kept with the ratio of the density to that height.
 * Every comparison of a uniform number with a probability looks at its first 31 or 32 bits, and at 128 more,
 * with the probability in integer arithmetic, in the rare case that those do not decide. So no value hangs on
 * the rounding of a floating-point exponential. Not in constant time.
 */
export function createDiscreteGaussian(sigma: number, entropy: Entropy = systemEntropy): DiscreteGaussian {
  if (!(sigma >= 2 ** -20 && sigma <= LARGEST_SIGMA)) {
    throw invalidInput("sigma", `${sigma} is not between 2^-20 and 2^26`);
  }
  const width = Math.max(1, Math.floor(sigma / 16));
  const square = exactSquare(sigma);
  const blocks = createBlockTable(square, width, Math.ceil((sigma * 13.33) / width) + 1);
  const words = createWords(entropy);
  const lastUniform = 2 ** 32 - (2 ** 32 % width);

  function value(): number {
    for (;;) {
      const word = words.next();
      const block = blocks.find(word >>> 1, words);
      let place = 0;
      if (width > 1) {
        do place = words.next();
        while (place >= lastUniform);
        place %= width;
        if (place > 0 && !keep(block, place, words)) continue;
      }
      const size = block * width + place;
      if ((word & 1) === 0) return size;
      if (size > 0) return -size; // zero has one sign, or it would come up twice as often
    }
  }

  const decay = -1 / (2 * sigma * sigma);
  /** True with probability exp(-(x^2 - start^2) / (2 sigma^2)). */
  function keep(block: number, place: number, source: Words): boolean {
    const distance = 2 * block * width * place + place * place;
    const threshold = Math.exp(distance * decay) * 2 ** 32;
    const uniform = source.next();
    if (uniform + 1 < threshold - 1) return true;
    if (uniform > threshold + 1) return false;
    const exact = expNegative(
      { numerator: BigInt(distance) * square.denominator, denominator: 2n * square.numerator },
      160n,
    );
    return ((BigInt(uniform) << 128n) | source.next128()) < exact;
  }

  return {
    sigma,
    bound: blocks.count * width - 1,
    draw(length) {
      const out = new Int32Array(length);
      for (let i = 0; i < length; i++) out[i] = value();
      return out;
    },
  };
}

/** `length` values of a discrete Gaussian; see `createDiscreteGaussian`. */
export function discreteGaussian(sigma: number, length: number, entropy?: Entropy): Int32Array {
  return createDiscreteGaussian(sigma, entropy).draw(length);
}

interface BlockTable {
  readonly count: number;
  /** The block of a uniform 31-bit number. */
  find(uniform: number, words: Words): number;
}

/** Blocks 0..count-1 with probability proportional to exp(-(block * width)^2 / (2 sigma^2)). */
function createBlockTable(square: Ratio, width: number, count: number): BlockTable {
  const heights: bigint[] = [];
  for (let i = 0; i < count; i++) {
    const start = BigInt(i * width);
    heights.push(
      expNegative(
        { numerator: start * start * square.denominator, denominator: 2n * square.numerator },
        160n,
      ),
    );
  }
  const total = heights.reduce((sum, height) => sum + height, 0n);
  const exact: bigint[] = [];
  const upper = new Float64Array(count);
  let running = 0n;
  for (let i = 0; i < count; i++) {
    running += heights[i] as bigint;
    exact.push((running << 159n) / total);
    upper[i] = Number((exact[i] as bigint) >> 128n);
  }
  const guide = new Uint16Array(1 << GUIDE_BITS);
  for (let i = 0, block = 0; i < guide.length; i++) {
    while ((upper[block] as number) < i * 2 ** (31 - GUIDE_BITS)) block++;
    guide[i] = block;
  }

  return {
    count,
    find(uniform, words) {
      let block = guide[uniform >>> (31 - GUIDE_BITS)] as number;
      let rest: bigint | undefined;
      for (; uniform >= (upper[block] as number); block++) {
        if (uniform > (upper[block] as number)) continue;
        rest ??= (BigInt(uniform) << 128n) | words.next128();
        if (rest < (exact[block] as bigint)) break;
      }
      return block;
    },
  };
}
