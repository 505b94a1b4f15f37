import { beforeEach, describe, expect, it } from "vitest";
import {
  analyst,
  arbiter,
  calls,
  consumer,
  createStory,
  joiner,
  outsider,
  owner,
  price,
  type Story,
  secondArbiter,
  selected,
  successor,
  terms,
  twoRounds,
  untilTraining,
} from "./story.ts";
import { people } from "./world.ts";

const { everything } = people;
const bond = price / 20n;
let story: Story;
beforeEach(async () => {
  story = await createStory();
  await story.play(...untilTraining, ...twoRounds, calls.deliver());
});

const job = () => story.model.jobs[0];

describe("the consumer's word [MARKET.18]", () => {
  it("settles at once, also after the period; silence settles after it", async () => {
    expect(await story.refusal(calls.settle())).toMatch(/^TooEarly/);
    story.later(terms.disputeSeconds + 1n);
    const other = structuredClone(story.model);
    await story.world.chain.tentatively(async () => {
      await story.play(calls.settle(outsider));
      Object.assign(story.model, other);
    });
    await story.play(calls.accept());
    expect(job()?.outcome).toBe("Full");
    expect(await story.refusal(calls.accept())).toBe("WrongState(6)");
    expect(await story.refusal(calls.settle())).toBe("WrongState(6)");
  });
});

describe("a dispute [MARKET.19]", () => {
  it("is for parties, about a round there is, with the bond exactly [PAYMENT.8]", async () => {
    expect(await story.refusal(calls.dispute(1, joiner))).toBe("NotParty()");
    expect(await story.refusal(calls.dispute(1, analyst))).toBe("NotParty()");
    expect(await story.refusal(calls.dispute(3))).toBe("NoSuchRound(3)");
    expect(await story.refusal(calls.dispute(1, consumer, bond - 1n))).toBe(`WrongBond(${bond})`);
    expect(await story.refusal(calls.dispute(1, consumer, bond + 1n))).toBe(`WrongBond(${bond})`);
    await story.play(calls.dispute(2, owner));
    expect(await story.refusal(calls.dispute(1))).toBe("WrongState(5)");
  });

  it.each([
    [1n, 1n],
    [19n, 1n],
    [20n, 1n],
    [39n, 1n],
    [40n, 2n],
    [2n ** 96n - 1n, (2n ** 96n - 1n) / 20n],
  ])("costs for a price of %s a bond of %s [PAYMENT.8]", async (of, expected) => {
    expect(await story.world.market.read("bondOf", of)).toBe(expected);
  });

  it("accuses the analyst of the round; about the delivery, the one that delivered", async () => {
    const other = await createStory();
    await other.play(...untilTraining, calls.open(1), calls.close(1));
    other.later(terms.roundSeconds + 1n);
    await other.play(calls.takeOver(), calls.open(2, 0b1111n, successor), calls.close(2, 0b1111n, successor));
    await other.play(calls.deliver([1n, 1n, 1n, 1n], undefined, successor), calls.dispute(1, owner));
    expect(other.model.jobs[0]?.dispute?.accused).toBe(analyst);
    for (const each of [arbiter, secondArbiter]) await other.play(calls.vote(false, each));
    const { events } = await other.world.send(calls.dispute(0));
    expect(String(events[0]?.args["accused"]).toLowerCase()).toBe(successor);
  });

  it("is made once by each party and once about each round, also after a rejection", async () => {
    const reject = [arbiter, secondArbiter, successor].slice(0, 3).map((each) => calls.vote(false, each));
    await story.play(calls.dispute(1, owner), ...reject);
    expect(job()?.state).toBe("Delivered");
    expect(await story.refusal(calls.dispute(2, owner))).toBe("AlreadyDisputed()");
    expect(await story.refusal(calls.dispute(1))).toBe("AlreadyDisputed()");
    await story.play(calls.dispute(2), ...reject);
    expect(await story.refusal(calls.dispute(0))).toBe("AlreadyDisputed()");
    await story.play(calls.dispute(0, selected[1] as string));
  });

  it("is not about a delivery that there was not", async () => {
    const other = await createStory();
    await other.play(...untilTraining, ...twoRounds);
    other.later(terms.roundSeconds + terms.resumeSeconds + 1n);
    await other.play(calls.expire());
    expect(await other.refusal(calls.dispute(0))).toBe("NoSuchRound(0)");
    await other.play(calls.dispute(1));
    for (const each of [arbiter, secondArbiter, successor]) await other.play(calls.vote(false, each));
    expect(other.model.jobs[0]?.state).toBe("Stopped");
  });
});

