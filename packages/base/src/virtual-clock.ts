import type { Cancel, Clock } from "./clock.ts";
import type { Millis } from "./units.ts";

/** A clock that moves only when told: actions run in order of time, then of scheduling. */
export interface VirtualClock extends Clock {
  /** Runs the next action, moving time to it; `false` when nothing is scheduled. */
  runNext(): boolean;
  /** Runs everything due until `untilMs` (or nothing is left), then stands at `untilMs`. */
  runUntil(untilMs: Millis): void;
  /** How many actions wait. */
  readonly pending: number;
}

interface Entry {
  readonly at: Millis;
  readonly order: number;
  action: (() => void) | undefined;
}

/** A virtual clock that starts at `startMs`. Cancelled entries are dropped when they come up. */
export function createVirtualClock(startMs: Millis = 0): VirtualClock {
  const heap: Entry[] = [];
  let now = startMs;
  let order = 0;
  let live = 0;

  const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

  function push(entry: Entry): void {
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  function pop(): Entry | undefined {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && before(heap[right] as Entry, heap[left] as Entry) ? right : left;
      if (!before(heap[child] as Entry, last)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = last;
    return top;
  }

  function runNext(limitMs: Millis): boolean {
    for (;;) {
      const head = heap[0];
      if (head === undefined) return false;
      if (head.action !== undefined && head.at > limitMs) return false;
      pop();
      if (head.action === undefined) continue;
      now = Math.max(now, head.at);
      live -= 1;
      const action = head.action;
      head.action = undefined;
      action();
      return true;
    }
  }

  return {
    now: () => now,
    wallMs: () => now,
    schedule(delayMs: Millis, action: () => void): Cancel {
      const entry: Entry = { at: now + Math.max(0, delayMs), order: order++, action };
      live += 1;
      push(entry);
      return () => {
        if (entry.action === undefined) return;
        entry.action = undefined;
        live -= 1;
      };
    },
    runNext: () => runNext(Number.POSITIVE_INFINITY),
    runUntil(untilMs) {
      while (runNext(untilMs)) {
        // each call runs one action
      }
      now = Math.max(now, untilMs);
    },
    get pending() {
      return live;
    },
  };
}
