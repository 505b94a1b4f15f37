import type { Result } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";
import { account } from "../evm.ts";
import {
  analyst,
  calls,
  consumer,
  createStory,
  hash,
  joiner,
  outsider,
  owner,
  type Story,
  selected,
  successor,
  terms,
  twoRounds,
  untilTraining,
} from "./story.ts";

let story: Story;
beforeEach(async () => {
  story = await createStory();
  await story.play(...untilTraining);
});

const { roundSeconds, resumeSeconds } = terms;
const stateOf = async (): Promise<string | undefined> => story.model.jobs[0]?.state;

describe("opening a round [MARKET.10]", () => {
  it("wants the next round and the state that the last one ended with", async () => {
    expect(await story.refusal(calls.open(2))).toBe("WrongRound(1)");
    expect(await story.refusal(calls.open(0))).toBe("WrongRound(1)");
    await story.play(calls.open(1, 0b1111n, analyst, hash(77)), calls.open(1), calls.close(1));
    expect(await story.refusal(calls.open(1))).toBe("WrongRound(2)");
    expect(await story.refusal(calls.open(2, 0b1111n, analyst, hash(77)))).toBe(`WrongStateHash(${hash(2)})`);
    for (const round of [2, 3, 4]) await story.play(calls.open(round), calls.close(round));
    expect(await story.refusal(calls.open(5))).toBe("WrongRound(5)");
  });

  it("wants a cohort of three or more owners that are there, licensed, and have not left", async () => {
    expect(await story.refusal(calls.open(1, 0b11111n))).toBe("BadCohort()");
    expect(await story.refusal(calls.open(1, (1n << 255n) | 0b1111n))).toBe("BadCohort()");
    expect(await story.refusal(calls.open(1, 0n))).toBe("TooFewMembers()");
    expect(await story.refusal(calls.open(1, 0b1010n))).toBe("TooFewMembers()");
    await story.play(calls.leave(selected[3] as string));
    expect(await story.refusal(calls.open(1, 0b1111n))).toBe("BadCohort()");
    await story.play(calls.open(1, 0b0111n), calls.revoke(owner, 1));
    expect(await story.refusal(calls.open(1, 0b0111n))).toBe("BadCohort()");
    // Who was revoked after the opening may still be a survivor: the round is not held up.
    await story.play(calls.close(1, 0b0111n));
  });

  it("may be repeated, and no attempt has the number of another", async () => {
    await story.play(calls.open(1));
    const attempts: unknown[] = [];
    for (const cohort of [0b0111n, 0b1110n]) {
      const { events } = await story.world.send(calls.open(1, cohort));
      attempts.push(events[0]?.args["attempt"]);
    }
    story.later(roundSeconds + 1n);
    await story.world.send(calls.takeOver());
    const { events } = await story.world.send(calls.open(1, 0b1111n, successor));
    expect([...attempts, events[0]?.args["attempt"]]).toEqual([2n, 3n, 4n]);
    const [round] = await story.world.market.read<Result[]>("rounds", 1n, 0n, 10n);
    expect([round?.["attempt"], round?.["cohort"], round?.["survivors"]]).toEqual([4n, 0b1111n, 0n]);
  });

  it("can be done sixteen times by an analyst, in each round [MARKET.12]", async () => {
    for (let i = 0; i < 16; i++) {
      await story.play(calls.open(1));
      story.later(roundSeconds);
    }
    expect(await story.refusal(calls.open(1))).toBe("TooManyOpenings()");
    await story.play(calls.close(1), calls.open(2));
    for (let i = 0; i < 15; i++) await story.play(calls.open(2));
    expect(await story.refusal(calls.open(2))).toBe("TooManyOpenings()");
    story.later(roundSeconds + 1n);
    await story.play(calls.takeOver(), calls.open(2, 0b1111n, successor));
  });
});

