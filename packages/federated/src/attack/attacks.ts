import { invariant, type Random } from "@sheaf/base";
import type { Dataset } from "../data/dataset.ts";
import { normal } from "../data/normal.ts";

/** Each class `c` of `classes` becomes `classes - 1 - c`; targets are mirrored between their extremes. */
export function flipLabels(dataset: Dataset): Dataset {
  const { task, labels } = dataset;
  const mirror =
    task.kind === "classification"
      ? task.classes - 1
      : labels.reduce(min, Infinity) + labels.reduce(max, -Infinity);
  return { ...dataset, labels: labels.map((label) => mirror - label) };
}

const min = (a: number, b: number): number => Math.min(a, b);
const max = (a: number, b: number): number => Math.max(a, b);

/** The update turned round: it climbs where the honest one descends. */
export function signFlip(update: Float32Array): Float32Array {
  return scaleUpdate(update, -1);
}

/** The update times `factor` (model replacement: the number of owners). */
export function scaleUpdate(update: Float32Array, factor: number): Float32Array {
  return update.map((value) => value * factor);
}

/**
 * What an owner sends that does not train. `zero`: nothing. `noise`: normal noise of `deviation`. `stale`: the
 * last change of the global model, which passes for an honest update.
 */
export type FreeRide =
  | { readonly kind: "zero" }
  | { readonly kind: "noise"; readonly deviation: number; readonly random: Random }
  | { readonly kind: "stale"; readonly lastChange: Float32Array };

/** An update of `parameters` numbers without training. */
export function freeRide(parameters: number, ride: FreeRide): Float32Array {
  switch (ride.kind) {
    case "zero":
      return new Float32Array(parameters);
    case "noise":
      return Float32Array.from({ length: parameters }, () => ride.deviation * normal(ride.random));
    case "stale":
      invariant(ride.lastChange.length === parameters, "the last change fits the model");
      return ride.lastChange.slice();
  }
}
