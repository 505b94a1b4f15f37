import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, errorMessage, invalidInput } from "@sheaf/base";
import { coalitionRunSchemaName, trainingSchemaName } from "@sheaf/measure";
import { runFiles } from "./run-files.ts";
import type { ReportErrorDetail } from "./write-file.ts";

/**
 * What `run.json` of a folder holds, not checked yet.
 *
 * @throws CodedError `RUN_UNREADABLE` when it is missing, `INVALID_INPUT` when it is not JSON.
 */
export async function readRecord(dir: string): Promise<unknown> {
  const file = join(dir, runFiles.record);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const detail: ReportErrorDetail = { code: "RUN_UNREADABLE", file };
    throw new CodedError(`${file}: ${errorMessage(error)}`, detail, {
      advice: "Name the folder of a run, as `bench` printed it.",
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput(file, `not JSON (${errorMessage(error)})`, "Make the run again.");
  }
}

/** What kind of run a record says of itself that it is of; all that is neither is a load run's. */
export function kindOf(record: unknown): "training" | "coalition" | "load" {
  const schema = typeof record === "object" && record !== null && "schema" in record ? record.schema : null;
  if (schema === trainingSchemaName) return "training";
  return schema === coalitionRunSchemaName ? "coalition" : "load";
}
