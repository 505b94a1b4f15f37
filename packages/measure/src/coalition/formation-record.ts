import { z } from "zod";
import { count, ms, text } from "../training/scalars.ts";
import { changeSchema, figuresSchema, partitionSchema } from "./partition.ts";

/** One merge or split that was carried out. `sum` and `minimum` are over the utilities of all players after it. */
export const formationStepSchema = changeSchema.extend({
  kind: z.enum(["merge", "split"]),
  sum: z.number(),
  minimum: z.number(),
});

/** How merge and split went from one partition to another. */
export const formationSchema = z.strictObject({
  rules: z.strictObject({
    /** Most coalitions that were tried in one merge: 2 is pairwise; `null`: any number. */
    maxMerge: z.int().min(2).nullable(),
    /** Most coalitions that were tried as the parts of one split; `null`: every partition. */
    maxSplitParts: z.int().min(2).nullable(),
    /** Largest coalition whose splits were searched; `null`: all of them. */
    maxSplitSize: count.nullable(),
  }),
  start: z.strictObject({ partition: partitionSchema, sum: z.number(), minimum: z.number() }),
  /** In the order in which they were carried out. */
  steps: z.array(formationStepSchema),
  final: partitionSchema,
  /** Why it ended, in a few words: "no merge and no split applies", "step limit". */
  stoppedBecause: text,
  /** How often a coalition's utilities were computed. */
  evaluations: count,
  durationMs: ms,
});

/** What each player has, in the order of the players: by itself, and in the final partition. */
export const utilitiesSchema = z.strictObject({ alone: figuresSchema, final: figuresSchema });

export type FormationStep = Readonly<z.infer<typeof formationStepSchema>>;
export type Formation = Readonly<z.infer<typeof formationSchema>>;