describe("closing a round [MARKET.11]", () => {
  it("wants an opening of the same analyst, and closes it once", async () => {
    expect(await story.refusal(calls.close(1))).toBe("NotOpened()");
    await story.play(calls.open(1));
    expect(await story.refusal(calls.close(2))).toBe("WrongRound(1)");
    await story.play(calls.close(1));
    expect(await story.refusal(calls.close(1))).toBe("WrongRound(2)");
    expect(await story.refusal(calls.close(2))).toBe("NotOpened()");
    await story.play(calls.open(2));
    story.later(roundSeconds + 1n);
    await story.play(calls.takeOver());
    expect(await story.refusal(calls.close(2))).toBe("NotAnalyst()");
    expect(await story.refusal(calls.close(2, 0b1111n, successor))).toBe("NotOpened()");
  });

  it("wants three or more survivors, all of the cohort of the last opening, and a digest of each", async () => {
    await story.play(calls.open(1, 0b1111n), calls.open(1, 0b0111n));
    expect(await story.refusal(calls.close(1, 0b1111n))).toBe("BadSurvivors()");
    expect(await story.refusal(calls.close(1, 0b1110n))).toBe("BadSurvivors()");
    expect(await story.refusal(calls.close(1, 0b0011n))).toBe("TooFewMembers()");
    expect(await story.refusal(calls.close(1, 0n))).toBe("TooFewMembers()");
    const close = calls.close(1, 0b0111n);
    const digests = close.args[3] as string[];
    for (const wrong of [digests.slice(1), [...digests, hash(1)], []]) {
      const args = close.args.with(3, wrong);
      expect(await story.refusal({ ...close, args })).toBe("WrongHashCount(3)");
    }
    await story.play(close);
  });
});

describe("time in training [MARKET.13]", () => {
  it("begins anew with each step, and leaves the analyst in office until somebody takes over", async () => {
    story.later(roundSeconds);
    expect(await story.refusal(calls.takeOver())).toMatch(/^TooEarly/);
    story.later(1n);
    await story.play(calls.open(1));
    expect(await story.refusal(calls.takeOver())).toMatch(/^TooEarly/);
    story.later(roundSeconds + resumeSeconds);
    await story.play(calls.close(1));
    story.later(roundSeconds + resumeSeconds + 1n);
    expect(await story.refusal(calls.open(2))).toMatch(/^TooLate/);
    expect(await story.refusal(calls.deliver())).toMatch(/^TooLate/);
    expect(await story.refusal(calls.takeOver())).toMatch(/^TooLate/);
    await story.play(calls.leave(owner), calls.expire());
  });
});

describe("a take-over [MARKET.14]", () => {
  it("is for a licensed analyst that never held the job", async () => {
    story.later(roundSeconds + 1n);
    expect(await story.refusal(calls.takeOver(analyst))).toBe("AlreadyHeld()");
    expect(await story.refusal(calls.takeOver(outsider))).toBe(`NotLicensed(${outsider},2)`);
    await story.play(calls.takeOver(), calls.open(1, 0b1111n, successor));
    expect(await story.refusal(calls.open(1))).toBe("NotAnalyst()");
    story.later(roundSeconds + 1n);
    expect(await story.refusal(calls.takeOver(analyst))).toBe("AlreadyHeld()");
    expect(await story.refusal(calls.takeOver(successor))).toBe("AlreadyHeld()");
  });

  it("needs no waiting when the analyst lost its licence", async () => {
    await story.play(calls.open(1), calls.revoke(analyst, 2));
    expect(await story.refusal(calls.close(1))).toBe(`NotLicensed(${analyst},2)`);
    await story.play(calls.takeOver());
  });

  it("is not for an owner of the job, but for one that was not selected [MARKET.7]", async () => {
    await story.play(calls.issue(owner, 2), calls.issue(joiner, 2));
    story.later(roundSeconds + 1n);
    expect(await story.refusal(calls.takeOver(owner))).toBe(`PartyConflict(${owner})`);
    await story.play(calls.takeOver(joiner));
  });

  it("happens 31 times at most, and then the job can still be left", async () => {
    for (let i = 0; i < 31; i++) {
      const next = account(200 + i);
      story.later(roundSeconds + 1n);
      await story.play(calls.issue(next, 2), calls.takeOver(next));
    }
    story.later(roundSeconds + 1n);
    expect(await story.refusal(calls.takeOver(successor))).toBe("TooManyAnalysts()");
    story.later(resumeSeconds);
    await story.play(calls.expire());
    expect(await stateOf()).toBe("Refunded");
  });
});

describe("an owner that leaves [MARKET.15]", () => {
  it("may do so once, also when it is in an open round, which it may survive", async () => {
    await story.play(calls.open(1), calls.leave(owner), calls.close(1));
    expect(await story.refusal(calls.leave(owner))).toBe("AlreadyLeft()");
    expect(await story.refusal(calls.leave(joiner))).toBe("NotOwner()");
    await story.play(calls.open(2, 0b1110n), calls.close(2, 0b1110n));
    await story.play(calls.deliver([9n, 1n, 1n, 1n]));
  });
});

