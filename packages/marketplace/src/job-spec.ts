import { type Hex, invalidInput } from "@sheaf/base";
import {
  aggregationRuleSchema,
  convergenceSchema,
  modelSpecSchema,
  optimiserSchema,
  scheduleSchema,
  taskSchema,
} from "@sheaf/federated";
import { z } from "zod";
import { checkCombinations } from "./job-spec-combinations.ts";

/** The market's bound on a specification. */
export const MAX_SPEC_BYTES = 24 * 1024;

const phase = z.int().min(10).max(86_400_000);

const secaggSchema = z.strictObject({
  /** Share of a neighbourhood that must stay for the sum to open: above one half, since two disjoint openings must be impossible. */
  threshold: z
    .number()
    .gt(0.5)
    .max(1)
    .default(2 / 3),
  neighbours: z.union([z.int().min(3).max(255), z.literal("all")]).default("all"),
  /** Members of a group, drawn anew each round; groups have from this many to twice as many less one. */
  groupSize: z.union([z.int().min(3).max(256), z.literal("cohort")]).default("cohort"),
  /** Bits of a quantised coordinate, sign included. */
  bits: z.int().min(8).max(24).default(16),
  /** Coordinates of an update are clipped to plus and minus this. */
  clip: z.number().positive().max(1e6).default(1),
});

const dpSchema = z.strictObject({
  /** L2 norm that a whole update is clipped to. */
  clip: z.number().positive().max(1e6),
  /** Standard deviation of the noise on a sum, in clips. */
  noiseMultiplier: z.number().positive().max(1000),
  delta: z.number().gt(0).lt(1),
  /** Training ends before an owner's epsilon in this job passes this. */
  epsilonBudget: z.number().positive(),
  /** Who adds it: the analyst, once to the sum, or every owner its share before it sends. */
  noise: z.enum(["central", "distributed"]),
});

const paillierSchema = z.strictObject({
  keyBits: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]),
  /** The consumer's public modulus. */
  n: z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{2,1024}$/)]) as z.ZodType<Hex>,
  bits: z.int().min(8).max(24).default(16),
  clip: z.number().positive().max(1e6).default(1),
});

export const jobSpecSchema = z
  .strictObject({
    version: z.literal(1),
    title: z.string().min(1).max(200),
    task: taskSchema,
    /** Of one sample. */
    shape: z.array(z.int().min(1).max(1_000_000)).min(1).max(3),
    model: modelSpecSchema,
    training: z.strictObject({
      optimiser: optimiserSchema,
      rounds: z.int().min(1).max(65_535),
      /** Owners asked in a round; in dp modes the expected number, as each is drawn by itself. */
      cohort: z.union([z.int().min(3).max(256), z.literal("all")]),
      localEpochs: z.int().min(1).max(1000),
      batchSize: z.int().min(1).max(65_536),
      learningRate: scheduleSchema,
      convergence: convergenceSchema,
      /** No owner's update counts for more samples than this. */
      maxWeight: z.int().min(1).max(65_536).default(1024),
    }),
    privacy: z.strictObject({
      mode: z.enum(["none", "secagg", "dp", "secagg+dp", "paillier"]),
      secagg: secaggSchema.optional(),
      dp: dpSchema.optional(),
      paillier: paillierSchema.optional(),
    }),
    aggregation: aggregationRuleSchema,
    contribution: z.strictObject({
      method: z.enum(["participation", "leave-one-out", "shapley", "truncated-monte-carlo", "gtg"]),
      permutations: z.int().min(1).max(10_000).optional(),
    }),
    /** What the consumer expects on its own test set: it judges this at acceptance; no arbiter does. */
    quality: z
      .strictObject({
        minAccuracy: z.number().min(0).max(1).optional(),
        maxLoss: z.number().min(0).optional(),
        maxRmse: z.number().min(0).optional(),
      })
      .optional(),
    /** How long the analyst waits in each phase of a round; real time on both sides. */
    phaseMs: z.strictObject({ keys: phase, shares: phase, train: phase, confirm: phase, unmask: phase }),
    seed: z.string().min(1).max(128),
  })
  .superRefine((spec, context) => {
    for (const { path, message } of checkCombinations(spec)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

/** What a consumer asks for, on chain as JSON: the whole training, down to the seed. */
export type JobSpec = Readonly<z.output<typeof jobSpecSchema>>;
/** As a person writes it, before defaults. */
export type JobSpecInput = z.input<typeof jobSpecSchema>;

/**
 * A checked specification with every default filled in [AGENT.2]. Raises `INVALID_INPUT` naming the field;
 * `at` is the file or the place it came from.
 */
export function parseJobSpec(value: unknown, at = "job specification"): JobSpec {
  const parsed = jobSpecSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw invalidInput(field === "" ? at : `${at}: ${field}`, issue?.message ?? "not a job specification");
}

/** The specification in the text that stands on chain, or `undefined` when it is none [AGENT.2]. */
export function jobSpecOnChain(text: string): JobSpec | undefined {
  try {
    return parseJobSpec(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The text that goes on chain. Raises `INVALID_INPUT` above `MAX_SPEC_BYTES`. */
export function encodeJobSpec(spec: JobSpec): string {
  const text = JSON.stringify(spec);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_SPEC_BYTES) {
    throw invalidInput(
      "job specification",
      `${bytes} bytes, at most ${MAX_SPEC_BYTES}`,
      "use a smaller model topology",
    );
  }
  return text;
}
