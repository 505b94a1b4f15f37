// Times of the privacy primitives. Build first: npx tsc -b packages/federated; then node bench/privacy.mjs
import {
  createAccountant,
  createDiscreteGaussian,
  gaussianNoise,
  noiseMultiplierFor,
} from "../dist/index.js";

function time(label, work, repeats = 5) {
  work();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${label.padEnd(64)} ${best.toFixed(1).padStart(8)} ms`);
}

console.log("best of 5");
for (const sigma of [1, 10, 100, 1e4, 1e6]) {
  const sampler = createDiscreteGaussian(sigma);
  time(`200,000 discrete Gaussian values, sigma ${sigma}`, () => sampler.draw(200_000));
}
time("sampler of sigma 1000 made", () => createDiscreteGaussian(1000));
time("200,000 Gaussian values on a grid", () => gaussianNoise(200_000, 1));
time("accountant, 151 orders (sigma 1.1, q 0.01), epsilon after 1000", () =>
  createAccountant({ noiseMultiplier: 1.1, sampleRate: 0.01, delta: 1e-5 }).epsilonAfter(1000),
);
time("calibration to epsilon 2 (q 0.05, 100 rounds)", () =>
  noiseMultiplierFor({ epsilon: 2, delta: 1e-5, sampleRate: 0.05, steps: 100 }),
);
