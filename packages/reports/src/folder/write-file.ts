import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CodedError, errorCode, errorMessage } from "@sheaf/base";

/** Errors of this package. */
export type ReportErrorDetail =
  /** `file` could not be written; `cause` is the system's code (`ENOSPC`, `EACCES`) or `UNKNOWN`. */
  | { readonly code: "REPORT_WRITE_FAILED"; readonly file: string; readonly cause: string }
  /** `file` of a run's folder is missing or unreadable. */
  | { readonly code: "RUN_UNREADABLE"; readonly file: string };

/**
 * Lets `write` fill a temporary file beside `file` and renames it: a reader sees the old file or the
 * new one, never a part.
 *
 * @throws CodedError `REPORT_WRITE_FAILED`
 */
export async function writeAtomically(
  file: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await write(temporary);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeFailed(file, error);
  }
}

/** Writes text or bytes atomically. */
export function writeFileAtomically(file: string, content: string | Uint8Array): Promise<void> {
  return writeAtomically(file, (temporary) => writeFile(temporary, content));
}

function writeFailed(file: string, error: unknown): CodedError<ReportErrorDetail> {
  const cause = systemCode(error);
  const detail: ReportErrorDetail = { code: "REPORT_WRITE_FAILED", file, cause };
  const full = cause === "ENOSPC" || cause === "EDQUOT";
  return new CodedError(
    full ? `${file}: no space left on the disk` : `${file}: cannot be written (${errorMessage(error)})`,
    detail,
    {
      advice: full
        ? "Free some space, or choose another disk with --out."
        : "Choose another folder with --out.",
      cause: error,
    },
  );
}

/** DuckDB gives no code: it names the system's error in its message. */
function systemCode(error: unknown): string {
  if (/no space left on device/i.test(errorMessage(error))) return "ENOSPC";
  return errorCode(error) ?? "UNKNOWN";
}
