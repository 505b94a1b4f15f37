import type { Clock, Millis } from "@sheaf/base";

/** How far the transactions of a run have come towards their ends. */
export interface Settlement {
  /** These transactions of a chain free their window slots, or have ended: on all validators, or refused. */
  mark(
    rows: Iterable<number>,
    chain: number,
    what: { readonly freesSlot: boolean; readonly ends: boolean },
  ): void;
  /** Transactions that have ended. */
  readonly ended: number;
  /** The clock's time of the last mark. */
  readonly lastEventMs: Millis;
}

const slotFree = 1;
const hasEnded = 2;

/** Counts each transaction once, however often it is marked. `onFreed` hears of slots that became free. */
export function createSettlement(
  transactions: number,
  clock: Clock,
  onFreed: (chain: number, slots: number) => void,
): Settlement {
  const state = new Uint8Array(transactions);
  let ended = 0;
  let lastEventMs = clock.now();

  /** Sets a flag; tells whether it was not set before. */
  function set(row: number, flag: number): boolean {
    const before = state[row] as number;
    state[row] = before | flag;
    return (before & flag) === 0;
  }

  return {
    mark(rows, chain, { freesSlot, ends }) {
      let freed = 0;
      for (const row of rows) {
        if (freesSlot && set(row, slotFree)) freed++;
        if (ends && set(row, hasEnded)) ended++;
      }
      lastEventMs = clock.now();
      if (freed > 0) onFreed(chain, freed);
    },
    get ended() {
      return ended;
    },
    get lastEventMs() {
      return lastEventMs;
    },
  };
}
