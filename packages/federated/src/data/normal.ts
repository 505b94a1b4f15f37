import type { Random } from "@sheaf/base";

/** A standard normal draw (Box and Muller). For simulations: privacy noise comes from elsewhere. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
}
