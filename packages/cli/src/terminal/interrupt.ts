import { CodedError } from "@sheaf/base";

/** Ends the work in hand in an orderly way when the user asks for it. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

export type InterruptErrorDetail = { readonly code: "INTERRUPTED" };

/**
 * The first Ctrl-C (or SIGTERM, SIGHUP) aborts `signal`: the run tears its networks down and writes what it
 * measured. The second ends the process at once; validators die with it.
 */
export function listenForInterrupt(note: (line: string) => void): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    note(
      "stopping: networks are torn down and what was measured is written; press Ctrl-C again to end at once",
    );
    controller.abort(new CodedError("interrupted", { code: "INTERRUPTED" } satisfies InterruptErrorDetail));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
