import type { Clock, Millis } from "@sheaf/base";
import type { Mempool } from "../ports.ts";

/** Since when transactions have been waiting for a block, on the wall clock; `undefined` when none do. */
export type WaitingSince = () => Millis | undefined;

export function createWaitingSince(mempool: Pick<Mempool, "size" | "onReady">, clock: Clock): WaitingSince {
  let sinceMs: Millis | undefined;
  const waitingSince: WaitingSince = () => {
    if (mempool.size.pending === 0) sinceMs = undefined;
    else sinceMs ??= clock.wallMs();
    return sinceMs;
  };
  mempool.onReady(() => void waitingSince());
  return waitingSince;
}
