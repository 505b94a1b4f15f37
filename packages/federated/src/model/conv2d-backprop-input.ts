import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

type Image = [number, number, number, number];

/**
 * The kernel `Conv2DBackpropInput` for the wasm backend, whose own is a plain loop. At stride 1 the gradient of a
 * convolution by its input is itself a convolution of `dy`, with the filter turned by half a turn and its two
 * channel axes exchanged; other strides go to the backend's `own` kernel.
 */
export function conv2DBackpropInput(own: tf.KernelFunc): tf.KernelFunc {
  return (args) => {
    const { dy, filter } = args.inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
    const { strides, pad, dimRoundingMode, inputShape } =
      args.attrs as unknown as tf.Conv2DBackpropInputAttrs;
    const info = tf.backend_util.computeConv2DInfo(
      inputShape as Image,
      filter.shape as Image,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    if (info.strideHeight !== 1 || info.strideWidth !== 1) return own(args);
    const { filterHeight, filterWidth, padInfo } = info;
    const turned = turn(filter, args.backend as BackendWasm);
    const [above, left] = [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left];
    const [below, right] = [filterHeight - 1 - padInfo.bottom, filterWidth - 1 - padInfo.right];
    const explicit = [
      [0, 0],
      [above, below],
      [left, right],
      [0, 0],
    ];
    const gradient = tf.getKernel("Conv2D", "wasm").kernelFunc({
      inputs: { x: dy, filter: turned },
      attrs: { strides: 1, pad: explicit, dataFormat: "NHWC", dilations: 1 },
      backend: args.backend,
    });
    (args.backend as BackendWasm).disposeData(turned.dataId);
    return gradient;
  };
}

/** The filter (height, width, in, out) by half a turn, as (height, width, out, in). */
function turn(filter: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  const reverse = tf.getKernel("Reverse", "wasm").kernelFunc;
  const half = reverse({ inputs: { x: filter }, attrs: { dims: [0, 1] }, backend }) as tf.TensorInfo;
  const transpose = tf.getKernel("Transpose", "wasm").kernelFunc;
  const turned = transpose({ inputs: { x: half }, attrs: { perm: [0, 1, 3, 2] }, backend });
  backend.disposeData(half.dataId);
  return turned as tf.TensorInfo;
}
