// Times of the aggregation rules for 100 updates of 200,000 coordinates. Build first: npx tsc -b packages/federated
import { createRandom } from "@sheaf/base";
import { aggregate } from "../dist/index.js";

const COUNT = 100;
const DIMENSION = 200_000;
const random = createRandom("bench");
const updates = Array.from({ length: COUNT }, () =>
  Float32Array.from({ length: DIMENSION }, () => random.float() + random.float() - 1),
);
const weights = updates.map(() => 1);
const rules = [
  { kind: "mean" },
  { kind: "median" },
  { kind: "trimmed-mean", trim: 0.2 },
  { kind: "krum", byzantine: 20 },
  { kind: "multi-krum", byzantine: 20, keep: 60 },
];

console.log(`${COUNT} updates of ${DIMENSION} coordinates, best of 3`);
for (const rule of rules) {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    aggregate(updates, weights, rule);
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${rule.kind.padEnd(14)} ${best.toFixed(0).padStart(6)} ms`);
}
