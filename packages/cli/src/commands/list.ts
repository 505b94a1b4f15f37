import { loadBenchmark } from "../benchmark-file.ts";
import { loadCoalition } from "../coalition/coalition-file.ts";
import { type ExperimentKind, listExperiments } from "../experiment-file.ts";
import { layout } from "../layout.ts";
import { loadTraining } from "../train/training-file.ts";

interface Listed {
  readonly name: string;
  readonly kind: ExperimentKind;
  readonly path: string;
  readonly title: string;
  readonly claim: string;
  /** What else the JSON tells, by kind. */
  readonly [fact: string]: unknown;
}

/** `bench list`: every benchmark, training and coalition game with its title and claim. */
export async function listBenchmarks(write: (line: string) => void, json: boolean): Promise<void> {
  const found = await listExperiments(layout.benchmarks);
  const rows = await Promise.all(found.map(({ name, kind }) => READERS[kind](name)));
  if (json) {
    write(JSON.stringify(rows));
    return;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, kind, title, claim } of rows) {
    write(`${name.padEnd(width)}  ${kind.padEnd("benchmark".length)}  ${title}`);
    if (claim !== "") write(`${" ".repeat(width)}  claim: ${claim}`);
  }
}

const READERS: Readonly<Record<ExperimentKind, (name: string) => Promise<Listed>>> = {
  async benchmark(name) {
    const { path, benchmark } = await loadBenchmark(name, layout.benchmarks);
    const { title, claim, arms, load } = benchmark;
    return {
      name,
      kind: "benchmark",
      path,
      title,
      claim,
      arms: arms.map((arm) => arm.name),
      transactions: load.transactions,
    };
  },
  async training(name) {
    const { path, training } = await loadTraining(name, layout.benchmarks);
    const { title, claim, owners, privacy, training: rounds } = training;
    return {
      name,
      kind: "training",
      path,
      title,
      claim,
      owners,
      rounds: rounds.rounds,
      privacy: privacy.mode,
    };
  },
  async coalition(name) {
    const { path, coalition } = await loadCoalition(name, layout.benchmarks);
    const { title, claim, game, chain } = coalition;
    return { name, kind: "coalition", path, title, claim, game: game.kind, chain: chain !== undefined };
  },
};
