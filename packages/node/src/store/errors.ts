import { CodedError, errorMessage } from "@sheaf/base";

export type StoreErrorDetail =
  /** The disk or the database refused to read or write: full, gone, not permitted. */
  | { readonly code: "STORAGE_FAILED"; readonly at: string; readonly action: "open" | "read" | "write" }
  /** The data does not hold together: cut off, overwritten. */
  | { readonly code: "STORE_CORRUPT"; readonly at: string }
  /** The data was written by another version of the program. */
  | { readonly code: "STORE_SCHEMA"; readonly at: string; readonly found: number; readonly supported: number }
  /** The data belongs to a chain of another genesis [STATE.1]. */
  | { readonly code: "WRONG_CHAIN"; readonly at: string; readonly expected: string; readonly found: string };

export function storageFailed(at: string, action: "open" | "read" | "write", cause: unknown): CodedError {
  const detail: StoreErrorDetail = { code: "STORAGE_FAILED", at, action };
  const advice =
    "Check that the disk has space and can be written, then start again: nothing committed is lost.";
  return new CodedError(`${at}: cannot ${action}: ${errorMessage(cause)}`, detail, { advice, cause });
}

export function storeCorrupt(at: string, what: string, cause?: unknown): CodedError {
  const detail: StoreErrorDetail = { code: "STORE_CORRUPT", at };
  const advice = "Remove the data directory and let the validator fetch the chain from its peers.";
  return new CodedError(`${at}: ${what}`, detail, cause === undefined ? { advice } : { advice, cause });
}

export function storeSchema(at: string, found: number, supported: number): CodedError {
  const detail: StoreErrorDetail = { code: "STORE_SCHEMA", at, found, supported };
  const advice = "Use the program version that wrote it, or another data directory.";
  return new CodedError(`${at}: data of schema ${found}, this program reads ${supported}`, detail, {
    advice,
  });
}

export function wrongChain(at: string, expected: string, found: string): CodedError {
  const detail: StoreErrorDetail = { code: "WRONG_CHAIN", at, expected, found };
  const advice = "Use the genesis that the data was made with, or another data directory.";
  return new CodedError(`${at}: holds the chain ${found}, not ${expected}`, detail, { advice });
}
