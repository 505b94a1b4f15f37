import type { Clock, Millis } from "@sheaf/base";

const firstBackoffMs: Millis = 50;
const longestBackoffMs: Millis = 1_000;

/**
 * Lanes of which the network refused a transaction for the moment. What follows in such a lane waits
 * here, in order, so that no validator fills up with transactions behind a gap. The first ones are
 * tried again after a pause; as long as they are taken, twice as many follow each time.
 */
export interface HeldLanes {
  /** Keeps a transaction if its lane is held; `false` when the lane is free. */
  keep(lane: number, row: number): boolean;
  /** Puts a refused transaction in front of what waits, and holds its lane. */
  refused(lane: number, row: number): void;
  /** A transaction of the lane was answered otherwise. */
  passed(lane: number, row: number): void;
  /** Sends again what is due. */
  retryDue(): void;
  isHeld(lane: number): boolean;
}

interface Hold {
  /** Ascending, those under way not included. */
  waiting: number[];
  readonly underWay: Set<number>;
  burst: number;
  refusals: number;
  failed: boolean;
  dueMs: Millis;
}

/** `send` hands a transaction to the lane's entry point. */
export function createHeldLanes(clock: Clock, send: (row: number) => void): HeldLanes {
  const holds = new Map<number, Hold>();

  function launch(hold: Hold): void {
    hold.failed = false;
    for (const row of hold.waiting.splice(0, hold.burst)) {
      hold.underWay.add(row);
      send(row);
    }
  }

  function settle(lane: number, hold: Hold): void {
    if (hold.underWay.size > 0) return;
    if (hold.failed) {
      hold.burst = Math.max(1, hold.burst >> 1);
      hold.dueMs =
        clock.now() + Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(10, hold.refusals++));
    } else if (hold.waiting.length === 0) {
      holds.delete(lane);
    } else {
      hold.refusals = 0;
      hold.burst *= 2;
      launch(hold);
    }
  }

  return {
    keep(lane, row) {
      const hold = holds.get(lane);
      hold?.waiting.push(row);
      return hold !== undefined;
    },
    refused(lane, row) {
      let hold = holds.get(lane);
      if (hold === undefined) {
        hold = { waiting: [], underWay: new Set(), burst: 1, refusals: 0, failed: true, dueMs: 0 };
        holds.set(lane, hold);
      }
      hold.underWay.delete(row);
      hold.failed = true;
      const at = hold.waiting.findIndex((other) => other > row);
      hold.waiting.splice(at < 0 ? hold.waiting.length : at, 0, row);
      settle(lane, hold);
    },
    passed(lane, row) {
      const hold = holds.get(lane);
      if (hold?.underWay.delete(row)) settle(lane, hold);
    },
    retryDue() {
      const now = clock.now();
      for (const hold of holds.values()) {
        if (hold.underWay.size === 0 && hold.dueMs <= now) launch(hold);
      }
    },
    isHeld: (lane) => holds.has(lane),
  };
}
