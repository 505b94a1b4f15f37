import { createRandom, type Millis, type Random } from "@sheaf/base";

/** What one seed stands for: a network, its faults until they heal, and its traitors. */
export interface Profile {
  readonly validators: number;
  /** How many of them are Byzantine, at most f. */
  readonly traitors: number;
  readonly heights: number;
  readonly weights: readonly number[];
  /** How likely a packet is lost when no kind of packet is struck. */
  readonly usualLoss: number;
  /** Whether blocks for those behind get through at all before the network heals. */
  readonly blocksPass: boolean;
  /** How long the weather (see `createWeather`) stays the same, on average. */
  readonly meanWeatherMs: Millis;
  readonly duplication: number;
  readonly meanDelayMs: Millis;
  /** How long the host takes for a verdict, on average. */
  readonly meanValidateMs: Millis;
  readonly partitions: number;
  readonly crashes: number;
  /** When loss, duplication, long delays, partitions and crashes end. */
  readonly healAtMs: Millis;
  readonly attacks: Attacks;
  /** Whether all messages and records pass through their encoding. */
  readonly encoded: boolean;
}

/** How likely a traitor does each thing when it has the occasion. */
export interface Attacks {
  /**
   * How many copies of the protocol it runs under its one key. One looks like a correct validator; two
   * are each heard by a part of the others; with none it never helps.
   */
  readonly copies: number;
  /** The copies forget what they have prepared. */
  readonly forgetful: boolean;
  /** A commit of a copy is told to one validator only. */
  readonly whisper: number;
  readonly doubleVote: number;
  readonly lyingRoundChange: number;
  readonly forgedProposal: number;
  readonly replay: number;
  readonly forgedBlock: number;
}

const SIZES = [4, 4, 7, 4, 5, 4, 6, 4, 7, 10] as const;

export function profileOf(seed: number): Profile {
  const random = createRandom(`profile/${seed}`);
  const validators = SIZES[seed % SIZES.length] as number;
  const faults = Math.floor((validators - 1) / 3);
  return {
    validators,
    traitors: random.pick([0, faults, faults, random.int(faults + 1)]),
    heights: 3 + random.int(3),
    weights: Array.from({ length: validators }, () => 1),
    ...(random.chance(0.25) && { weights: Array.from({ length: validators }, () => 1 + random.int(5)) }),
    usualLoss: random.pick([0, 0.02, 0.1, 0.2]),
    blocksPass: random.chance(0.4),
    meanWeatherMs: random.pick([100, 300, 1000]),
    duplication: random.pick([0, 0.05, 0.2]),
    meanDelayMs: random.pick([2, 10, 40, 120]),
    meanValidateMs: random.pick([0, 5, 50, 250]),
    partitions: random.pick([0, 1, 4, 12]),
    crashes: random.int(6),
    healAtMs: 2000 + random.int(6000),
    attacks: attacksOf(random),
    encoded: seed % 40 === 0,
  };
}

function attacksOf(random: Random): Attacks {
  const likelihood = (): number => random.pick([0, 0.1, 0.5]);
  return {
    copies: random.pick([0, 1, 1, 2, 2]),
    forgetful: random.chance(0.5),
    whisper: random.pick([0, 0.9]),
    doubleVote: likelihood(),
    lyingRoundChange: likelihood(),
    forgedProposal: likelihood(),
    replay: likelihood() / 5,
    forgedBlock: likelihood(),
  };
}
