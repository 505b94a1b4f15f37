import { parseArgs } from "node:util";
import { simulate } from "../test/simulation/simulate.ts";

/*
 * npm run simulate -w @sheaf/consensus -- --seeds 10000 --from 1      many seeds
 * npm run simulate -w @sheaf/consensus -- --seed 17 --trace           one, with all that happens
 */

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});

const one = values.seed !== undefined;
const from = Number(values.seed ?? values.from);
const seeds = one ? 1 : Number(values.seeds);
const started = performance.now();
let failed = 0;
let packets = 0;
let highestRound = 0;
let slowest = { seed: 0, ms: 0 };

for (let seed = from; seed < from + seeds; seed++) {
  const result = simulate(seed, values.trace ? { trace: (line) => console.log(line) } : {});
  const { violation, profile } = result;
  packets += result.packets;
  highestRound = Math.max(highestRound, result.highestRound);
  const ms = Math.round(result.endedAtMs - profile.healAtMs);
  if (ms > slowest.ms) slowest = { seed, ms };
  if (one) console.log(profile, result);
  if (violation !== undefined) {
    failed += 1;
    console.log(`seed ${seed}: ${violation.kind} at ${violation.atMs.toFixed(1)} ms: ${violation.detail}`);
    console.log(`  replay: npm run simulate -w @sheaf/consensus -- --seed ${seed} --trace`);
  }
  if ((seed - from + 1) % 500 === 0) report(seed - from + 1);
}
report(seeds);
if (failed > 0) process.exitCode = 1;

function report(done: number): void {
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${done} of ${seeds} seeds, ${failed} failed, ${(done / seconds).toFixed(0)} a second, ` +
      `${(packets / 1e6).toFixed(1)} million packets, highest round ${highestRound}, ` +
      `at most ${slowest.ms} ms after healing (seed ${slowest.seed})`,
  );
}
