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
    const start = image * info.inHeight * info.inWidth * info.inChannels;
    for (let outY = 0; outY < info.outHeight; outY++) {
      for (let outX = 0; outX < info.outWidth; outX++) {
        routeWindow(x, to, from, output, start, windowAt(info, outY, outX));
        output += info.inChannels;
      }
    }
  }
  return gradient;
};

interface Window {
  /** Of its first place, in an image. */
  readonly at: number;
  readonly height: number;
  readonly width: number;
  /** From one place to that below. */
  readonly line: number;
  readonly channels: number;
}

function windowAt(info: PoolInfo, outY: number, outX: number): Window {
  const top = outY * info.strideHeight - info.padInfo.top;
  const left = outX * info.strideWidth - info.padInfo.left;
  const [y, x] = [Math.max(top, 0), Math.max(left, 0)];
  const line = info.inWidth * info.inChannels;
  return {
    at: y * line + x * info.inChannels,
    height: Math.min(top + info.effectiveFilterHeight, info.inHeight) - y,
    width: Math.min(left + info.effectiveFilterWidth, info.inWidth) - x,
    line,
    channels: info.inChannels,
  };
}

/** Adds the gradients `from[output...]`, one for each channel, at the first maximum of each. */
function routeWindow(
  x: Float32Array,
  to: Float32Array,
  from: Float32Array,
  output: number,
  start: number,
  { at, height, width, line, channels }: Window,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const first = start + at + channel;
    let place = first;
    let best = x[first] as number;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const here = first + row * line + column * channels;
        const value = x[here] as number;
        if (value > best) {
          best = value;
          place = here;
        }
      }
    }
    to[place] = (to[place] as number) + (from[output + channel] as number);
  }
}