describe("arbiters [MARKET.20]", () => {
  it("are the analysts licensed before the dispute and since, without a part in the job", async () => {
    await story.play(calls.issue(owner, 2), calls.revoke(everything, 2));
    await story.play(calls.dispute(1), calls.issue(everything, 2), calls.issue(joiner, 2));
    expect(job()?.dispute?.arbiters).toBe(3); // successor, arbiter, secondArbiter
    for (const none of [analyst, owner, everything, joiner, outsider, consumer]) {
      expect(await story.refusal(calls.vote(true, none))).toBe("NotArbiter()");
    }
    await story.play(calls.vote(true), calls.revoke(secondArbiter, 2));
    expect(await story.refusal(calls.vote(false))).toBe("AlreadyVoted()");
    expect(await story.refusal(calls.vote(true, secondArbiter))).toBe("NotArbiter()");
  });

  it("are not the consumer, whatever else it is", async () => {
    const other = await createStory();
    const asEverything = (call: ReturnType<typeof calls.accept>) => ({ ...call, from: everything });
    await other.play(
      asEverything(calls.request()),
      ...untilTraining.slice(1, 2),
      asEverything(calls.award()),
    );
    await other.play(...untilTraining.slice(3), ...twoRounds, calls.deliver(), calls.dispute(1, everything));
    expect(other.model.jobs[0]?.dispute?.arbiters).toBe(3);
    expect(await other.refusal(calls.vote(true, everything))).toBe("NotArbiter()");
  });

  it("must exist", async () => {
    for (const each of [successor, arbiter, secondArbiter, everything])
      await story.play(calls.revoke(each, 2));
    expect(await story.refusal(calls.dispute(1))).toBe("NoArbiters()");
  });
});

describe("the decision [MARKET.21]", () => {
  const arbiters = [arbiter, secondArbiter, successor, everything];

  it("falls with more than half of the arbiters, not with half", async () => {
    await story.play(calls.dispute(1), calls.vote(true, arbiter), calls.vote(true, secondArbiter));
    expect(job()?.state).toBe("Disputed");
    await story.play(calls.vote(true, successor));
    expect(job()?.outcome).toBe("Upheld");
    expect(await story.refusal(calls.vote(true, everything))).toBe("WrongState(6)");
  });

  it("lets an accomplice's dispute shield nothing", async () => {
    await story.play(calls.dispute(1, owner), ...arbiters.slice(0, 3).map((each) => calls.vote(false, each)));
    await story.play(calls.dispute(2), ...arbiters.slice(0, 3).map((each) => calls.vote(true, each)));
    expect(job()?.outcome).toBe("Upheld");
    expect(story.model.credits.get(analyst)).toBe(bond); // of the first dispute; of its fee nothing
  });

  it("not taken in time leads to a new period; the bond goes back [PAYMENT.8]", async () => {
    await story.play(calls.dispute(1), calls.vote(true, arbiter), calls.vote(false, successor));
    story.later(terms.disputeSeconds);
    await story.play(calls.vote(false, secondArbiter));
    story.later(1n);
    expect(await story.refusal(calls.vote(false, everything))).toMatch(/^TooLate/);
    await story.play(calls.settle());
    expect(job()?.state).toBe("Delivered");
    expect(story.model.credits.get(consumer)).toBe(bond);
    expect(await story.refusal(calls.dispute(1, owner))).toBe("AlreadyDisputed()");
    expect(await story.refusal(calls.dispute(2))).toBe("AlreadyDisputed()");
    story.later(terms.disputeSeconds);
    expect(await story.refusal(calls.settle())).toMatch(/^TooEarly/);
    expect(await story.refusal(calls.expire(outsider))).toMatch(/^TooEarly/);
    story.later(1n);
    expect(await story.refusal(calls.dispute(2, owner))).toMatch(/^TooLate/);
    await story.play(calls.settle(outsider));
    expect(job()?.outcome).toBe("Full");
  });

  it("not taken about the delivery shields no round", async () => {
    await story.play(calls.dispute(0, owner));
    story.later(terms.disputeSeconds + 1n);
    const lapse = calls.expire(outsider);
    await story.world.chain.tentatively(async () => {
      const { events } = await story.world.send(lapse);
      expect(events.map(({ name }) => name)).toEqual(["Credited", "DisputeLapsed"]);
      expect(events[1]?.args["round"]).toBe(0n);
    });
    await story.play(lapse);
    expect(story.model.credits.get(owner)).toBe(bond);
    await story.play(calls.dispute(2), ...arbiters.slice(0, 3).map((each) => calls.vote(true, each)));
    expect(job()?.outcome).toBe("Upheld");
  });

  it("not taken leaves the consumer free to accept", async () => {
    await story.play(calls.dispute(0, owner));
    story.later(terms.disputeSeconds + 1n);
    await story.play(calls.expire(outsider), calls.accept());
    expect(job()?.outcome).toBe("Full");
  });

  it("not taken after a stop leads back to it", async () => {
    const other = await createStory();
    await other.play(...untilTraining, ...twoRounds);
    other.later(terms.roundSeconds + terms.resumeSeconds + 1n);
    await other.play(calls.expire(), calls.dispute(1, owner));
    other.later(terms.disputeSeconds + 1n);
    await other.play(calls.settle(outsider));
    expect(other.model.jobs[0]?.state).toBe("Stopped");
    await other.play(calls.dispute(2));
    other.later(terms.disputeSeconds + 1n);
    await other.play(calls.expire(outsider));
    expect(await other.refusal(calls.settle(outsider))).toMatch(/^TooEarly/);
    other.later(terms.disputeSeconds + 1n);
    await other.play(calls.settle(outsider));
    expect(other.model.jobs[0]?.outcome).toBe("Partial");
  });
});
