// Evaluations and errors of the contribution methods against exact Shapley values, on games like federated rounds:
// the worth of a coalition saturates with its data. Build first: npx tsc -b packages/federated
import { createRandom } from "@sheaf/base";
import { exactShapley, gtgShapley, leaveOneOut, memberScores, truncatedMonteCarlo } from "../dist/index.js";

const MEMBERS = 10;
const random = createRandom("bench");
const quality = Array.from({ length: MEMBERS }, (_, i) => (i === 0 ? -0.6 : 0.4 + random.float()));
const utility = async (members) => {
  const sum = members.reduce((total, member) => total + quality[member], 0);
  return 1 - Math.exp(-Math.max(sum, -1));
};
const exact = await exactShapley(MEMBERS, utility);
const methods = {
  "leave-one-out": () => leaveOneOut(MEMBERS, utility),
  "truncated-monte-carlo": () => truncatedMonteCarlo(MEMBERS, utility, { random: createRandom(1) }),
  gtg: () => gtgShapley(MEMBERS, utility, { random: createRandom(1) }),
  shapley: () => exactShapley(MEMBERS, utility),
};
console.log(`${MEMBERS} members; error relative to the largest exact value`);
const scale = Math.max(...exact.values.map(Math.abs));
for (const [name, method] of Object.entries(methods)) {
  const { values, evaluations } = await method();
  const error = Math.max(...values.map((value, i) => Math.abs(value - exact.values[i]))) / scale;
  console.log(
    `${name.padEnd(22)} ${String(evaluations).padStart(5)} evaluations  error ${(100 * error).toFixed(1)} %`,
  );
}

const members = 256;
const rounds = Array.from({ length: 100 }, () => {
  const order = random.shuffle(Array.from({ length: members }, (_, i) => i));
  const groups = Array.from({ length: 32 }, (_, g) => order.slice(8 * g, 8 * g + 8));
  return { groups, scores: groups.map(() => random.float()) };
});
const start = performance.now();
const { conditioning } = memberScores(rounds, members);
console.log(
  `memberScores, ${members} members, 100 rounds of 32 groups: ${(performance.now() - start).toFixed(0)} ms, conditioning ${conditioning.toFixed(1)}`,
);
