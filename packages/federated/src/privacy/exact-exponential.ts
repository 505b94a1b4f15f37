/** Bits after the point in which the exponentials are computed; the results below hold to 160 of them. */
const WORKING_BITS = 224n;

/** A non-negative rational number. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** exp(-ratio) * 2^bits rounded down, for bits up to 160. Integer arithmetic throughout. */
export function expNegative({ numerator, denominator }: Ratio, bits: bigint): bigint {
  const one = 1n << WORKING_BITS;
  let x = (numerator << WORKING_BITS) / denominator;
  let halvings = 0;
  while (x > one >> 4n) {
    x >>= 1n;
    halvings += 1;
  }
  let sum = one;
  let term = one;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * x) / (k << WORKING_BITS);
    sum += k % 2n === 0n ? term : -term;
  }
  for (; halvings > 0; halvings--) sum = (sum * sum) >> WORKING_BITS;
  return sum >> (WORKING_BITS - bits);
}

/** The square of a positive double as an exact fraction. */
export function exactSquare(value: number): Ratio {
  let scaled = value;
  let shift = 0n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift += 2n;
  }
  return { numerator: BigInt(scaled) ** 2n, denominator: 1n << shift };
}
