import { z } from "zod";

const initial = z.number().positive();

export const scheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), initial }),
  z.strictObject({ kind: z.literal("exponential"), initial, decay: z.number().positive().max(1) }),
  z.strictObject({
    kind: z.literal("step"),
    initial,
    factor: z.number().positive().max(1),
    every: z.int().min(1),
  }),
  z.strictObject({
    kind: z.literal("cosine"),
    initial,
    final: z.number().nonnegative(),
    rounds: z.int().min(2),
  }),
]);

/**
 * The owners' learning rate over the rounds. `exponential`: times `decay` each round. `step`: times `factor`
 * after `every` rounds. `cosine`: from `initial` in round 1 to `final` in round `rounds` and after.
 */
export type LearningRateSchedule = Readonly<z.infer<typeof scheduleSchema>>;

/** The learning rate of `round`, which counts from 1. */
export function learningRateAt(schedule: LearningRateSchedule, round: number): number {
  const passed = Math.max(0, round - 1);
  switch (schedule.kind) {
    case "constant":
      return schedule.initial;
    case "exponential":
      return schedule.initial * schedule.decay ** passed;
    case "step":
      return schedule.initial * schedule.factor ** Math.floor(passed / schedule.every);
    case "cosine": {
      const share = Math.min(1, passed / (schedule.rounds - 1));
      const height = (1 + Math.cos(Math.PI * share)) / 2;
      return schedule.final + (schedule.initial - schedule.final) * height;
    }
  }
}
