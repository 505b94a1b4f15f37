import type { WireMessage } from "@sheaf/protocol";

/** Frames of a lower number go first [WIRE.9]. */
const LANES = { votes: 0, blocks: 1, transactions: 2 } as const;
export type Lane = keyof typeof LANES;

export type LaneLimits = { readonly [lane in Lane]: number };

/** Frames that wait for one peer: bounded in bytes, consensus before blocks before transactions. */
export interface SendQueue {
  /** `false` when the lane is full: the frame is not queued. A lane that is empty takes any frame. */
  push(lane: Lane, frame: Uint8Array): boolean;
  /** The next frame to send. */
  shift(): Uint8Array | undefined;
  readonly bytes: number;
}

export function laneOf(kind: WireMessage["kind"]): Lane {
  if (kind === "transactions") return "transactions";
  return kind === "blocks" ? "blocks" : "votes";
}

/** A queue with at most so many bytes in each lane. */
export function createSendQueue(limits: LaneLimits): SendQueue {
  const lanes = (Object.keys(LANES) as Lane[]).map((lane) => ({
    limit: limits[lane],
    frames: [] as Uint8Array[],
    next: 0,
    bytes: 0,
  }));

  return {
    push(name, frame) {
      const lane = lanes[LANES[name]] as (typeof lanes)[number];
      if (lane.bytes > 0 && lane.bytes + frame.length > lane.limit) return false;
      lane.frames.push(frame);
      lane.bytes += frame.length;
      return true;
    },
    shift() {
      for (const lane of lanes) {
        const frame = lane.frames[lane.next];
        if (frame === undefined) continue;
        lane.next += 1;
        lane.bytes -= frame.length;
        // What was sent is let go of; each frame is moved at most once on average.
        if (lane.next * 2 > lane.frames.length) {
          lane.frames = lane.frames.slice(lane.next);
          lane.next = 0;
        }
        return frame;
      }
      return undefined;
    },
    get bytes() {
      return lanes.reduce((total, lane) => total + lane.bytes, 0);
    },
  };
}
