import type { Millis, Random } from "@sheaf/base";
import type { Link } from "@sheaf/protocol";

/** Linux never retransmits sooner; the round trip is added to it [LINK.3]. */
const MIN_RETRANSMISSION_MS = 200;

/** An emulated link: when frames that enter it leave it. Pure but for its random stream [LINK.5]. */
export interface LinkModel {
  /** Takes a frame at `nowMs`; gives the time at which the peer has all of it, never before that of an earlier frame [LINK.2]. */
  transmit(nowMs: Millis, bytes: number): Millis;
  /** From when on the line takes the next frame [LINK.4]. */
  readonly freeAtMs: Millis;
}

/** The model of a link [LINK.1], or `undefined` for one that changes nothing: frames then bypass it. */
export function createLinkModel(link: Link, random: Random): LinkModel | undefined {
  const { delayMs, jitterMs, loss, bandwidthMbps } = link;
  if (delayMs === 0 && jitterMs === 0 && loss === 0 && bandwidthMbps === 0) return undefined;
  let freeAtMs = 0;
  let lastArrivalMs = 0;

  function propagation(): Millis {
    const jitter = jitterMs === 0 ? 0 : jitterMs * standardNormal(random);
    let total = Math.max(0, delayMs + jitter);
    let timeout = MIN_RETRANSMISSION_MS + 2 * delayMs;
    while (loss > 0 && random.chance(loss)) {
      total += timeout;
      timeout *= 2;
    }
    return total;
  }

  return {
    transmit(nowMs, bytes) {
      const serialisation = bandwidthMbps === 0 ? 0 : (bytes * 8) / (bandwidthMbps * 1000);
      freeAtMs = Math.max(nowMs, freeAtMs) + serialisation;
      lastArrivalMs = Math.max(lastArrivalMs, freeAtMs + propagation());
      return lastArrivalMs;
    },
    get freeAtMs() {
      return freeAtMs;
    },
  };
}

/** Box and Muller's transform. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
}
