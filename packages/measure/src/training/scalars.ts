import { z } from "zod";

/** Building stones of the training record's schema. */
export const count = z.int().nonnegative();
export const text = z.string().min(1);
/** Milliseconds, or a length of time in them; fractions allowed. */
export const ms = z.number().nonnegative();
/** Money: a decimal string of whole smallest units, so that no digit is lost. */
export const amount = z.string().regex(/^(0|[1-9]\d*)$/, "must be a whole number as a string");
/** 32 bytes: a digest, a transaction's hash. */
export const digest = z.string().regex(/^0x[0-9a-f]{64}$/, "must be 32 bytes as lower-case hex");
/** An account. */
export const address = z.string().regex(/^0x[0-9a-f]{40}$/, "must be an address as lower-case hex");
/** The name of an agent of the record. */
export const agentName = text;

/** A transaction that is in a block. */
export const transactionSchema = z.strictObject({
  hash: digest,
  block: count,
  gasUsed: count.nullable(),
});

/** How good a model is on some data. A classification has an accuracy (0 to 1), a regression an error. */
export const evaluationSchema = z.strictObject({
  loss: z.number(),
  accuracy: z.number().min(0).max(1).nullable(),
  /** Root of the mean squared error, in the unit of the target. */
  rmse: z.number().nonnegative().nullable(),
});

export type TransactionRef = Readonly<z.infer<typeof transactionSchema>>;
export type ModelEvaluation = Readonly<z.infer<typeof evaluationSchema>>;
