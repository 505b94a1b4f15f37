import { CodedError, errorCode, invalidInput } from "@sheaf/base";

/** Errors of the launcher, beside `INVALID_INPUT` and `DEADLINE`. */
export type LauncherErrorDetail =
  /** A validator ended while the network started or was restarted. */
  | {
      readonly code: "VALIDATOR_FAILED";
      readonly chain: string;
      readonly index: number;
      /** Exit code (`NODE_EXIT`), or null when a signal ended it. */
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** Last lines of its log. */
      readonly logTail: readonly string[];
    }
  /** The validators run but did not all connect, or stand at different heights, when time was over. */
  | { readonly code: "NETWORK_NOT_READY"; readonly waitingFor: string; readonly limitMs: number }
  /** Processes outlived SIGKILL: they hang in the kernel. */
  | { readonly code: "PROCESS_SURVIVED"; readonly pids: readonly number[] }
  /** The caller asked to stop before the network was up. */
  | { readonly code: "ABORTED" };

const FILE_PROBLEMS: Readonly<Record<string, readonly [problem: string, advice: string]>> = {
  EACCES: ["cannot be written (no permission)", "choose a folder that you may write to"],
  EPERM: ["cannot be written (no permission)", "choose a folder that you may write to"],
  EROFS: ["cannot be written (read-only file system)", "choose a folder on another file system"],
  ENOTDIR: ["cannot be made (a part of the path is a file)", "choose another folder"],
  EEXIST: ["is a file, not a folder", "choose another folder"],
  ENOENT: ["cannot be made (no such folder)", "choose another folder"],
  ENOSPC: ["cannot be written (disk full)", "free some space, or choose a folder on another disk"],
};

/** `INVALID_INPUT` for a folder that the system refuses; other errors as they are. */
export function folderError(folder: string, error: unknown): unknown {
  const known = FILE_PROBLEMS[errorCode(error) ?? ""];
  return known === undefined || error instanceof CodedError ? error : invalidInput(folder, ...known);
}

export function abortedError(): CodedError<LauncherErrorDetail> {
  return new CodedError("stopped before the network was up", { code: "ABORTED" });
}
