import type { Address } from "./config.ts";
import type { Context } from "./context.ts";
import type { QbftState } from "./state.ts";

/**
 * Reports at once that f + 1 others, so a correct one, work two heights ahead [SYNC.1]: with one
 * height it is likely that the last commits are just under way.
 */
export function reportBehind(context: Context, state: QbftState): QbftState {
  const faults = state.committee?.faults ?? 0;
  const heights = [...state.peerHeights.values()].sort((a, b) => b - a);
  const shown = heights[faults] ?? 0;
  if (state.decided || shown < state.height + 2 || shown <= state.behindReported) return state;
  context.emit({ type: "behind", height: shown, peers: peersAhead(state) });
  return { ...state, behindReported: shown };
}

/** Reports at the end of a round that anyone at all is ahead: this height may be decided [SYNC.2]. */
export function reportBehindAtTimeout(context: Context, state: QbftState): void {
  const peers = peersAhead(state);
  if (peers.length === 0) return;
  const height = Math.max(...peers.map((peer) => state.peerHeights.get(peer) as number));
  context.emit({ type: "behind", height, peers });
}

function peersAhead({ peerHeights, height }: QbftState): Address[] {
  return [...peerHeights].filter(([, shown]) => shown > height).map(([peer]) => peer);
}
