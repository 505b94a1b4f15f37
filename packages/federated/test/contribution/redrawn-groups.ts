import { createRandom, type Random } from "@sheaf/base";
import type { GroupRound } from "../../src/index.ts";

/** `members` in groups of `size`, redrawn; the last may be smaller. */
export function drawGroups(members: number, size: number, random: Random): number[][] {
  const order = random.shuffle(Array.from({ length: members }, (_, i) => i));
  const groups: number[][] = [];
  for (let i = 0; i < members; i += size) groups.push(order.slice(i, i + size));
  return groups;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A standard normal draw (Box and Muller 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
}

export interface Noisy {
  readonly seed: string;
  /** What each member adds to every round, in units of the round's gain. */
  readonly worth: readonly number[];
  /** The gains of the rounds. */
  readonly gains: readonly number[];
  /** Standard deviation of a group's score, in units of the round's gain. */
  readonly noise: number;
}

/** Rounds of groups of five whose scores are the members' worth in them, plus noise. */
export function noisyRounds({ seed, worth, gains, noise }: Noisy): GroupRound[] {
  const random = createRandom(seed);
  return gains.map((gain) => {
    const groups = drawGroups(worth.length, 5, random);
    const scoreOf = (group: readonly number[]): number =>
      gain * (sum(group.map((member) => worth[member] as number)) + noise * normal(random));
    return { groups, scores: groups.map(scoreOf) };
  });
}
