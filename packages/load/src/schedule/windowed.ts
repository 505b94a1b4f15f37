import type { Clock } from "@sheaf/base";
import type { Schedule, ScheduleSink } from "./schedule.ts";

/**
 * Keeps a fixed number of transactions in flight on each chain. The total window is the same for
 * every arm: it is divided evenly over the loaded chains, the remainder going to the first ones.
 */
export function createWindowed(
  options: {
    readonly window: number;
    /** Loaded chains. */
    readonly chains: readonly number[];
    /** Chain of each transaction. */
    readonly chainOf: Uint16Array;
    readonly count: number;
    readonly clock: Clock;
  },
  sink: ScheduleSink,
): Schedule {
  const { chains, chainOf, count, clock } = options;
  const queues = new Map(chains.map((chain) => [chain, { next: 0, inFlight: 0, window: 0 }]));
  [...queues.values()].forEach((queue, i) => {
    queue.window = Math.floor(options.window / chains.length) + (i < options.window % chains.length ? 1 : 0);
  });
  let submitted = 0;
  let stopped = false;

  function fill(chain: number): void {
    const queue = queues.get(chain);
    if (queue === undefined || stopped) return;
    const now = clock.now();
    while (queue.inFlight < queue.window) {
      while (queue.next < count && chainOf[queue.next] !== chain) queue.next++;
      if (queue.next >= count) break;
      queue.inFlight++;
      submitted++;
      sink.submit(queue.next++, now);
    }
    sink.flush();
  }

  return {
    start() {
      for (const chain of chains) fill(chain);
    },
    settled(chain, ended) {
      const queue = queues.get(chain);
      if (queue === undefined) return;
      queue.inFlight -= ended;
      fill(chain);
    },
    stop() {
      stopped = true;
    },
    get finished() {
      return submitted >= count;
    },
  };
}
