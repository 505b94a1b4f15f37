import { createRandom, hexToBytes } from "@sheaf/base";
import { epochOf, seedHeightOf, type Validator } from "../../src/index.ts";
import type { Block } from "./network.ts";
import type { Profile } from "./profile.ts";

/** The validators of a height, and what their proposers are drawn by; they take turns without a seed. */
export interface Schedule {
  readonly validators: readonly Validator[];
  readonly seed: Uint8Array | undefined;
}

/** What everybody knows from the start. */
export interface Origin {
  readonly profile: Profile;
  /** With the weights of the first epoch. */
  readonly validators: readonly Validator[];
  readonly chain: Uint8Array;
}

/** Blocks that are decided, by height. */
export type BlockAt = (height: number) => Block | undefined;

/** Who may propose at `height`, for a validator that has decided `blockAt`; `node` is its number. */
export type ScheduleRule = (origin: Origin, height: number, blockAt: BlockAt, node?: number) => Schedule;

/**
 * Weights and seed change with each epoch as a function of the last value decided before it, each
 * validator deriving them from its own chain [EPOCH.1] [EPOCH.2].
 */
export const scheduleByEpoch: ScheduleRule = (origin, height, blockAt) => {
  const { profile, validators, chain } = origin;
  const { epochBlocks } = profile;
  if (epochBlocks === undefined) return { validators, seed: undefined };
  const last = blockAt(seedHeightOf(epochOf(height, epochBlocks), epochBlocks));
  if (last === undefined) return { validators, seed: chain };
  const { digest } = last.value;
  return { validators: withWeights(validators, `weights/${digest}`), seed: hexToBytes(digest) };
};

/** Drawn weights, many of them 0; those of the first epoch stay when all are. */
export function withWeights(validators: readonly Validator[], seed: string): readonly Validator[] {
  const random = createRandom(seed);
  const drawn = validators.map(({ address }) => ({ address, weight: random.pick([0, 0, 1, 2, 5, 40]) }));
  return drawn.every(({ weight }) => weight === 0) ? validators : drawn;
}
