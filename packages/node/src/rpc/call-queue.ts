import { type Clock, errorCode, type Millis, withDeadline } from "@sheaf/base";
import { RPC_ERROR } from "@sheaf/protocol";
import { rpcFault, serverFault } from "./rpc-fault.ts";

/** Lets few EVM calls of clients run at once, and few wait: blocks come first [RPC.6]. */
export interface CallQueue {
  /**
   * Runs `work` when its turn comes. Raises `RPC_FAULT` when too many wait, or when it did not end in
   * time; what runs then still holds its place until it ends, which its gas limit bounds.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

const MAX_RUNNING = 4;
const MAX_WAITING = 256;
const TIMEOUT_MS: Millis = 5_000;

export function createCallQueue(clock: Clock): CallQueue {
  const waiting: (() => void)[] = [];
  let running = 0;

  /** Hands the place on to whoever waits longest. */
  function release(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  async function runInTurn<T>(work: () => Promise<T>, givenUp: () => boolean): Promise<T> {
    if (running < MAX_RUNNING) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      if (givenUp()) throw serverFault(TIMED_OUT);
      return await work();
    } finally {
      release();
    }
  }

  return {
    async run(work) {
      if (waiting.length >= MAX_WAITING) throw rpcFault(RPC_ERROR.limitExceeded, "too many calls wait");
      let givenUp = false;
      try {
        return await withDeadline(
          "call",
          TIMEOUT_MS,
          runInTurn(work, () => givenUp),
          clock,
        );
      } catch (error) {
        if (errorCode(error) !== "DEADLINE") throw error;
        givenUp = true;
        throw serverFault(TIMED_OUT);
      }
    },
  };
}

const TIMED_OUT = `execution aborted (timeout = ${TIMEOUT_MS / 1_000}s)`;
