import { log1pExp, logAdd, logExpm1, logSum } from "./log-space.ts";

/**
 * Rényi divergence between N(0, sigma^2) and (1-q) N(0, sigma^2) + q N(1, sigma^2), the larger of both
 * directions (Mironov, Talwar, Zhang 2019): log(A) / (order - 1) with A = E[(1 + q w)^order],
 * w = exp((2z - 1) / (2 sigma^2)) - 1, z ~ N(0, sigma^2). Exact to about 1e-12 at every order [PRIVACY.2].
 *
 * Both ways below compute log(A - 1), a sum of positive terms, because A is so near 1 for small q that
 * log(A) itself would lose all its digits.
 */
export function poissonGaussianRdp(sampleRate: number, noiseMultiplier: number, order: number): number {
  // Without amplification, or with so little noise that the amplification is void (the bound is never too low).
  if (sampleRate === 1 || noiseMultiplier < 0.05) return order / (2 * noiseMultiplier ** 2);
  const logExcess = Number.isInteger(order)
    ? logExcessBinomial(sampleRate, noiseMultiplier, order)
    : logExcessIntegral(sampleRate, noiseMultiplier, order);
  return log1pExp(logExcess) / (order - 1);
}

/** log(A - 1) at an integer order: sum over k >= 2 of C(order, k) (1-q)^(order-k) q^k (e^(k(k-1)/2s^2) - 1). */
export function logExcessBinomial(q: number, sigma: number, order: number): number {
  const terms: number[] = [];
  let logChoose = Math.log(order);
  for (let k = 2; k <= order; k++) {
    logChoose += Math.log((order - k + 1) / k);
    terms.push(
      logChoose + (order - k) * Math.log1p(-q) + k * Math.log(q) + logExpm1((k * (k - 1)) / (2 * sigma ** 2)),
    );
  }
  return logSum(terms);
}

/**
 * log(A - 1) at any order, by the trapezoidal rule on E[(1 + q w)^order - 1 - order q w] (E[w] = 0). The
 * integrand is analytic in the strip |Im z| < pi sigma^2 and falls off as a Gaussian, so the error of the
 * rule is exponentially small in 1 / step; the step below puts it under 1e-16 of the result.
 */
export function logExcessIntegral(q: number, sigma: number, order: number): number {
  const variance = sigma ** 2;
  const half = Math.PI ** 2 * variance;
  const step = sigma >= 4 ? sigma / 2 : Math.min(sigma / 2, (2 * half) / (40 + half / 2));
  const from = -10 * sigma;
  const count = Math.ceil((order + 20 * sigma) / step);
  const terms = new Array<number>(count + 1);
  for (let i = 0; i <= count; i++) {
    const z = from + i * step;
    terms[i] = logRemainder(q, (2 * z - 1) / (2 * variance), order) - z ** 2 / (2 * variance);
  }
  return logSum(terms) + Math.log(step / (sigma * Math.sqrt(2 * Math.PI)));
}

/** log((1 + u)^a - 1 - a u) with u = q (e^x - 1): the remainder after two terms, positive for a > 1. */
function logRemainder(q: number, x: number, a: number): number {
  const logBase = logAdd(Math.log1p(-q), Math.log(q) + x);
  if (a * logBase > 36) {
    // here 1 is below the last digit
    return a * logBase + Math.log1p(-Math.exp(Math.log(a * q) + x - a * logBase));
  }
  const u = q * Math.expm1(x);
  if (Math.abs(u) * a > 0.01) return Math.log(Math.expm1(a * Math.log1p(u)) - a * u);
  let term = (a * (a - 1) * u * u) / 2;
  let sum = term;
  for (let k = 3; Math.abs(term) > 1e-18 * sum; k++) {
    term *= ((a - k + 1) / k) * u;
    sum += term;
  }
  return Math.log(sum);
}

/**
 * Upper bound for a cohort of fixed size drawn without replacement (Wang, Balle, Kasiviswanathan 2019,
 * theorem 9, with no bound on the likelihood ratio), never above the divergence without amplification. Integer
 * orders only; infinite at others [PRIVACY.7].
 */
export function fixedSizeGaussianRdp(sampleRate: number, noiseMultiplier: number, order: number): number {
  if (!Number.isInteger(order)) return Number.POSITIVE_INFINITY;
  const gaussian = (j: number): number => j / (2 * noiseMultiplier ** 2);
  if (sampleRate === 1) return gaussian(order);
  const logPairs = Math.log((order * (order - 1)) / 2) + 2 * Math.log(sampleRate);
  const second = gaussian(2);
  const terms = [logPairs + Math.min(Math.log(4) + logExpm1(second), Math.log(2) + second)];
  let logChoose = Math.log((order * (order - 1)) / 2);
  for (let j = 3; j <= order; j++) {
    logChoose += Math.log((order - j + 1) / j);
    terms.push(Math.log(2) + logChoose + j * Math.log(sampleRate) + (j - 1) * gaussian(j));
  }
  return Math.min(gaussian(order), log1pExp(logSum(terms)) / (order - 1));
}
