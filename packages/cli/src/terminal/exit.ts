import { CodedError, errorCode, errorMessage } from "@sheaf/base";

/** How the command ends. */
export const EXIT = {
  ok: 0,
  /** Sheaf itself, or a network under test, failed. */
  failure: 1,
  /** Something that the user wrote or that the machine lacks: one line says what to do. */
  badInput: 2,
  /** The run finished and is invalid: its figures must not be used as they are. */
  invalidRun: 3,
  /** Ended by Ctrl-C (128 + SIGINT). */
  interrupted: 130,
} as const;

// Conditions of the machine, as Node names them: not defects of Sheaf, and a person can mend them.
const MACHINE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and run again",
  EACCES: "permission denied; choose a folder that you may write to",
  EPERM: "not permitted; choose a folder that you may write to",
  EROFS: "the file system is read-only; choose another folder with --out",
  ENOENT: "no such file or folder; check the path",
  EISDIR: "this is a folder, not a file; check the path",
  ENOTDIR: "a part of the path is a file, not a folder; check the path",
  EADDRINUSE: "the port is taken; end the program that holds it or choose another port",
  EMFILE: "too many open files; raise the limit with ulimit -n",
};

// Codes of ours that say: the user, not the program, has something to mend.
const MENDABLE = new Set([
  "INVALID_INPUT",
  "RPC_UNREACHABLE",
  "RPC_MALFORMED",
  "RUN_UNREADABLE",
  "REPORT_WRITE_FAILED",
]);

/** The line for a person and the exit code of anything thrown. */
export function describeFailure(error: unknown): { readonly line: string; readonly exitCode: number } {
  const code = errorCode(error);
  const machine = code === undefined ? undefined : MACHINE[code];
  const message = firstLine(errorMessage(error));
  if (machine !== undefined) return { line: `${message}: ${machine}`, exitCode: EXIT.badInput };
  if (!(error instanceof CodedError)) return { line: message, exitCode: EXIT.failure };
  const line = error.advice === undefined ? message : `${message}: ${error.advice}`;
  return { line, exitCode: MENDABLE.has(error.code) ? EXIT.badInput : EXIT.failure };
}

/** Messages quote what files hold: what would move a terminal's cursor is shown as a blank. */
function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? text).replace(/\p{Cc}/gu, " ");
}
