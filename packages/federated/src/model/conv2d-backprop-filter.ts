import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

type Image = [number, number, number, number];

/**
 * The kernel `Conv2DBackpropFilter` for the wasm backend: the gradient of a convolution by its filter is itself a
 * convolution. The input with batch and channels exchanged is convolved with `dy` as a filter over the batch,
 * dilated by the strides; (in, height, width, out) comes out, with more height and width than the filter has
 * where the strides left a rest of the input unused.
 */
export const conv2DBackpropFilter: tf.KernelFunc = ({ inputs, attrs, backend: anyBackend }) => {
  const backend = anyBackend as BackendWasm;
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
    x.shape as Image,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const run = (name: string, from: tf.NamedTensorInfoMap, attributes: object): tf.TensorInfo =>
    tf.getKernel(name, "wasm").kernelFunc({
      inputs: from,
      attrs: attributes as tf.NamedAttrMap,
      backend,
    }) as tf.TensorInfo;
  const samples = run("Transpose", { x }, { perm: [3, 1, 2, 0] });
  const filter = run("Transpose", { x: dy }, { perm: [1, 2, 0, 3] });
  const full = run(
    "Conv2D",
    { x: samples, filter },
    {
      strides: 1,
      pad: [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ],
      dataFormat: "NHWC",
      dilations: [strideHeight, strideWidth],
    },
  );
  const [height, width, channels, filters] = filterShape;
  const size = [channels, height, width, filters];
  const cut = run("Slice", { x: full }, { begin: [0, 0, 0, 0], size });
  const gradient = run("Transpose", { x: cut }, { perm: [1, 2, 0, 3] });
  for (const { dataId } of [samples, filter, full, cut]) backend.disposeData(dataId);
  return gradient;
};
