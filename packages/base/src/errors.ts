/** What every error of Sheaf carries: a stable code and the fields that explain it. */
export interface ErrorDetail {
  readonly code: string;
}

/**
 * The one error class. Each package declares the union of details it may raise, as
 * `{code: "...", ...fields}`, and tests assert the code, never the text.
 *
 * `advice` is one sentence that tells the user what to do about it.
 */
export class CodedError<D extends ErrorDetail = ErrorDetail> extends Error {
  readonly detail: D;
  readonly advice: string | undefined;

  constructor(
    message: string,
    detail: D,
    options: { readonly advice?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "CodedError";
    this.detail = detail;
    this.advice = options.advice;
  }

  get code(): D["code"] {
    return this.detail.code;
  }
}

/** Errors that any package may raise. */
export type BaseErrorDetail =
  /** Input that a person wrote and can mend: a file, a flag, a field. `at` names the place. */
  | { readonly code: "INVALID_INPUT"; readonly at: string }
  /** A phase did not end before its deadline. */
  | { readonly code: "DEADLINE"; readonly phase: string; readonly limitMs: number }
  /** A state that the program's own logic excludes: a defect of Sheaf. */
  | { readonly code: "INVARIANT"; readonly what: string };

/** Bad input at `at` (a file, a flag, a field): the CLI prints one line and exits with 2. */
export function invalidInput(at: string, problem: string, advice?: string): CodedError<BaseErrorDetail> {
  return new CodedError(
    `${at}: ${problem}`,
    { code: "INVALID_INPUT", at },
    advice === undefined ? {} : { advice },
  );
}

/** Raises `INVARIANT` unless `condition` holds. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new CodedError(`defect: ${what}`, { code: "INVARIANT", what });
}

/** The code of an error of Sheaf, of Node (`ENOSPC`), or `undefined`. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof CodedError) return error.code;
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return undefined;
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
