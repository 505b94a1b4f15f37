import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** Runs a kernel of the cpu backend for the wasm backend, on copies of the inputs. */
export function runOnCpu(
  kernel: tf.KernelFunc,
  { inputs, attrs, backend }: Parameters<tf.KernelFunc>[0],
): tf.TensorInfo | tf.TensorInfo[] {
  const wasm = backend as BackendWasm;
  const cpu = tf.findBackend("cpu") as MathBackendCPU;
  const copies: tf.TensorInfo[] = [];
  const copied = Object.entries(inputs).map(([name, input]) => {
    if (input == null) return [name, input] as const;
    const copy = cpu.makeTensorInfo(input.shape, input.dtype, wasm.readSync(input.dataId));
    copies.push(copy);
    return [name, copy] as const;
  });
  const result = kernel({
    inputs: Object.fromEntries(copied),
    backend: cpu,
    ...(attrs === undefined ? {} : { attrs }),
  });
  const results = Array.isArray(result) ? result : [result];
  const moved = results.map(({ dataId, shape, dtype }) =>
    wasm.makeOutput(shape, dtype, undefined, cpu.readSync(dataId)),
  );
  for (const { dataId } of [...copies, ...results]) cpu.disposeData(dataId);
  return Array.isArray(result) ? moved : (moved[0] as tf.TensorInfo);
}
