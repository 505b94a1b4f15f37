import { invalidInput } from "@sheaf/base";

/** Layers that draw from a generator that TensorFlow.js does not let anybody seed. */
const UNSEEDED = new Set(["GaussianNoise", "GaussianDropout", "AlphaDropout"]);
const MAX_SIZE = 1_000_000;

/**
 * Refuses (`INVALID_INPUT`, naming the place) what would not train the same way twice, or not as its author
 * means: unseeded noise, state between batches, constraints, sizes beyond reason.
 */
export function checkTopology(value: unknown, at = "model"): void {
  if (typeof value === "number" && Math.abs(value) > MAX_SIZE && !at.endsWith("seed")) {
    throw invalidInput(at, `${value} is above ${MAX_SIZE}`);
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const place = `${at}.${key}`;
    const problem = problemOf(key.replaceAll("_", "").toLowerCase(), inner);
    if (problem !== undefined) throw invalidInput(place, problem);
    checkTopology(inner, place);
  }
}

function problemOf(key: string, value: unknown): string | undefined {
  if (key === "classname" && UNSEEDED.has(String(value))) return `${value} cannot be seeded; use Dropout`;
  if (key === "stateful" && value === true)
    return "a layer that keeps state between batches cannot be trained";
  if (key.endsWith("constraint") && value != null) return "constraints on weights are not supported";
  if (key.endsWith("dropout") && typeof value === "number" && value > 0) {
    return "dropout inside a recurrent layer cannot be seeded; use a Dropout layer";
  }
  return undefined;
}

const ZEROS = { class_name: "Zeros", config: {} };

/**
 * A copy whose weights all start at 0: the trainer sets them anyhow, and TensorFlow.js's own initialisers are
 * slow and, for recurrent layers, broken without its union package.
 */
export function withoutInitializers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInitializers);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key.endsWith("_initializer") ? [key, ZEROS] : [key, withoutInitializers(inner)],
    ),
  );
  // Left out, this one would be orthogonal; other layers do not read it.
  return "units" in copy || "filters" in copy ? { ...copy, recurrent_initializer: ZEROS } : copy;
}
