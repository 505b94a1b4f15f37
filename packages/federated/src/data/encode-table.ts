import type { Dataset } from "./dataset.ts";
import { type EncodingOptions, fitEncoding } from "./fit-encoding.ts";
import {
  badCell,
  type Column,
  checkTable,
  type FeatureEncoding,
  nameAt,
  numberAt,
  requireColumn,
  type Table,
  type TableEncoding,
} from "./table.ts";

/** Fits the encoding on `table` and applies it. `INVALID_INPUT` names the column, and the row if any. */
export function tableToDataset(
  table: Table,
  options: EncodingOptions,
): { readonly dataset: Dataset; readonly encoding: TableEncoding } {
  const encoding = fitEncoding(table, options);
  return { dataset: encodeTable(table, encoding), encoding };
}

/**
 * The rows of `table` as the study's `encoding` tells; columns that it does not name are left out. A missing
 * column, a missing value, a category or a class that the encoding does not know is `INVALID_INPUT` that names
 * the column and the row.
 */
export function encodeTable(table: Table, encoding: TableEncoding): Dataset {
  const count = checkTable(table);
  const width = encoding.features.reduce((sum, feature) => sum + featureWidth(feature), 0);
  const features = new Float32Array(count * width);
  let offset = 0;
  for (const feature of encoding.features) {
    encodeFeature(requireColumn(table, feature.name), feature, features.subarray(offset), width);
    offset += featureWidth(feature);
  }
  const { label } = encoding;
  const labels = new Float32Array(count);
  encodeFeature(requireColumn(table, label.name), label, labels, 1);
  const task =
    label.kind === "classes"
      ? ({ kind: "classification", classes: label.classes.length } as const)
      : ({ kind: "regression" } as const);
  return { task, shape: [width], count, features, labels };
}

function featureWidth(feature: FeatureEncoding): number {
  return feature.kind === "number" ? 1 : feature.values.length;
}

/** Writes one column into `out`, a row every `stride` numbers. */
function encodeFeature(
  column: Column,
  encoding: FeatureEncoding | TableEncoding["label"],
  out: Float32Array,
  stride: number,
): void {
  const names = encoding.kind === "number" ? [] : namesOf(encoding);
  const places = new Map(names.map((name, index) => [name, index]));
  for (let row = 0; row < column.values.length; row++) {
    if (encoding.kind === "number") {
      out[row * stride] = (numberAt(column, row) - encoding.shift) / encoding.scale;
      if (Number.isFinite(out[row * stride])) continue;
      throw badCell(column, row, "is too large for a 32-bit float", "scale the column");
    }
    const name = nameAt(column, row);
    const place = places.get(name);
    if (place === undefined) {
      const problem = `"${name}" is none of the study's ${encoding.kind === "classes" ? "classes" : "categories"}`;
      throw badCell(column, row, problem, `it knows: ${listed(names)}`);
    }
    if (encoding.kind === "classes") out[row * stride] = place;
    else out[row * stride + place] = 1;
  }
}

function namesOf(encoding: Exclude<FeatureEncoding | TableEncoding["label"], { kind: "number" }>) {
  return encoding.kind === "classes" ? encoding.classes : encoding.values;
}

function listed(names: readonly string[]): string {
  return names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")}, ...`;
}
