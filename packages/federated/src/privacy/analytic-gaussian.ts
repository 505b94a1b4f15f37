import { invalidInput } from "@sheaf/base";
import { checkDelta } from "./accountant.ts";
import { logNormalCdf } from "./normal.ts";

/**
 * The least delta with which one release of sensitivity 1 and standard deviation `sigma` is
 * (epsilon, delta)-private: Phi(1/(2 sigma) - epsilon sigma) - e^epsilon Phi(-1/(2 sigma) - epsilon sigma)
 * (Balle and Wang 2018, theorem 8) [PRIVACY.8].
 */
export function analyticGaussianDelta(sigma: number, epsilon: number): number {
  const logUpper = logNormalCdf(1 / (2 * sigma) - epsilon * sigma);
  const logLower = logNormalCdf(-1 / (2 * sigma) - epsilon * sigma);
  return -Math.exp(logUpper) * Math.expm1(epsilon + logLower - logUpper);
}

/**
 * The least standard deviation (to 1e-13 relative, never too small) of the noise on one release with L2
 * sensitivity `sensitivity` that is (epsilon, delta)-private [PRIVACY.8].
 */
export function analyticGaussianSigma(epsilon: number, delta: number, sensitivity = 1): number {
  checkDelta(delta);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) throw invalidInput("epsilon", `${epsilon} is not positive`);
  if (!(sensitivity >= 0)) throw invalidInput("sensitivity", `${sensitivity} is negative`);
  let low = 1;
  let high = 1;
  while (analyticGaussianDelta(low, epsilon) <= delta) low /= 2;
  while (analyticGaussianDelta(high, epsilon) > delta) high *= 2;
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (analyticGaussianDelta(middle, epsilon) <= delta) high = middle;
    else low = middle;
  }
  return high * sensitivity;
}
