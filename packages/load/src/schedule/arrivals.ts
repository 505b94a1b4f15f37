import type { Millis, PerSecond, Random } from "@sheaf/base";

/** Gives the time of each arrival in turn, in ms from the start barrier. */
export type Arrivals = () => Millis;

/** One arrival every 1/rate seconds, the first at the barrier. */
export function constantArrivals(ratePerSecond: PerSecond): Arrivals {
  let arrival = 0;
  return () => (arrival++ * 1_000) / ratePerSecond;
}

/** A Poisson process: independent exponential gaps of mean 1/rate seconds. */
export function poissonArrivals(ratePerSecond: PerSecond, random: Random): Arrivals {
  let at = 0;
  return () => {
    at += random.exponential(1_000 / ratePerSecond);
    return at;
  };
}