describe("the delivery [MARKET.16]", () => {
  it("wants rounds enough, the last state, and a weight for each owner that worked", async () => {
    await story.play(calls.open(1, 0b0111n), calls.close(1, 0b0111n));
    expect(await story.refusal(calls.deliver([1n, 1n, 1n, 0n], hash(2)))).toBe("TooFewRounds(2)");
    await story.play(calls.open(2, 0b0111n), calls.close(2, 0b0111n));
    expect(await story.refusal(calls.deliver([1n, 1n, 1n, 0n], hash(2)))).toBe(`WrongStateHash(${hash(3)})`);
    expect(await story.refusal(calls.deliver([1n, 1n, 1n]))).toBe("WrongWeightCount(4)");
    expect(await story.refusal(calls.deliver([1n, 1n, 2n ** 64n, 0n]))).toBe("WeightTooLarge(2)");
    expect(await story.refusal(calls.deliver([1n, 1n, 1n, 1n]))).toBe("WeightWithoutWork(3)");
    await story.play(calls.open(3), calls.deliver([2n ** 64n - 1n, 0n, 0n, 0n]));
  });
});

describe("an analyst that gives up [MARKET.23]", () => {
  it("while it recruits: the price goes back at once", async () => {
    const other = await createStory();
    await other.play(...untilTraining.slice(0, -2));
    expect(await other.refusal(calls.abandon(consumer))).toBe("NotAnalyst()");
    await other.play(calls.abandon());
    expect(other.model.jobs[0]?.state).toBe("Refunded");
  });

  it("in training: another may take over at once, and if nobody does anybody may stop it", async () => {
    await story.play(...twoRounds, calls.open(3), calls.abandon());
    expect(await story.refusal(calls.takeOver())).toMatch(/^TooEarly/);
    expect(await story.refusal(calls.expire())).toMatch(/^TooEarly/);
    story.later(1n);
    await story.play(calls.takeOver(), calls.open(3, 0b1111n, successor), calls.abandon(successor));
    story.later(resumeSeconds);
    expect(await story.refusal(calls.expire())).toMatch(/^TooEarly/);
    story.later(1n);
    await story.play(calls.expire());
    expect(await stateOf()).toBe("Stopped");
  });

  it("prolongs nothing: it may do so once, before its deadline, and until somebody takes over it may go on", async () => {
    story.later(roundSeconds);
    await story.play(calls.abandon());
    story.later(1n);
    expect(await story.refusal(calls.abandon())).toMatch(/^TooLate/);
    story.later(resumeSeconds - 1n);
    await story.play(calls.open(1));
    expect(await story.refusal(calls.takeOver())).toMatch(/^TooEarly/);
  });

  it("needs a licence, and hands the job to nobody when it has none", async () => {
    await story.play(calls.revoke(analyst, 2));
    expect(await story.refusal(calls.abandon())).toBe(`NotLicensed(${analyst},2)`);
    await story.play(calls.takeOver());
  });

  it("with no other analyst left it ends at once, as a stop does", async () => {
    for (const rounds of [[], twoRounds]) {
      const other = await createStory();
      await other.play(...untilTraining, ...rounds, calls.open(rounds.length === 0 ? 1 : 3));
      const others = [...(other.model.licences[2]?.keys() ?? [])].filter((each) => each !== analyst);
      await other.play(...others.slice(1).map((each) => calls.revoke(each, 2)));
      await other.world.chain.tentatively(async () => {
        const { error } = await other.world.send(calls.abandon());
        expect(error).toBeUndefined();
        expect(await other.world.send(calls.expire())).toMatchObject({
          error: expect.stringMatching(/^TooEarly/),
        });
      });
      await other.play(calls.revoke(others[0] as string, 2), calls.abandon());
      expect(other.model.jobs[0]?.state).toBe(rounds.length === 0 ? "Refunded" : "Stopped");
    }
  });
});

describe("a stop [MARKET.17]", () => {
  it("refunds when no round was closed, and waits for disputes otherwise", async () => {
    const other = await createStory();
    await other.play(...untilTraining, calls.open(1));
    other.later(roundSeconds + resumeSeconds + 1n);
    await other.play(calls.expire());
    expect(other.model.jobs[0]?.state).toBe("Refunded");
    await story.play(...twoRounds);
    story.later(roundSeconds + resumeSeconds);
    expect(await story.refusal(calls.expire())).toMatch(/^TooEarly/);
    story.later(1n);
    await story.play(calls.expire());
    expect(await stateOf()).toBe("Stopped");
  });

  it("may come at once when too few owners are left, whether they went or were sent", async () => {
    await story.play(...twoRounds, calls.leave(owner));
    expect(await story.refusal(calls.expire())).toMatch(/^TooEarly/);
    await story.play(calls.revoke(owner, 1));
    expect(await story.refusal(calls.expire())).toMatch(/^TooEarly/);
    await story.play(calls.revoke(selected[2] as string, 1), calls.expire());
    expect(await stateOf()).toBe("Stopped");
  });
});
