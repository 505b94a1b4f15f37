import { type BaseErrorDetail, type CodedError, invalidInput } from "@sheaf/base";
import type { z } from "zod";

/** `INVALID_INPUT` for the first field of the file `at` that its schema refuses. */
export function invalidField(error: z.ZodError, at: string): CodedError<BaseErrorDetail> {
  const [issue] = error.issues;
  const field = issue?.path.join(".") ?? "";
  const reason = issue?.code === "invalid_key" ? issue.issues[0] : issue;
  return invalidInput(field === "" ? at : `${at}: ${field}`, reason?.message ?? "does not fit its schema");
}
