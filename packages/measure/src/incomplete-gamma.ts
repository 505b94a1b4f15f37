import { invariant } from "@sheaf/base";

/** Godfrey's coefficients of Lanczos's approximation, g = 7, nine terms: relative error below 1e-14. */
const lanczos: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** ln Gamma(a) for a >= 0.5. */
export function logGamma(a: number): number {
  const x = a - 1;
  const series = lanczos.reduce((sum, term, i) => sum + term / (x + i + 1), 0.9999999999998099);
  const t = x + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(series);
}

/**
 * The regularised upper incomplete gamma function Q(a, x) = Gamma(a, x) / Gamma(a), from 1 at x = 0 to 0. By the
 * power series of 1 - Q left of a + 1, by Legendre's continued fraction (modified Lentz) right of it: each converges
 * quickly where it is used. `a` >= 0.5, `x` >= 0, else `INVARIANT`. (DLMF 8.7.1, 8.9.2.)
 */
export function upperGamma(a: number, x: number): number {
  invariant(a >= 0.5 && x >= 0, "a is at least 0.5 and x at least 0");
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - front * lowerSeries(a, x) : front * upperFraction(a, x);
}

/** Sum of x^n / (a (a+1) ... (a+n)). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * Number.EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** 1 / (x+1-a - 1(1-a) / (x+3-a - 2(2-a) / (x+5-a - ...))). */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / away(b);
  let fraction = d;
  for (let n = 1, delta = 0; Math.abs(delta - 1) > 2 * Number.EPSILON && n < 100_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / away(numerator * d + b);
    c = away(b + numerator / c);
    delta = d * c;
    fraction *= delta;
  }
  return fraction;
}
