/** Just below 1 in units of 2^-40: the x of all data together. */
const whole = 2n ** 40n - 1n;

/** How far a worker is trusted, in basis points from 0 to 10,000, by its good and bad events [SENSE.6]. */
export function workerReputationBps(good: bigint, bad: bigint): bigint {
  return (10_000n * (good + 1n)) / (good + 2n * bad + 2n);
}

/**
 * What data is worth to those that hold it together [SENSE.7]: floor(2^64 (x / 2^40)^(quarters / 4)) with
 * x = floor(data (2^40 - 1) / total). To the bit what `DataValue.sol` computes.
 *
 * `data` and `total` are samples times basis points; `total` is that of all miners' own data, at least 1 and at least
 * `data`. `quarters`, the synergy exponent in quarters, is from 1 to 6. The value is below 2^64.
 */
export function dataValue(data: bigint, total: bigint, quarters: number): bigint {
  const x = (data * whole) / total;
  return squareRoot(squareRoot((x ** BigInt(quarters)) << BigInt(256 - 40 * quarters)));
}

/** The square root of a non-negative integer, rounded down. */
function squareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let guess = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (guess + n / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}
