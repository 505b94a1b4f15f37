import { invalidInput } from "@sheaf/base";
import { checkDataset, type Dataset, sampleSize } from "./dataset.ts";

const MAGIC = 0x31534453; // "SDS1"
const FIXED_WORDS = 4;
const MAX_RANK = 8;

/**
 * The dataset as bytes: magic, number of classes (0 for a regression), number of samples, rank, one word for each
 * size of the shape, then features and labels as 32-bit floats; all little-endian.
 */
export function encodeDataset(dataset: Dataset): Uint8Array {
  const { task, shape, count, features, labels } = dataset;
  const words = [MAGIC, task.kind === "classification" ? task.classes : 0, count, shape.length, ...shape];
  const bytes = new Uint8Array(4 * (words.length + features.length + labels.length));
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  let offset = 4 * words.length;
  for (const values of [features, labels]) {
    for (const value of values) {
      view.setFloat32(offset, value, true);
      offset += 4;
    }
  }
  return bytes;
}

/** Whether the bytes begin as `encodeDataset` writes them. */
export function isEncodedDataset(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === MAGIC;
}

/**
 * The dataset that `encodeDataset` wrote; `at` names the file in messages. `INVALID_INPUT` for other, cut or
 * lengthened bytes; as `checkDataset` for what they hold.
 */
export function decodeDataset(bytes: Uint8Array, at = "dataset"): Dataset {
  if (!isEncodedDataset(bytes) || bytes.length < 4 * FIXED_WORDS) {
    throw invalidInput(at, "is not an encoded dataset");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number): number => view.getUint32(4 * index, true);
  const [classes, count, rank] = [word(1), word(2), word(3)];
  const start = FIXED_WORDS + rank;
  if (rank < 1 || rank > MAX_RANK || bytes.length < 4 * start)
    throw invalidInput(at, "its header is damaged");
  const shape = Array.from({ length: rank }, (_, index) => word(FIXED_WORDS + index));
  const size = sampleSize(shape);
  const needed = 4 * (start + count * (size + 1));
  if (bytes.length !== needed) {
    throw invalidInput(at, `has ${bytes.length} bytes, its header tells ${needed}`, "copy the file again");
  }
  const floats = (from: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, index) => view.getFloat32(4 * (from + index), true));
  const dataset: Dataset = {
    task: classes === 0 ? { kind: "regression" } : { kind: "classification", classes },
    shape,
    count,
    features: floats(start, count * size),
    labels: floats(start + count * size, count),
  };
  checkDataset(dataset, at);
  return dataset;
}
