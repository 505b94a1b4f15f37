import { type Hex, hexToBytes, invariant } from "@sheaf/base";
import { epochOf, type ProposerDraw, seedHeightOf, type Validator } from "@sheaf/consensus";
import { type Genesis, keccak256 } from "@sheaf/protocol";
import type { ChainStore } from "./ports.ts";

/** Who may propose in one epoch, and how likely (`specs/epochs.md`). */
export interface EpochDraw {
  readonly epoch: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** Hash of the block before the first [EPOCH.2]. */
  readonly seed: Hex;
  /** All validators of genesis, in its order, with their weights in this epoch. */
  readonly validators: readonly Validator[];
  readonly draw: ProposerDraw;
}

/**
 * The epoch of `height`, at most one above the head; `undefined` in a chain without epochs. All of it
 * is stored: it is the same before and after a restart [EPOCH.3].
 */
export function epochDrawAt(
  { epochs, validators }: Genesis,
  store: Pick<ChainStore, "blockHash" | "weightsAfter">,
  height: number,
): EpochDraw | undefined {
  if (epochs === undefined) return undefined;
  const epoch = epochOf(height, epochs.blocks);
  const before = seedHeightOf(epoch, epochs.blocks);
  const seed = store.blockHash(before);
  // the first epoch has the weights of genesis [EPOCH.5]
  const weights = epoch === 0 ? validators.map(({ weight }) => weight) : store.weightsAfter(before);
  invariant(seed !== undefined && weights?.length === validators.length, `epoch ${epoch} has not begun`);
  return {
    epoch,
    firstBlock: before + 1,
    lastBlock: before + epochs.blocks,
    seed,
    validators: validators.map(({ address }, index) => ({ address, weight: weights[index] as number })),
    draw: { seed: hexToBytes(seed), hash: keccak256 },
  };
}
