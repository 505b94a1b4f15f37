/**
 * log of the complementary error function, to about 1e-15 relative at every x: Taylor series of erf below 2,
 * continued fraction above.
 */
export function logErfc(x: number): number {
  if (x < 2) return Math.log(x > -2 ? 1 - erf(x) : 2 - Math.exp(logErfc(-x)));
  // erfc(x) = exp(-x^2) / (x sqrt(pi)) * 1 / (1 + a1 / (1 + a2 / ...)), a_k = k / (2 x^2), evaluated from below.
  let tail = 1;
  for (let k = 120; k >= 1; k--) tail = 1 + k / (2 * x * x) / tail;
  return -x * x - Math.log(x * Math.sqrt(Math.PI)) - Math.log(tail);
}

/** erf for |x| < 2: 2 / sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, terms of one sign. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** log of the standard normal distribution function. */
export function logNormalCdf(x: number): number {
  return Math.log(0.5) + logErfc(-x / Math.SQRT2);
}
