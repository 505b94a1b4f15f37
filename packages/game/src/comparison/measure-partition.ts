import {
  type Coalition,
  type CoalitionGame,
  checkPartition,
  partitionUtilities,
  singletons,
} from "../game/coalition-game.ts";

/** A partition in figures [BASELINE.1]. A gain is a player's utility less what it gets alone. */
export interface PartitionMeasures {
  readonly coalitions: number;
  /** Members of the largest coalition. */
  readonly largest: number;
  readonly sum: number;
  readonly min: number;
  readonly meanGain: number;
  /** Players who would be better off alone. */
  readonly losers: number;
  /**
   * Jain's index of the gains, those below zero as zero: 1 when all gain the same, 1/n when one gains all, `null`
   * when nobody gains. Gains, because the index needs values with a zero, and utilities have none.
   */
  readonly fairness: number | null;
}

/** Measures of a partition; `INVALID_INPUT` for what is none. */
export function measurePartition(game: CoalitionGame, coalitions: readonly Coalition[]): PartitionMeasures {
  const partition = checkPartition(coalitions, game.players);
  const alone = partitionUtilities(game, singletons(game.players));
  const utilities = partitionUtilities(game, partition);
  const gains = utilities.map((utility, player) => utility - (alone[player] as number));
  return {
    coalitions: partition.length,
    largest: partition.reduce((most, members) => Math.max(most, members.length), 0),
    sum: total(utilities),
    min: utilities.reduce((least, utility) => Math.min(least, utility), Number.POSITIVE_INFINITY),
    meanGain: total(gains) / gains.length,
    losers: gains.filter((gain) => gain < 0).length,
    fairness: jainIndex(gains.map((gain) => Math.max(0, gain))),
  };
}

/** (sum x)^2 / (n sum x^2) of values that are not negative (Jain, Chiu and Hawe 1984); `null` when all are zero. */
export function jainIndex(values: ArrayLike<number>): number | null {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    sum += value;
    squares += value * value;
  }
  return squares === 0 ? null : (sum * sum) / (values.length * squares);
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
