// What noise does to members' scores from groups [CONTRIBUTION.8]: twenty owners in groups of five, redrawn in each of
// eight rounds, against least squares with a fixed ridge. Build first: npx tsc -b packages/federated
import { createRandom } from "@sheaf/base";
import { memberScores } from "../dist/index.js";

const OWNERS = 20;
const RUNS = 200;
const steady = new Array(8).fill(1);
/** What rounds gained in a training on digits: validation loss per owner. */
const fading = [0.42, 0.167, 0.02, 0.012, 0.006, 0.004, 0.004, 0.002].map((gain) => gain / 0.42);
const worths = (attackers, worth) => Array.from({ length: OWNERS }, (_, i) => (i < attackers ? worth : 1));
/** Noise is the standard deviation of a group's score, over the worth of an honest group. */
const cases = [
  ["equal owners", worths(0, 0), steady, 0.3],
  ["equal owners, gains fade", worths(0, 0), fading, 0.3],
  ["4 that add nothing", worths(4, 0), steady, 0.1],
  ["4 that do harm", worths(4, -3), steady, 0.3],
  ["4 that do harm, gains fade", worths(4, -3), fading, 0.3],
  ["4 that do great harm", worths(4, -10), steady, 0.3],
];

console.log(
  `${OWNERS} owners, ${RUNS} jobs a line; honest: variation and zero pay, rated bad; attackers: rated bad, paid`,
);
for (const [name, worth, gains, noise] of cases) {
  const jobs = Array.from({ length: RUNS }, (_, run) => job(`${name}/${run}`, worth, gains, 5 * noise));
  for (const [rule, scoresOf] of Object.entries({
    "fixed ridge 0.1": fixedRidge,
    "likeliest ridge": likeliest,
  }))
    console.log(`${name.padEnd(27)} ${rule.padEnd(16)} ${figures(jobs.map(scoresOf), worth)}`);
}

const many = createRandom("many");
const large = Array.from({ length: 100 }, () => {
  const groups = grouped(many, 256, 8);
  return { groups, scores: groups.map(() => many.float()) };
});
const start = performance.now();
memberScores(large, 256);
console.log(`256 members, 100 rounds of 32 groups: ${(performance.now() - start).toFixed(0)} ms`);

function grouped(random, members, size) {
  const order = random.shuffle(Array.from({ length: members }, (_, i) => i));
  return Array.from({ length: members / size }, (_, g) => order.slice(size * g, size * (g + 1)));
}

function job(seed, worth, gains, noise) {
  const random = createRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
  return gains.map((gain) => {
    const groups = grouped(random, OWNERS, 5);
    const scores = groups.map(
      (group) => gain * (group.reduce((sum, i) => sum + worth[i], 0) + noise * normal()),
    );
    return { groups, scores };
  });
}

function likeliest(rounds) {
  const { scores, standardErrors } = memberScores(rounds, OWNERS);
  return { scores, bad: scores.map((score, i) => score < -2 * standardErrors[i]) };
}

/** Least squares of deviations with a ridge of 0.1, as an example of one that the data do not choose. */
function fixedRidge(rounds) {
  const rows = rounds.flatMap(({ groups, scores }) => {
    const level = scores.reduce((sum, score) => sum + score, 0) / OWNERS;
    return groups.map((group, g) => [
      ...Array.from({ length: OWNERS }, (_, i) => (group.includes(i) ? 1 : 0) - group.length / OWNERS),
      scores[g] - group.length * level,
    ]);
  });
  const matrix = Array.from({ length: OWNERS }, (_, i) =>
    Array.from(
      { length: OWNERS + 1 },
      (_, j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0) + (i === j ? 0.1 : 0),
    ),
  );
  for (let k = 0; k < OWNERS; k++)
    for (let i = 0; i < OWNERS; i++) {
      const factor = i === k ? 0 : matrix[i][k] / matrix[k][k];
      for (let j = k; j <= OWNERS; j++) matrix[i][j] -= factor * matrix[k][j];
    }
  const gained = rounds.flatMap(({ scores }) => scores).reduce((sum, score) => sum + score, 0) / OWNERS;
  const scores = matrix.map((row, i) => gained + (rounds.length * row[OWNERS]) / row[i]);
  return { scores, bad: scores.map((score) => score < -0.1 * Math.max(0, ...scores)) };
}

function figures(found, worth) {
  const totals = { variation: 0, zero: 0, honestBad: 0, bad: 0, paid: 0 };
  const ratios = [];
  const attackers = worth.filter((each) => each !== 1).length;
  const honest = OWNERS - attackers;
  for (const { scores, bad } of found) {
    const paid = scores.map((score) => Math.max(0, score));
    const own = paid.filter((_, i) => i >= attackers);
    const mean = own.reduce((sum, pay) => sum + pay, 0) / honest;
    totals.variation +=
      Math.sqrt(own.reduce((sum, pay) => sum + (pay - mean) ** 2, 0) / honest) / (mean || 1);
    ratios.push(Math.max(...own) / Math.min(...own));
    totals.zero += own.filter((pay) => pay === 0).length / honest;
    totals.honestBad += bad.filter((each, i) => each && i >= attackers).length / honest;
    totals.bad += bad.filter((each, i) => each && i < attackers).length / Math.max(1, attackers);
    const pool = paid.reduce((sum, pay) => sum + pay, 0);
    // When nobody has a weight all are paid alike [CONTRIBUTION.7].
    totals.paid += pool === 0 ? attackers / OWNERS : 1 - (mean * honest) / pool;
  }
  const share = (total) => `${((100 * total) / found.length).toFixed(1)} %`.padStart(7);
  const median = ratios.sort((a, b) => a - b)[found.length >> 1];
  const ofHonest = `variation ${(totals.variation / found.length).toFixed(2)}, max/min ${median.toFixed(2).padStart(8)}, zero ${share(totals.zero)}, bad ${share(totals.honestBad)}`;
  return attackers === 0
    ? ofHonest
    : `${ofHonest}; attackers bad ${share(totals.bad)}, paid ${share(totals.paid)}`;
}
