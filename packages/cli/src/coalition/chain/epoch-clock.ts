import { CodedError, type Millis, sleep } from "@sheaf/base";
import type { CoalitionsClient } from "./coalitions-client.ts";

/** The chain stands still. */
export type EpochErrorDetail = { readonly code: "CHAIN_STALLED"; readonly height: number };

/** Tells heights and epochs: epoch k has blocks k * blocks + 1 to (k + 1) * blocks. */
export interface EpochClock {
  readonly blocks: number;
  /** The newest height that was seen. */
  readonly height: number;
  /** The epoch that the next transaction will be in, unless it waits for more than a block. */
  epoch(): number;
  /** Blocks of that epoch that are still to come. */
  left(): number;
  /** Returns when the chain has this height. Raises `CHAIN_STALLED`, and what `signal` says when it is raised. */
  reach(height: number): Promise<void>;
  /** Returns when the epoch's first block is there. */
  begin(epoch: number): Promise<void>;
  /** Is told of each new height that is seen, in place of whoever was before. */
  onHeight: (height: number) => void;
}

const POLL_MS: Millis = 80;

export function createEpochClock(
  client: Pick<CoalitionsClient, "head">,
  blocks: number,
  { stallMs, signal }: { readonly stallMs: Millis; readonly signal: AbortSignal },
): EpochClock {
  let height = 0;

  async function reach(wanted: number): Promise<void> {
    let lastMs = performance.now();
    while (height < wanted) {
      signal.throwIfAborted();
      const head = await client.head();
      if (head > height) {
        height = head;
        lastMs = performance.now();
        clock.onHeight(height);
      }
      if (height >= wanted) return;
      if (performance.now() - lastMs > stallMs) {
        throw new CodedError(
          `no block after ${height} for ${Math.round(stallMs / 1000)} s`,
          { code: "CHAIN_STALLED", height },
          { advice: "read the validators' logs" },
        );
      }
      await sleep(POLL_MS);
    }
  }

  const clock: EpochClock = {
    blocks,
    get height() {
      return height;
    },
    epoch: () => Math.floor(height / blocks),
    left: () => blocks - (height % blocks),
    reach,
    begin: (epoch) => reach(epoch * blocks + 1),
    onHeight: () => {},
  };
  return clock;
}
