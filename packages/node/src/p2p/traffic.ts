import type { PeerTraffic } from "../ports.ts";

/** `PeerTraffic` while it is counted. */
export type TrafficCounter = { -readonly [name in keyof PeerTraffic]: PeerTraffic[name] };

export function createTrafficCounter(): TrafficCounter {
  return { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, framesDropped: 0, connects: 0 };
}
