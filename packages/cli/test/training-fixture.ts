import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Rows of a small study: two measures, four hospitals, and an outcome that follows from the measures. */
export function hospitalsCsv(rows: number, hospitals = ["north", "south", "east", "west"]): string {
  const lines = ["age,stay,hospital,outcome,cost"];
  for (let row = 0; row < rows; row++) {
    const age = 20 + ((row * 37) % 71);
    const stay = 1 + ((row * 17) % 29);
    const outcome = age / 70 + stay / 15 > 1.8 ? "yes" : "no";
    lines.push(
      `${age},${stay},${hospitals[row % hospitals.length]},${outcome},${(2 * age + 3 * stay).toFixed(1)}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Fields of a training file that a test changes; each is YAML. */
export interface TrainingText {
  readonly network?: string;
  readonly data?: string;
  readonly partition?: string;
  readonly rounds?: number;
  readonly cohort?: string;
  readonly privacy?: string;
  readonly contribution?: string;
  /** Whole lines at the end. */
  readonly more?: string;
}

/** A training file that takes seconds: one owner a hospital, a softmax model, two rounds. */
export function trainingText(changes: TrainingText = {}): string {
  const rounds = changes.rounds ?? 2;
  return `schema: sheaf.training/1
title: Four hospitals
network: ${changes.network ?? "market.yaml"}
data: ${changes.data ?? "{ kind: table, file: study.csv, label: outcome, exclude: [cost] }"}
partition: ${changes.partition ?? "{ kind: column, column: hospital }"}
model: { kind: softmax }
training:
  optimiser: { kind: fedavg }
  rounds: ${rounds}
  cohort: ${changes.cohort ?? "all"}
  localEpochs: 1
  batchSize: 32
  learningRate: { kind: constant, initial: 0.2 }
  convergence: { tolerance: 0.0001, patience: 5, minRounds: ${Math.max(1, rounds)} }
privacy: ${changes.privacy ?? "{ mode: secagg }"}
contribution: { method: ${changes.contribution ?? "participation"} }
${changes.more ?? ""}`;
}

/** Writes the study, a small network and `training.yaml` into `folder`. */
export async function writeStudy(folder: string, changes: TrainingText = {}): Promise<string> {
  await writeFile(join(folder, "study.csv"), hospitalsCsv(240));
  await writeFile(
    join(folder, "market.yaml"),
    `schema: sheaf.network/1
description: a small market
chains:
  - name: market
    validators: 4
    protocol:
      { blockPeriodMs: 300, emptyBlockPeriodMs: 600, transactionsPerBlock: 450, gasPerBlock: 60000000, blockBytes: 1048576, roundTimeoutMs: 4000 }
`,
  );
  const file = join(folder, "training.yaml");
  await writeFile(file, trainingText(changes));
  return file;
}
