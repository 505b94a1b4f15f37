// What exact answers cost where nothing can be ruled out: the game without ceilings, in the worst partitions.
// Build first: npx tsc -b packages/game
import {
  bestPartitions,
  checkCore,
  checkDc,
  checkDhp,
  createSensingGame,
  formCoalitions,
  generateScenario,
  grandCoalition,
  singletons,
} from "../dist/index.js";

function time(name, work) {
  const start = performance.now();
  const { verdict } = work();
  console.log(
    `${name.padEnd(44)} ${(performance.now() - start).toFixed(0).padStart(6)} ms  ${verdict ?? ""}`,
  );
}

for (const players of [12, 14, 16]) {
  // Links too dear for any coalition, or free and worth having for all: every set has to be looked at.
  const apart = createSensingGame(generateScenario({ miners: players, linkTokens: 100 }));
  const together = createSensingGame(
    generateScenario({ miners: players, linkTokens: 0, kilometreTokens: 0, synergy: 3 }),
  );
  for (const game of [apart, together]) delete game.ceilings;
  time(`${players} players: all merges of singletons`, () => checkDhp(apart, singletons(players)));
  time(`${players} players: all splits of the grand coalition`, () =>
    checkDhp(together, grandCoalition(players)),
  );
  time(`${players} players: core`, () => checkCore(apart, singletons(players)));
  time(`${players} players: D_c`, () => checkDc(together, grandCoalition(players)));
  time(`${players} players: formation and check`, () => formCoalitions(together).dhp);
  if (players <= 12) time(`${players} players: best partitions`, () => bestPartitions(together));
}
