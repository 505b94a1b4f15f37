import { z } from "zod";
import { count } from "../training/scalars.ts";

/** Players by their index in the record, ascending and distinct. */
export const membersSchema = z.array(count).min(1);

/** Disjoint coalitions, ordered by their first member. It need not cover every player. */
export const partitionSchema = z.array(membersSchema);

/** A number for each player of a list, in the order of that list. */
export const figuresSchema = z.array(z.number());

/**
 * Coalitions in the place of others, and what that does to the utilities of `players`, in the model's unit: a merge,
 * a split, or the move that a negative verdict on stability rests on.
 */
export const changeSchema = z.strictObject({
  before: partitionSchema,
  after: partitionSchema,
  /** Whose utilities follow, ascending. Of a merge and a split everybody in `before`. */
  players: membersSchema,
  utilitiesBefore: figuresSchema,
  utilitiesAfter: figuresSchema,
});

export type Coalition = readonly number[];
export type CoalitionPartition = readonly Coalition[];
export type CoalitionChange = Readonly<z.infer<typeof changeSchema>>;

/** A collection of coalitions as a text that two equal ones share, whatever their order. */
export function partitionKey(partition: CoalitionPartition): string {
  return partition
    .map((members) => members.join(","))
    .sort()
    .join(" ");
}
