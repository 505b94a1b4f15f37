import { z } from "zod";
import { text } from "../training/scalars.ts";
import { partitionSchema } from "./partition.ts";

/** Ways to form coalitions: the one of the run and those it is compared with. */
export const coalitionMethods = [
  "merge-and-split",
  "singletons",
  "grand",
  "random",
  "best-sum",
  "best-min",
] as const;

/** `best-sum` and `best-min`: the partition of largest utility sum, of largest least utility, of all partitions. */
export const methodSchema = z.enum(coalitionMethods);

/** What a method brings in the run's own scenario. Utilities are in the model's unit. */
export const alternativeSchema = z.strictObject({
  name: methodSchema,
  /** `null` where it is too large to be of use to a reader. */
  partition: partitionSchema.nullable(),
  coalitions: z.int().positive(),
  /** Over all players. */
  sum: z.number(),
  minimum: z.number(),
  /** Utility less the utility alone, mean over players. */
  meanGain: z.number(),
  /** Jain's index as the producer defines it, from 1/n to 1; `null` where it is not defined. */
  fairness: z.number().nonnegative().nullable(),
});

/** A mean over seeds with its 95 % interval; `null` ends where there was one seed. */
export const estimateSchema = z.strictObject({
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

/** One method over seeds. `fairness` is over the seeds that had one, `null` where none had. */
export const methodEstimatesSchema = z.strictObject({
  name: methodSchema,
  coalitions: estimateSchema,
  sum: estimateSchema,
  minimum: estimateSchema,
  meanGain: estimateSchema,
  fairness: estimateSchema.nullable(),
});

/** Scenarios that differ in their seed only, the same ones for every method. */
export const overSeedsSchema = z.strictObject({
  seeds: z.int().positive(),
  rows: z.array(methodEstimatesSchema),
});

/** One parameter moved while all others stay. */
export const sweepSchema = z.strictObject({
  parameter: z.strictObject({
    /** As the configuration names it, and as a reader would: "synergy exponent". */
    name: text,
    label: text,
    /** "" for a pure number. */
    unit: z.string(),
  }),
  /** Ascending. */
  points: z.array(overSeedsSchema.extend({ value: z.number() })),
});

export const comparisonSchema = z.strictObject({
  alternatives: z.array(alternativeSchema),
  /** `null` when the run had no seeds beside its own. */
  overSeeds: overSeedsSchema.nullable(),
  sweeps: z.array(sweepSchema),
  /** How fairness is defined, a sentence. */
  fairness: text,
  /** Over which seeds: "1 to 30"; `null` as `overSeeds`. */
  seeds: text.nullable(),
});

export type CoalitionMethod = z.infer<typeof methodSchema>;
export type CoalitionAlternative = Readonly<z.infer<typeof alternativeSchema>>;
export type Estimate = Readonly<z.infer<typeof estimateSchema>>;
export type MethodEstimates = Readonly<z.infer<typeof methodEstimatesSchema>>;
export type OverSeeds = Readonly<z.infer<typeof overSeedsSchema>>;
export type CoalitionSweep = Readonly<z.infer<typeof sweepSchema>>;
export type MethodFigure = "coalitions" | "sum" | "minimum" | "meanGain" | "fairness";
