import { z } from "zod";

export const convergenceSchema = z.strictObject({
  /** A loss counts as better when it is lower than the best by more than this share of the best. */
  tolerance: z.number().nonnegative().max(1),
  /** Rounds in a row without a better loss that end the training. */
  patience: z.int().min(1),
  /** Rounds before which nothing ends it. */
  minRounds: z.int().min(1),
});

export type ConvergenceOptions = Readonly<z.infer<typeof convergenceSchema>>;

export interface Convergence {
  /** Takes the loss of the next round; whether the training has converged. */
  step(loss: number): boolean;
}

/** The end of the market's loop ("until the loss function converges", section 3.2). A loss of NaN is never better. */
export function createConvergence(options: ConvergenceOptions): Convergence {
  let best = Number.POSITIVE_INFINITY;
  let rounds = 0;
  let stale = 0;
  return {
    step(loss) {
      rounds += 1;
      const better =
        best === Number.POSITIVE_INFINITY ? loss < best : best - loss > options.tolerance * Math.abs(best);
      if (better) {
        best = loss;
        stale = 0;
      } else stale += 1;
      return rounds >= options.minRounds && stale >= options.patience;
    },
  };
}
