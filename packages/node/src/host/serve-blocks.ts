import type { ByteCount, Clock, Millis } from "@sheaf/base";
import { type Address, type CertifiedBlock, encodeBlock } from "@sheaf/protocol";
import type { ChainStore, PeerNetwork } from "../ports.ts";

/** Gives decided blocks to peers. */
export interface BlockServer {
  /** Answers `get-blocks` with as many consecutive blocks as a frame holds, none when there are none [FETCH.3]. */
  serve(peer: Address, from: number, count: number): void;
  /** Sends a peer the block of a height that it is stuck at, at most once in a while [FETCH.5]. */
  help(peer: Address, height: number): void;
}

/** The most blocks in an answer. */
const MAX_BLOCKS = 256;
/** A peer is helped with one height no more often than this. */
const HELP_EVERY_MS: Millis = 1_000;

export function createBlockServer(
  store: Pick<ChainStore, "block">,
  network: Pick<PeerNetwork, "send">,
  clock: Clock,
  /** The most bytes of blocks in one answer; a single block may be longer. */
  maxBytes: ByteCount,
): BlockServer {
  const helped = new Map<Address, { readonly height: number; readonly atMs: Millis }>();

  function collect(from: number, count: number): readonly CertifiedBlock[] {
    const blocks: CertifiedBlock[] = [];
    let bytes = 0;
    for (let number = Math.max(1, from); number < from + Math.min(count, MAX_BLOCKS); number++) {
      const stored = store.block(number);
      if (stored === undefined) break;
      bytes += stored.sizeBytes + stored.certificate.length;
      if (blocks.length > 0 && bytes > maxBytes) break;
      blocks.push({ block: encodeBlock(stored.block), certificate: stored.certificate });
    }
    return blocks;
  }

  return {
    serve(peer, from, count) {
      network.send(peer, { kind: "blocks", blocks: collect(from, count) });
    },
    help(peer, height) {
      const last = helped.get(peer);
      const now = clock.now();
      if (last !== undefined && height <= last.height && now - last.atMs < HELP_EVERY_MS) return;
      const blocks = collect(height, 1);
      if (blocks.length === 0) return;
      helped.set(peer, { height, atMs: now });
      network.send(peer, { kind: "blocks", blocks });
    },
  };
}
