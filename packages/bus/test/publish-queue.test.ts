import { createRandom, createVirtualClock } from "@sheaf/base";
import { describe, expect, test } from "vitest";
import { BUS_LIMITS, createPublishQueue, type Transmit } from "../src/publish-queue.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the queue of publications", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "[BUS.1] keeps its bounds and order over lost connections (seed %d)",
    async (seed) => {
      const random = createRandom(seed);
      const limits = { ...BUS_LIMITS, inFlight: 5, inFlightBytes: 300 };
      const queue = createPublishQueue(limits, createVirtualClock());
      /** What the broker took over, in order; what it acknowledges may be lost on the way back. */
      const taken: number[] = [];
      let waiting: { bytes: number; settle: (outcome: "acknowledged" | "connection-lost") => void }[] = [];
      const connect = (): Transmit => (_topic, payload) =>
        new Promise((resolve) => {
          taken.push(payload[0] ?? -1);
          waiting.push({ bytes: payload.length, settle: resolve });
        });
      queue.attach(connect());
      let settled = 0;
      for (let id = 0; id < 100; id++) {
        const payload = new Uint8Array(1 + random.int(150)).fill(id);
        void queue.publish("t", payload).then(() => settled++);
        const bytes = waiting.map((each) => each.bytes);
        const sum = bytes.reduce((total, each) => total + each, 0);
        expect(waiting.length).toBeLessThanOrEqual(5);
        expect(sum - (bytes.at(-1) ?? 0)).toBeLessThan(300);
        if (random.chance(0.1)) {
          for (const { settle } of waiting.splice(0)) settle("connection-lost");
          queue.attach(undefined);
          if (random.chance(0.5)) await turn();
          waiting = [];
          queue.attach(connect());
        } else if (random.chance(0.5)) {
          waiting.shift()?.settle("acknowledged");
          await turn();
        }
      }
      while (settled < 100) {
        waiting.shift()?.settle("acknowledged");
        await turn();
      }
      expect(new Set(taken).size).toBe(100);
      // First takeovers are in order: a repeat never lets a later one overtake.
      expect(taken.filter((id, at) => taken.indexOf(id) === at)).toEqual(
        Array.from({ length: 100 }, (_, id) => id),
      );
    },
  );
});
