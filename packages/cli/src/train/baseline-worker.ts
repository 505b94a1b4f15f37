import { parentPort, workerData } from "node:worker_threads";
import { createTrainer, type Evaluation, initBackend, type Trainer } from "@sheaf/federated";
import type { BaselineResult, BaselineSetup, BaselineWork } from "./baselines.ts";

// A thread that trains and evaluates outside the market: `baselines.ts` hands it one piece of work after another.

const { model, task, shape, seed, train, test } = workerData as BaselineSetup;

await initBackend();
const trainer: Trainer = await createTrainer({ model, task, shape, seed });

parentPort?.on("message", (work: BaselineWork) => {
  perform(work).then(
    (result) => parentPort?.postMessage(result),
    // An error in a thread's event handler would be lost: this ends the thread with it.
    (error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
  );
});
parentPort?.postMessage("ready");

async function perform(work: BaselineWork): Promise<BaselineResult> {
  if (work.kind === "evaluate")
    return { id: work.id, points: [{ at: 0, test: await evaluate(work.weights) }] };
  const data = work.owner === "all" ? train.all : train.owners[work.owner];
  if (data === undefined) return { id: work.id, points: [] };
  const points: { at: number; test: Evaluation }[] = [];
  let weights = trainer.initialWeights();
  for (const [index, epoch] of work.epochs.entries()) {
    const { update } = await trainer.train(weights, data, {
      epochs: 1,
      batchSize: work.batchSize,
      learningRate: epoch.learningRate,
      seed: `${work.id}/${index}`,
    });
    weights = weights.map((weight, at) => weight + (update[at] as number));
    if (epoch.evaluate) points.push({ at: epoch.round, test: await evaluate(weights) });
  }
  return { id: work.id, points };
}

function evaluate(weights: Float32Array): Promise<Evaluation> {
  return trainer.evaluate(weights, test);
}
