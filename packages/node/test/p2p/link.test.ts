import { createRandom, createVirtualClock } from "@sheaf/base";
import { type Link, linkSchema } from "@sheaf/protocol";
import { describe, expect, it } from "vitest";
import { createLinkModel, type LinkModel } from "../../src/p2p/link.ts";
import { createOutbox } from "../../src/p2p/outbox.ts";
import { createSendQueue } from "../../src/p2p/send-queue.ts";

function model(link: Partial<Link>, seed = "link"): LinkModel {
  const made = createLinkModel(linkSchema.parse(link), createRandom(seed));
  expect(made).toBeDefined();
  return made as LinkModel;
}

function arrivals(link: Partial<Link>, frames: number, seed?: string): number[] {
  const made = model(link, seed);
  return Array.from({ length: frames }, (_, index) => made.transmit(index * 10, 1_000));
}

describe("an emulated link", () => {
  it("is no link at all when nothing is set [LINK.1]", () => {
    expect(createLinkModel(linkSchema.parse({}), createRandom("x"))).toBeUndefined();
  });

  it("delays each frame and keeps their order under jitter [LINK.2]", () => {
    expect(arrivals({ delayMs: 40 }, 3)).toEqual([40, 50, 60]);
    const jittered = arrivals({ delayMs: 40, jitterMs: 30 }, 1_000);
    expect(jittered).toEqual([...jittered].sort((a, b) => a - b));
    expect(new Set(jittered.map((at, index) => Math.round(at - index * 10))).size).toBeGreaterThan(20);
  });

  it("turns a loss into a retransmission, which holds up what follows [LINK.3]", () => {
    const times = arrivals({ delayMs: 25, loss: 0.1 }, 10_000);
    const late = times.map((at, index) => at - index * 10 - 25);
    expect(late.every((ms) => ms >= 0)).toBe(true);
    // A frame is held up by its own loss or by one of the 25 frames of the 250 ms before.
    const heldUp = late.filter((ms) => ms > 0).length / late.length;
    expect(heldUp).toBeGreaterThan(0.85);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const first = model({ delayMs: 25, loss: 0.5 }, "some seed");
    const alone = Array.from(
      { length: 2_000 },
      (_, index) => first.transmit(index * 1e6, 1) - index * 1e6 - 25,
    );
    expect([...new Set(alone.map(Math.round))].sort((a, b) => a - b).slice(0, 4)).toEqual([
      0, 250, 750, 1_750,
    ]);
    expect(alone.filter((ms) => ms > 0).length / alone.length).toBeCloseTo(0.5, 1);
  });

  it("takes as long as its rate says, one frame after another [LINK.4]", () => {
    const made = model({ bandwidthMbps: 8, delayMs: 5 });
    expect(made.transmit(0, 1_000)).toBeCloseTo(6);
    expect(made.transmit(0, 1_000)).toBeCloseTo(7);
    expect(made.freeAtMs).toBeCloseTo(2);
    expect(made.transmit(100, 2_000)).toBeCloseTo(107);
  });

  it("repeats itself for the same seed, and not for another [LINK.5]", () => {
    const link = { delayMs: 20, jitterMs: 5, loss: 0.05 };
    expect(arrivals(link, 500, "a")).toEqual(arrivals(link, 500, "a"));
    expect(arrivals(link, 500, "a")).not.toEqual(arrivals(link, 500, "b"));
  });
});

describe("the outbox", () => {
  const limits = { votes: 1e6, blocks: 1e6, transactions: 1e6 };

  it("lets a vote overtake what a slow line has not begun to send [WIRE.9] [LINK.4]", () => {
    const clock = createVirtualClock();
    const sent: [number, number][] = [];
    const queue = createSendQueue(limits);
    const sink = {
      congested: false,
      write: (frame: Uint8Array) => void sent.push([clock.now(), frame[0] as number]),
    };
    const outbox = createOutbox(queue, sink, model({ bandwidthMbps: 0.8, delayMs: 3 }), clock);
    for (const id of [1, 2, 3]) queue.push("transactions", new Uint8Array(100).fill(id));
    outbox.pump();
    clock.runUntil(0.5);
    queue.push("votes", new Uint8Array(100).fill(9));
    outbox.pump();
    clock.runUntil(20);
    expect(sent).toEqual([
      [4, 1],
      [5, 9],
      [6, 2],
      [7, 3],
    ]);
  });

  it("keeps frames while the socket is congested and says since when [WIRE.9] [WIRE.10]", () => {
    const clock = createVirtualClock(7);
    const sent: Uint8Array[] = [];
    const queue = createSendQueue(limits);
    const sink = { congested: true, write: (frame: Uint8Array) => void sent.push(frame) };
    const outbox = createOutbox(queue, sink, undefined, clock);
    outbox.pump();
    expect(outbox.stuckSinceMs).toBeUndefined();
    queue.push("votes", new Uint8Array(1));
    outbox.pump();
    clock.runUntil(50);
    outbox.pump();
    expect(outbox.stuckSinceMs).toBe(7);
    expect(sent).toEqual([]);
    sink.congested = false;
    outbox.pump();
    expect(sent).toHaveLength(1);
    expect(outbox.stuckSinceMs).toBeUndefined();
  });

  it("sends at once over a link without emulation [LINK.1]", () => {
    const clock = createVirtualClock();
    const queue = createSendQueue(limits);
    const sent: Uint8Array[] = [];
    const outbox = createOutbox(
      queue,
      { congested: false, write: (frame) => void sent.push(frame) },
      undefined,
      clock,
    );
    queue.push("blocks", new Uint8Array(3));
    outbox.pump();
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

describe("the send queue", () => {
  it("is bounded by lane, serves votes first, and keeps the order within a lane [WIRE.9]", () => {
    const queue = createSendQueue({ votes: 10, blocks: 10, transactions: 10 });
    const frame = (id: number): Uint8Array => Uint8Array.of(id, 0, 0, 0);
    expect([1, 2, 3].map((id) => queue.push("transactions", frame(id)))).toEqual([true, true, false]);
    expect([4, 5].map((id) => queue.push("blocks", frame(id)))).toEqual([true, true]);
    expect([6, 7, 8].map((id) => queue.push("votes", frame(id)))).toEqual([true, true, false]);
    expect(queue.bytes).toBe(24);
    const order: (number | undefined)[] = [];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) order.push(next[0]);
    expect(order).toEqual([6, 7, 4, 5, 1, 2]);
    expect(queue.bytes).toBe(0);
    expect(queue.push("votes", new Uint8Array(1_000))).toBe(true);
  });
});
