import { z } from "zod";
import { text } from "../training/scalars.ts";
import { changeSchema } from "./partition.ts";

/**
 * Whether no merge and no split applies to the final partition (D_hp). `stable` is proven; `unstable` has a
 * witness; `not-refuted`: what was searched, and `statement` says what that was, found nothing.
 */
export const dhpSchema = z.strictObject({
  verdict: z.enum(["stable", "unstable", "not-refuted"]),
  /** What was verified, in a sentence. */
  statement: text,
  /** True when every merge and every split was looked at. */
  exact: z.boolean(),
  /** The merge or split that applies; `null` unless unstable. */
  witness: changeSchema.nullable(),
});

/** Another notion of stability. Its witness is the deviation that would be made; `null` unless it fails. */
export const notionSchema = z.strictObject({
  verdict: z.enum(["holds", "fails", "not-checked"]),
  statement: text,
  witness: changeSchema.nullable(),
});

/** What was verified of the final partition, apart from the search that found it. */
export const stabilitySchema = z.strictObject({
  dhp: dhpSchema,
  /** Apt and Witzel's D_c: no collection of disjoint coalitions is better for its players than what they have. */
  dc: notionSchema,
  /** Nobody would rather be in another coalition of the partition, or alone. */
  nash: notionSchema,
  /** Nobody would rather be elsewhere where all are content to let it in. */
  individual: notionSchema,
  /** No set of players would all be better off by themselves. */
  core: notionSchema,
});

export type DhpVerdict = Readonly<z.infer<typeof dhpSchema>>;
export type NotionVerdict = Readonly<z.infer<typeof notionSchema>>;
export type CoalitionStability = Readonly<z.infer<typeof stabilitySchema>>;
