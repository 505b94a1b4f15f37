import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

type PoolInfo = ReturnType<typeof tf.backend_util.computePool2DInfo>;

/**
 * The kernel `MaxPoolGrad` for the wasm backend, whose own looks at each window once for each of its places.
 * The gradient of each output goes to the first maximum of its window, as in the other backends.
 */
export const maxPoolGrad: tf.KernelFunc = ({ inputs, attrs, backend: anyBackend }) => {
  const backend = anyBackend as BackendWasm;
  const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolGradAttrs;
  const info = tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const gradient = backend.makeOutput(input.shape, "float32");
  // Views of the heap end when it grows, so they are taken after the last allocation.
  const [x, from, to] = [input, dy, gradient].map((tensor) => backend.typedArrayFromHeap(tensor)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  to.fill(0);
  let output = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let outY = 0; outY < info.outHeight; outY++) {
      for (let outX = 0; outX < info.outWidth; outX++) {
        for (let channel = 0; channel < info.inChannels; channel++) {
          const place = firstMaximum(x, info, image, outY, outX, channel);
          to[place] = (to[place] as number) + (from[output++] as number);
        }
      }
    }
  }
  return gradient;
};

/** Where the window's first maximum lies in `x`. */
function firstMaximum(
  x: Float32Array,
  info: PoolInfo,
  image: number,
  outY: number,
  outX: number,
  channel: number,
): number {
  const top = outY * info.strideHeight - info.padInfo.top;
  const left = outX * info.strideWidth - info.padInfo.left;
  const bottom = Math.min(top + info.effectiveFilterHeight, info.inHeight);
  const right = Math.min(left + info.effectiveFilterWidth, info.inWidth);
  let best = Number.NEGATIVE_INFINITY;
  let place = -1;
  for (let y = Math.max(top, 0); y < bottom; y++) {
    let at = ((image * info.inHeight + y) * info.inWidth + Math.max(left, 0)) * info.inChannels + channel;
    for (let column = Math.max(left, 0); column < right; column++) {
      const value = x[at] as number;
      if (value > best || place < 0) {
        best = value;
        place = at;
      }
      at += info.inChannels;
    }
  }
  return place;
}
