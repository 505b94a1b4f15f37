import { describe, expect, it } from "vitest";
import type { Call } from "./model.ts";
import { calls, createStory, outsider, terms, twoRounds, untilTraining } from "./story.ts";

/** By state: how it is reached, how long it lasts at most, and where it leads when nobody does anything. */
const exits: Record<string, readonly [story: readonly Call[], lasts: bigint, next: string]> = {
  Open: [untilTraining.slice(0, 2), terms.offerSeconds, "Refunded"],
  Recruiting: [untilTraining.slice(0, 4), terms.recruitSeconds, "Refunded"],
  "Training without a closed round": [untilTraining, terms.roundSeconds + terms.resumeSeconds, "Refunded"],
  Training: [[...untilTraining, ...twoRounds], terms.roundSeconds + terms.resumeSeconds, "Stopped"],
  "Training given up": [[...untilTraining, ...twoRounds, calls.abandon()], terms.resumeSeconds, "Stopped"],
  Delivered: [[...untilTraining, ...twoRounds, calls.deliver()], terms.disputeSeconds, "Settled"],
  Disputed: [
    [...untilTraining, ...twoRounds, calls.deliver(), calls.dispute(1)],
    terms.disputeSeconds,
    "Delivered",
  ],
};

describe("every state that is not final", () => {
  it.each(Object.entries(exits))(
    "%s: can be ended by anybody, the second after its last [MARKET.22]",
    async (_, [story, lasts, next]) => {
      const { play, later, refusal, model } = await createStory();
      await play(...story);
      later(lasts);
      expect(await refusal(calls.expire(outsider))).toMatch(/^TooEarly\(/);
      later(1n);
      await play(calls.expire(outsider));
      expect(model.jobs[0]?.state).toBe(next);
      if (next !== "Stopped" && next !== "Delivered") return;
      later(terms.disputeSeconds);
      expect(await refusal(calls.settle(outsider))).toMatch(/^TooEarly\(/);
      later(1n);
      await play(calls.settle(outsider));
      expect(model.jobs[0]?.state).toBe("Settled");
    },
  );
});
