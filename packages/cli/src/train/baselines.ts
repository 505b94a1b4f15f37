import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Dataset, Evaluation, LearningRateSchedule, ModelSpec, Task } from "@sheaf/federated";
import { learningRateAt } from "@sheaf/federated";

/** What every thread is given at its start. Arrays lie in shared memory. */
export interface BaselineSetup {
  readonly model: ModelSpec;
  readonly task: Task;
  readonly shape: readonly number[];
  readonly seed: string;
  readonly train: { readonly all: Dataset; readonly owners: readonly Dataset[] };
  readonly test: Dataset;
}

/** One pass over the data, and what comes after it. */
export interface BaselineEpoch {
  readonly learningRate: number;
  /** The round of the market's training after which as many samples were seen. */
  readonly round: number;
  readonly evaluate: boolean;
}

export type BaselineWork =
  | {
      readonly kind: "train";
      readonly id: string;
      readonly owner: number | "all";
      readonly batchSize: number;
      readonly epochs: readonly BaselineEpoch[];
    }
  | { readonly kind: "evaluate"; readonly id: string; readonly weights: Float32Array };

export interface BaselineResult {
  readonly id: string;
  readonly points: readonly { readonly at: number; readonly test: Evaluation }[];
}

/** How much the market's training did: the baselines see as many samples, at the same learning rates. */
export interface BaselineExtent {
  readonly rounds: number;
  /** Passes over an owner's data in one round, averaged over all owners (sampled out ones count zero). */
  readonly passesPerRound: number;
  readonly batchSize: number;
  readonly learningRate: LearningRateSchedule;
}

/**
 * The work for both baselines: all data in one place, and each owner alone with its own, each with the same number
 * of passes as the market's training made over the same data, and the test after every pass of the central one.
 */
export function planBaselines(owners: number, extent: BaselineExtent): readonly BaselineWork[] {
  const { rounds, passesPerRound, batchSize, learningRate } = extent;
  const count = Math.max(1, Math.round(rounds * passesPerRound));
  const epochs = (isCurve: boolean): BaselineEpoch[] =>
    Array.from({ length: count }, (_, index) => {
      const round = Math.min(rounds, (index + 1) / passesPerRound);
      return {
        learningRate: learningRateAt(learningRate, Math.max(1, Math.ceil(index / passesPerRound))),
        round: index === count - 1 ? rounds : round,
        evaluate: isCurve || index === count - 1,
      };
    });
  return [
    { kind: "train", id: "central", owner: "all", batchSize, epochs: epochs(true) },
    ...Array.from({ length: owners }, (_, owner) => ({
      kind: "train" as const,
      id: `owner-${owner}`,
      owner,
      batchSize,
      epochs: epochs(false),
    })),
  ];
}

/** Performs all work on as many threads as there are cores; results come in the order of the work. */
export async function performBaselines(
  setup: BaselineSetup,
  work: readonly BaselineWork[],
  onDone: (count: number) => void,
  signal: AbortSignal,
): Promise<readonly BaselineResult[]> {
  const results = new Map<string, BaselineResult>();
  const waiting = [...work];
  const shared = {
    ...setup,
    train: { all: share(setup.train.all), owners: setup.train.owners.map(share) },
    test: share(setup.test),
  };
  const run = async (): Promise<void> => {
    const worker = new Worker(new URL("./baseline-worker.js", import.meta.url), { workerData: shared });
    try {
      await answer(worker, undefined, signal);
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const result = (await answer(worker, next, signal)) as BaselineResult;
        results.set(result.id, result);
        onDone(results.size);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), work.length) }, run));
  return work.flatMap(({ id }) => results.get(id) ?? []);
}

/** The worker's next message, after `work` was handed to it. Fails when it ends instead, or `signal` is raised. */
function answer(worker: Worker, work: BaselineWork | undefined, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => () => {
      worker.off("message", onMessage).off("error", onError);
      signal.removeEventListener("abort", onAbort);
      action();
    };
    const onMessage = (message: unknown): void => settle(() => resolve(message))();
    const onError = (error: unknown): void => settle(() => reject(error as Error))();
    const onAbort = settle(() => reject(signal.reason as Error));
    if (signal.aborted) return reject(signal.reason as Error);
    worker.on("message", onMessage).on("error", onError);
    signal.addEventListener("abort", onAbort);
    if (work !== undefined) worker.postMessage(work);
  });
}

/** The same samples in memory that threads share. */
function share(dataset: Dataset): Dataset {
  const copy = (values: Float32Array): Float32Array => {
    const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
    shared.set(values);
    return shared;
  };
  return { ...dataset, features: copy(dataset.features), labels: copy(dataset.labels) };
}
