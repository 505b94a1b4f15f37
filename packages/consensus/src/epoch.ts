/**
 * The epoch that `height` is in, each of `blocks` heights: epoch k covers heights k * blocks + 1 to
 * (k + 1) * blocks [EPOCH.1]. Height 0, genesis, counts to epoch 0.
 */
export function epochOf(height: number, blocks: number): number {
  return Math.floor(Math.max(height - 1, 0) / blocks);
}

/** The height before the first of `epoch`: the digest decided there is the epoch's seed [EPOCH.2]. */
export function seedHeightOf(epoch: number, blocks: number): number {
  return epoch * blocks;
}
