import { invalidInput } from "@sheaf/base";
import type { z } from "zod";

/** A place in a record and what is wrong there. */
export interface RecordIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * The record in `value` (parsed JSON) if it is as `schema` says and `findIssue` finds nothing.
 *
 * @throws CodedError `INVALID_INPUT` at `at`, with the first field that does not fit.
 */
export function parseRecord<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: string,
  findIssue: (record: T) => RecordIssue | undefined = () => undefined,
): T {
  const parsed = schema.safeParse(value);
  const issue = parsed.success ? findIssue(parsed.data) : parsed.error.issues[0];
  if (parsed.success && issue === undefined) return parsed.data;
  const path = issue === undefined || issue.path.length === 0 ? "the record" : issue.path.join(".");
  const message = issue?.message ?? "does not fit";
  throw invalidInput(at, `${path}: ${message}`, "Make the run again with this version.");
}
