import { CodedError, errorMessage, invalidInput, type Random } from "@sheaf/base";
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, models } from "@tensorflow/tfjs-layers";
import { sampleSize, type Task } from "../data/dataset.ts";
import { disposeModel } from "./dispose-model.ts";
import { concatFloats, initialLimit, uniform } from "./initial-values.ts";
import type { Network } from "./network.ts";
import { checkTopology, withoutInitializers } from "./topology.ts";

type Topology = Readonly<Record<string, unknown>>;

/** More parameters than this are refused. */
const MAX_PARAMETERS = 20_000_000;

/**
 * A user's LayersModel, trained through TensorFlow.js's tape. Its own initialisers are not used: kernels start
 * in Glorot's uniform range, biases at 0, gains at 1, all from the trainer's seed. `INVALID_INPUT` for a topology
 * that is not one, does not fit the task, or cannot be trained reproducibly.
 */
export async function layersNetwork(
  topology: Topology,
  task: Task,
  shape: readonly number[],
): Promise<Network> {
  checkTopology(topology);
  const model = await build(topology);
  try {
    checkModel(model, task, shape);
  } catch (error) {
    disposeModel(model);
    throw error;
  }
  const variables = model.trainableWeights;
  const dropouts = model.layers.flatMap(dropoutsOf);
  const load = (parameters: readonly tf.Tensor[]): void => {
    variables.forEach((variable, index) => {
      variable.write(parameters[index] as tf.Tensor);
    });
  };
  return {
    shapes: variables.map(({ shape: size }) => size as number[]),
    outputs: task.kind === "regression" ? "values" : endsInSoftmax(model) ? "probabilities" : "logits",
    initialParameters: (random) =>
      concatFloats(
        variables.map(({ shape: size, originalName }) =>
          initialParameter(size as number[], originalName, random),
        ),
      ),
    forward(parameters, samples) {
      load(parameters);
      return model.apply(samples, { training: false }) as tf.Tensor;
    },
    gradients(parameters, samples, { outputGradient, scale, random }) {
      load(parameters);
      for (const dropout of dropouts) dropout.seed = random.uint32();
      const taped = variables.map((variable) => variable.read() as tf.Variable);
      const { grads } = tf.variableGrads(() => {
        const outputs = model.apply(samples, { training: true }) as tf.Tensor;
        const losses = [lossOf(outputs, outputGradient), ...model.calculateLosses()];
        return tf.mul(tf.addN(losses), scale) as tf.Scalar;
      }, taped);
      return taped.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    },
    async toLayersModel(parameters) {
      const copy = await build(topology);
      copy.setWeights([...parameters]);
      return copy;
    },
    dispose: () => disposeModel(model),
  };
}

type Layer = LayersModel["layers"][number];

/** The layers that draw from a seed, in a wrapper or an inner model too. */
function dropoutsOf(layer: Layer): { seed: number }[] {
  if ("layers" in layer) return (layer.layers as Layer[]).flatMap(dropoutsOf);
  if ("layer" in layer) return dropoutsOf(layer.layer as Layer);
  return "seed" in layer ? [layer as Layer & { seed: number }] : [];
}

/** A stand-in for the loss whose gradient by `outputs` is the given one. */
function lossOf(outputs: tf.Tensor, outputGradient: (outputs: tf.Tensor) => tf.Tensor): tf.Tensor {
  return tf.customGrad((values, save) => {
    (save as tf.GradSaveFunc)([values as tf.Tensor]);
    return {
      value: tf.scalar(0),
      gradFunc: (scale: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(outputGradient(saved as tf.Tensor), scale),
    };
  })(outputs);
}

async function build(topology: Topology): Promise<LayersModel> {
  try {
    return await models.modelFromJSON(withoutInitializers(topology) as never);
  } catch (error) {
    throw badModel(`is not the topology of a LayersModel: ${errorMessage(error)}`, error);
  }
}

function checkModel(model: LayersModel, task: Task, shape: readonly number[]): void {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw badModel(
      `has ${model.inputs.length} inputs and ${model.outputs.length} outputs, one of each is needed`,
    );
  }
  const [input, output] = [model.inputs[0]?.shape.slice(1), model.outputs[0]?.shape.slice(1)];
  if (String(input) !== String(shape)) throw badModel(`takes samples of [${input}], they are [${shape}]`);
  const needed = task.kind === "regression" ? 1 : task.classes;
  if (String(output) !== String(needed)) {
    throw badModel(`puts out [${output}] for a sample, this ${task.kind} needs [${needed}]`);
  }
  const fixed = model.nonTrainableWeights[0];
  if (fixed !== undefined) {
    throw badModel(
      `has a weight that is not trained by gradient (${fixed.originalName}); use layerNormalization`,
    );
  }
  const count = model.countParams();
  if (count === 0 || count > MAX_PARAMETERS) {
    throw badModel(`has ${count} parameters, 1 to ${MAX_PARAMETERS} are possible`);
  }
}

function badModel(problem: string, cause?: unknown): CodedError {
  const error = invalidInput("model", problem, "give the topology that model.toJSON(null, false) returns");
  return cause === undefined ? error : new CodedError(error.message, error.detail, { cause });
}

function endsInSoftmax(model: LayersModel): boolean {
  const last = model.outputs[0]?.sourceLayer;
  return last?.getClassName() === "Softmax" || last?.getConfig()["activation"] === "softmax";
}

function initialParameter(shape: readonly number[], name: string, random: Random): Float32Array {
  const length = sampleSize(shape);
  if (shape.length < 2) return new Float32Array(length).fill(name.endsWith("gamma") ? 1 : 0);
  const [fanIn, fanOut] = shape.slice(-2) as [number, number];
  const area = length / (fanIn * fanOut);
  return uniform(shape, initialLimit("linear", area * fanIn, area * fanOut), random);
}
