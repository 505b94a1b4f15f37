import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { conv2DBackpropFilter } from "./conv2d-backprop-filter.ts";
import { conv2DBackpropInput } from "./conv2d-backprop-input.ts";
import { maxPoolGrad } from "./max-pool-grad.ts";
import { runOnCpu } from "./on-cpu.ts";

let registered = false;

/**
 * Gives the wasm backend what training needs and it lacks: fast products with a transposed factor, fast
 * gradients of convolutions and maxima, and the cpu backend's kernels for all else that only that one has. Call once the backend has started.
 */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  replace("BatchMatMul", matrixProduct);
  replace("Conv2DBackpropInput", conv2DBackpropInput);
  replace("MaxPoolGrad", () => maxPoolGrad);
  register("Conv2DBackpropFilter", conv2DBackpropFilter);
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu")) {
    if (tf.getKernel(kernelName, "wasm") == null) register(kernelName, (args) => runOnCpu(kernelFunc, args));
  }
}

function register(kernelName: string, kernelFunc: tf.KernelFunc): void {
  tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc });
}

function replace(kernelName: string, better: (own: tf.KernelFunc) => tf.KernelFunc): void {
  const own = tf.getKernel(kernelName, "wasm").kernelFunc;
  tf.unregisterKernel(kernelName, "wasm");
  register(kernelName, better(own));
}

/** Products through the backend's `own` fast routine, which it has for plain factors only. */
function matrixProduct(own: tf.KernelFunc): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const wasm = backend as BackendWasm;
    const left = transposeA ? transposed(a, wasm) : a;
    const right = transposeB ? transposed(b, wasm) : b;
    const plain = { transposeA: false, transposeB: false };
    const product = own({ inputs: { a: left, b: right }, attrs: plain, backend });
    if (left !== a) wasm.disposeData(left.dataId);
    if (right !== b) wasm.disposeData(right.dataId);
    return product;
  };
}

function transposed(x: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  const perm = x.shape.map((_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  const transpose = tf.getKernel("Transpose", "wasm").kernelFunc;
  return transpose({ inputs: { x }, attrs: { perm }, backend }) as tf.TensorInfo;
}
