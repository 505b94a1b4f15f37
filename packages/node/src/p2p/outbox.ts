import type { Cancel, Clock, Millis } from "@sheaf/base";
import type { LinkModel } from "./link.ts";
import type { SendQueue } from "./send-queue.ts";

/** Where frames go at last: the socket. */
export interface FrameSink {
  write(frame: Uint8Array): void;
  /** Whether so much waits in the socket already that frames are better kept in the queue, where they have priorities. */
  readonly congested: boolean;
}

/** Moves frames from the queue, over the emulated link if there is one, into the socket. */
export interface Outbox {
  /** Sends what can be sent now; called after a push and when the socket has drained. */
  pump(): void;
  /** Since when frames wait for a congested socket; `undefined` when none do. */
  readonly stuckSinceMs: Millis | undefined;
  close(): void;
}

export function createOutbox(
  queue: SendQueue,
  sink: FrameSink,
  link: LinkModel | undefined,
  clock: Clock,
): Outbox {
  let stuckSinceMs: Millis | undefined;

  function nextFrame(): Uint8Array | undefined {
    if (sink.congested) {
      if (queue.bytes > 0) stuckSinceMs ??= clock.now();
      return undefined;
    }
    stuckSinceMs = undefined;
    return queue.shift();
  }

  const line = link === undefined ? undefined : createDelayLine(link, sink, clock, nextFrame);
  return {
    pump() {
      if (line !== undefined) return line.pump();
      for (let frame = nextFrame(); frame !== undefined; frame = nextFrame()) sink.write(frame);
    },
    get stuckSinceMs() {
      return stuckSinceMs;
    },
    close: () => line?.close(),
  };
}

/** Frames under way on an emulated link: they leave the queue when the line is free and arrive when the model says. */
function createDelayLine(
  link: LinkModel,
  sink: FrameSink,
  clock: Clock,
  nextFrame: () => Uint8Array | undefined,
): { pump(): void; close(): void } {
  let underWay: { readonly arrivesAtMs: Millis; readonly frame: Uint8Array }[] = [];
  let cancelArrival: Cancel | undefined;
  let cancelFree: Cancel | undefined;

  function arrive(): void {
    cancelArrival = undefined;
    const now = clock.now();
    let count = 0;
    for (const { arrivesAtMs, frame } of underWay) {
      if (arrivesAtMs > now) break;
      sink.write(frame);
      count += 1;
    }
    underWay = underWay.slice(count);
    awaitArrival();
  }

  function awaitArrival(): void {
    const first = underWay[0];
    if (first === undefined || cancelArrival !== undefined) return;
    cancelArrival = clock.schedule(first.arrivesAtMs - clock.now(), arrive);
  }

  function pump(): void {
    if (cancelFree !== undefined) return;
    for (;;) {
      const now = clock.now();
      if (link.freeAtMs > now) {
        cancelFree = clock.schedule(link.freeAtMs - now, () => {
          cancelFree = undefined;
          pump();
        });
        return;
      }
      const frame = nextFrame();
      if (frame === undefined) return;
      underWay.push({ arrivesAtMs: link.transmit(now, frame.length), frame });
      awaitArrival();
    }
  }

  return {
    pump,
    close() {
      cancelArrival?.();
      cancelFree?.();
      underWay = [];
    },
  };
}
