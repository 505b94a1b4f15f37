import { createRandom, type Millis, type Random } from "@sheaf/base";
import type { Message } from "../../src/index.ts";

/** What one seed stands for: a network, its faults until they heal, and its traitors. */
export interface Profile {
  readonly validators: number;
  /** How many of them are Byzantine, at most f. */
  readonly traitors: number;
  readonly heights: number;
  readonly weights: readonly number[];
  /** Heights of an epoch, after which weights change; `undefined` where proposers take turns. */
  readonly epochBlocks: number | undefined;
  /** How likely a packet is lost when no kind of packet is struck. */
  readonly usualLoss: number;
  /** How likely, in a period of weather, most validators hear none of the messages of a kind. */
  readonly struck: Readonly<Record<Message["type"], number>>;
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
  const usual: Profile = {
    validators,
    traitors: random.pick([0, faults, faults, random.int(faults + 1)]),
    heights: 3 + random.int(3),
    weights: Array.from({ length: validators }, () => 1),
    ...(random.chance(0.25) && { weights: Array.from({ length: validators }, () => 1 + random.int(5)) }),
    epochBlocks: undefined,
    usualLoss: random.pick([0, 0.02, 0.1, 0.2]),
    struck: struckOf(random),
    blocksPass: random.chance(0.4),
    meanWeatherMs: random.pick([100, 300, 1000]),
    duplication: random.pick([0, 0.05, 0.2]),
    meanDelayMs: random.pick([2, 10, 40, 120]),
    meanValidateMs: random.pick([0, 5, 50, 250]),
    partitions: random.pick([0, 1, 4, 12]),
    crashes: random.pick([0, 2, 5, 20]),
    healAtMs: 2000 + random.int(6000),
    attacks: attacksOf(random),
    encoded: seed % 40 === 0,
  };
  const profile = random.chance(0.4) ? quarrelOf(usual, random) : usual;
  return withEpochs(profile, createRandom(`epochs/${seed}`));
}

/** A third of all networks have epochs, so short that several pass, and a few heights more. */
function withEpochs(profile: Profile, random: Random): Profile {
  if (!random.chance(1 / 3)) return profile;
  return { ...profile, epochBlocks: 1 + random.int(3), heights: profile.heights + 2 };
}

/**
 * Nothing but commits is lost, and no block gets through: again and again some decide alone, and the
 * others, helped by a traitor that would rather forget, go on without them.
 */
function quarrelOf(usual: Profile, random: Random): Profile {
  return {
    ...usual,
    usualLoss: 0,
    struck: { "pre-prepare": 0, prepare: 0, commit: 0.6, "round-change": 0 },
    blocksPass: false,
    meanDelayMs: random.pick([2, 10]),
    meanValidateMs: random.pick([0, 5]),
    meanWeatherMs: random.pick([150, 300]),
    partitions: 0,
    crashes: random.int(2),
    attacks: { ...usual.attacks, copies: 1, forgetful: true, whisper: 0.9 },
  };
}

function struckOf(random: Random): Profile["struck"] {
  const likelihood = (): number => random.pick([0, 0.15, 0.4]);
  return {
    "pre-prepare": likelihood(),
    prepare: likelihood(),
    commit: likelihood(),
    "round-change": likelihood(),
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
