// Twelve miners form coalitions: each step takes from nobody, and the end is checked and compared.
import {
  checkStability,
  comparePartitions,
  createSensingGame,
  formCoalitions,
  generateScenario,
} from "@sheaf/game";

const game = createSensingGame(generateScenario({ miners: 12 }, "example"));
const formation = formCoalitions(game, { seed: "example" });
const rows = comparePartitions(game, formation.partition, "example");
const named = (members) => members.map((player) => game.names[player]).join("+");

for (const { rule, from, to, before, after } of formation.steps) {
  const gain = after.reduce((sum, utility, i) => sum + utility - before[i], 0);
  console.log(
    `${rule} ${from.map(named).join(", ")} -> ${to.map(named).join(", ")}: +${gain.toFixed(2)} tokens`,
  );
}
console.log(`${formation.partition.map(named).join(", ")}; best ${named(formation.best.members)}`);

for (const { statement } of Object.values(checkStability(game, formation.partition))) console.log(statement);

for (const { method, measures } of rows) {
  const { sum, min, meanGain, fairness } = measures;
  const figures = [sum, min, meanGain, fairness]
    .map((figure) => (figure?.toFixed(2) ?? "none").padStart(8))
    .join("");
  console.log(`${method.padEnd(12)}${figures}`);
}
if (formation.dhp.verdict !== "stable") process.exit(1);
