import { z } from "zod";
import { address, amount, count, digest, text } from "../training/scalars.ts";
import { membersSchema } from "./partition.ts";

/** A coalition in one epoch, as the contract had it. */
export const chainCoalitionSchema = z.strictObject({
  members: membersSchema,
  /** What a block that the coalition wins gives each member, as a part of 1; in the order of the members. */
  memberShares: z.array(z.number().min(0).max(1)),
  /** V(S) as the contract computed it; one of value 0 is paid nothing. */
  value: amount,
  /** Its weight over the sum of weights: the probability to win a block of the epoch. */
  predictedShare: z.number().min(0).max(1),
  /** Blocks of the epoch whose proposer is a member. */
  blocksWon: count,
  /** Those of them that were decided in a round after the first: the proposer drawn first had failed. */
  laterRoundBlocks: count,
  /** What the contract credited its members for these blocks, forfeited later or not. */
  rewardWei: amount,
  /** What it did not credit of them, because a member had forfeited its part of the epoch before the block. */
  withheldWei: amount,
});

/** An epoch that is over, or the part of it that the run saw. */
export const chainEpochSchema = z.strictObject({
  epoch: count,
  firstBlock: count,
  lastBlock: count,
  /** Where proposer weights came from: the contract, or, where it had none, the genesis block. */
  weights: z.enum(["contract", "genesis"]),
  /** What the contract pays for one block. */
  rewardPerBlockWei: amount,
  /** The same, computed by the run from the statements on chain and the value function of the spec. */
  predictedRewardPerBlockWei: amount,
  coalitions: z.array(chainCoalitionSchema),
});

/** A block; its number is its place in the list, from 1. */
export const chainBlockSchema = z.strictObject({
  /** Index of the player that proposed it. */
  proposer: count,
  /** The round in which it was decided: 0 unless the proposers drawn before had failed. */
  round: count,
});

/** What a miner recorded of a worker in an epoch, for the weights of the next: one event of the contract. */
export const chainContributionSchema = z.strictObject({
  epoch: count,
  /** Index of the player. */
  miner: count,
  /** Id of the worker, which may be a cheat's accomplice and no worker of the game. */
  worker: text,
  samples: count,
  /** Of the worker, as the contract fixed it, in basis points. */
  reputationBps: z.int().min(0).max(10_000),
});

/** A miner over all epochs of the record. */
export const chainMinerSchema = z.strictObject({
  /** Index of the player. */
  miner: count,
  address,
  /** Credited as its part of its coalitions' blocks. */
  rewardWei: amount,
});

/** Something that miners did, or that was done to them. */
export const chainEventSchema = z.strictObject({
  epoch: count,
  block: count,
  /** "formed", "left", "challenged", "answered", "expelled", "suspended". */
  kind: text,
  /** Index of the player; `null` where it is of several. */
  miner: count.nullable(),
  /** A sentence. */
  detail: text,
  transactionHash: digest.nullable(),
});

/** The contract's books since the genesis block, as they stood after `block`. */
export const coalitionBooksSchema = z.strictObject({
  block: count,
  /** The pool in the genesis block, and now. */
  poolBefore: amount,
  poolAfter: amount,
  /** Ever given out of the pool for blocks. */
  awarded: amount,
  /** Ever returned to the pool: credit that cheats lost. */
  forfeited: amount,
  /** Due to somebody and not yet withdrawn, locked or not. */
  credited: amount,
  withdrawn: amount,
  /** Ever paid in as bonds of challenges, and those of them that are still held. */
  bondsPaidIn: amount,
  bondsHeld: amount,
  /** Of the contract's account. */
  balance: amount,
});

/** The same coalitions on a real chain, whose proposers and rewards follow them. */
export const coalitionChainSchema = z.strictObject({
  validators: z.int().positive(),
  consensus: text,
  contract: address,
  epochBlocks: z.int().positive(),
  currency: z.strictObject({ symbol: text, decimals: z.int().min(0).max(36) }),
  /** Every epoch from genesis to the end of the run, in order. */
  epochs: z.array(chainEpochSchema),
  /** Every block of these epochs. */
  blocks: z.array(chainBlockSchema),
  contributions: z.array(chainContributionSchema),
  /**
   * Epochs that had the game's partition, data and reputations: there the contract's shares were compared with the
   * game's own, and a difference is a problem of the run.
   */
  epochsAsInGame: z.array(count),
  miners: z.array(chainMinerSchema),
  events: z.array(chainEventSchema),
  books: coalitionBooksSchema,
  /** Whether all validators that were asked have the same block hash and state at every height up to this one. */
  agreement: z.strictObject({ validators: count, height: count, holds: z.boolean() }),
});

export type ChainCoalition = Readonly<z.infer<typeof chainCoalitionSchema>>;
export type ChainEpoch = Readonly<z.infer<typeof chainEpochSchema>>;
export type ChainBlock = Readonly<z.infer<typeof chainBlockSchema>>;
export type ChainContribution = Readonly<z.infer<typeof chainContributionSchema>>;
export type ChainMiner = Readonly<z.infer<typeof chainMinerSchema>>;
export type ChainEvent = Readonly<z.infer<typeof chainEventSchema>>;
export type CoalitionBooks = Readonly<z.infer<typeof coalitionBooksSchema>>;
export type CoalitionChain = Readonly<z.infer<typeof coalitionChainSchema>>;
