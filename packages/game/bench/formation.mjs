// How the cost of forming and checking coalitions grows with the number of miners, on generated scenarios.
// Build first: npx tsc -b packages/game. Then: node bench/formation.mjs [most miners, default 1000]
import { createSensingGame, formCoalitions, generateScenario } from "../dist/index.js";

const most = Number(process.argv[2] ?? 1000);
const pairsOnly = { mergeWidth: 2, splitParts: "two" };
const header = [
  "miners",
  "rules",
  "scenario ms",
  "formation ms",
  "CPU ms",
  "steps",
  "coalitions",
  "sizes",
  "evaluations",
  "check",
  "RSS MB",
];
console.log(header.join("\t"));
for (const miners of [12, 50, 100, 200, 500, 1000, 2000, 5000].filter((count) => count <= most)) {
  for (const [rules, options] of [
    ["pairs", pairsOnly],
    ["all", {}],
  ]) {
    const start = performance.now();
    const game = createSensingGame(generateScenario({ miners }, 1));
    const drawn = performance.now();
    const before = process.cpuUsage();
    const { partition, steps, evaluations, dhp } = formCoalitions(game, options);
    const done = performance.now();
    const { user, system } = process.cpuUsage(before);
    const sizes = partition.map(({ length }) => length);
    console.log(
      [
        miners,
        rules,
        (drawn - start).toFixed(0),
        (done - drawn).toFixed(0),
        ((user + system) / 1000).toFixed(0),
        steps.length,
        partition.length,
        `${Math.min(...sizes)}-${Math.max(...sizes)}`,
        evaluations,
        dhp.verdict,
        (process.memoryUsage.rss() / 2 ** 20).toFixed(0),
      ].join("\t"),
    );
  }
}
