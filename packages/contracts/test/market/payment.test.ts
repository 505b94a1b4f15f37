import { describe, expect, it } from "vitest";
import { account } from "../evm.ts";
import { compileHarness } from "./harness.ts";
import {
  analyst,
  arbiter,
  calls,
  consumer,
  createStory,
  fee,
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
import { people, wealth } from "./world.ts";

const { everything } = people;

async function paid(story: Story): Promise<Record<string, bigint>> {
  const names = {
    consumer,
    analyst,
    successor,
    o0: selected[0],
    o1: selected[1],
    o2: selected[2],
    o3: selected[3],
  };
  const entries: [string, bigint][] = [];
  for (const [name, account_] of Object.entries(names)) {
    entries.push([name, await story.world.market.read<bigint>("credit", account_)]);
  }
  return Object.fromEntries(entries.filter(([, amount]) => amount > 0n));
}

async function stopped(): Promise<Story> {
  const story = await createStory();
  await story.play(...untilTraining, ...twoRounds);
  story.later(terms.roundSeconds + terms.resumeSeconds + 1n);
  await story.play(calls.expire());
  return story;
}

/** Round 1 by `analyst`, round 2 and the delivery by `successor`. */
async function takenOver(): Promise<Story> {
  const story = await createStory();
  await story.play(...untilTraining, calls.open(1), calls.close(1));
  story.later(terms.roundSeconds + 1n);
  await story.play(calls.takeOver(), calls.open(2, 0b1111n, successor), calls.close(2, 0b1111n, successor));
  await story.play(calls.deliver([1n, 1n, 1n, 0n], undefined, successor));
  return story;
}

describe("settlement", () => {
  it("in full shares the pool by weights and gives the fee to the analyst [PAYMENT.3]", async () => {
    const story = await createStory();
    await story.play(...untilTraining, ...twoRounds, calls.deliver([1n, 2n, 3n, 4n]), calls.accept());
    expect(await paid(story)).toEqual({
      analyst: fee,
      o0: 90_000n,
      o1: 180_000n,
      o2: 270_000n,
      o3: 360_000n,
    });
  });

  it("in full with weights of zero shares equally among those that survived a round [PAYMENT.3]", async () => {
    const story = await createStory();
    const rounds = [calls.open(1, 0b0111n), calls.close(1, 0b0111n), calls.open(2), calls.close(2, 0b0111n)];
    await story.play(...untilTraining, ...rounds, calls.deliver([0n, 0n, 0n, 0n]), calls.accept());
    expect(await paid(story)).toEqual({ analyst: fee, o0: 300_000n, o1: 300_000n, o2: 300_000n });
  });

  it("shares the fee by rounds closed, the delivery being one [PAYMENT.4]", async () => {
    const story = await takenOver();
    await story.play(calls.accept());
    const third = (price - fee) / 3n;
    expect(await paid(story)).toEqual({
      analyst: 33_333n,
      successor: 66_667n,
      o0: third,
      o1: third,
      o2: third,
    });
  });

  it("in part pays the closed rounds and returns the rest [PAYMENT.5]", async () => {
    const story = await stopped();
    await story.play(calls.accept());
    // Two of four rounds: 450,000 by 2, 2, 2, 1 rounds survived; 2/5 of the fee.
    expect(await paid(story)).toEqual({
      analyst: 40_000n,
      o0: 128_572n,
      o1: 128_571n,
      o2: 128_571n,
      o3: 64_286n,
      consumer: price - 450_000n - 40_000n,
    });
  });

  it("of an upheld dispute takes the accused's part only [PAYMENT.6]", async () => {
    const story = await takenOver();
    await story.play(calls.dispute(2));
    for (const each of [arbiter, secondArbiter]) await story.play(calls.vote(true, each));
    const quarter = 450_000n / 4n;
    expect(await paid(story)).toEqual({
      analyst: 20_000n,
      o0: quarter,
      o1: quarter,
      o2: quarter,
      o3: quarter,
      consumer: price - 450_000n - 20_000n + price / 20n,
    });
  });

  it("of a rejected dispute gives the bond to the accused [PAYMENT.8]", async () => {
    const story = await takenOver();
    await story.play(calls.dispute(1, owner));
    for (const each of [arbiter, secondArbiter]) await story.play(calls.vote(false, each));
    expect(await paid(story)).toEqual({ analyst: price / 20n });
  });

  it("leaves a row for each payment, which sum to the price less what came back [PAYMENT.10]", async () => {
    const story = await stopped();
    await story.play(calls.accept());
    const { trades } = story.model;
    expect(trades).toHaveLength(5);
    expect(trades.reduce((sum, { amount }) => sum + amount, 0n)).toBe(490_000n);
    expect(await story.world.market.read("tradeCount")).toBe(5n);
  });
});

describe("withdrawing [PAYMENT.9]", () => {
  it("pays all credit, once", async () => {
    const story = await createStory();
    await story.play(...untilTraining, ...twoRounds, calls.deliver(), calls.accept(), calls.withdraw(owner));
    expect(await story.world.chain.balanceOf(owner)).toBe(wealth + 90_000n);
    expect(await story.refusal(calls.withdraw(owner))).toBe("NothingToWithdraw()");
    await story.play(calls.withdraw(analyst));
  });

  it("pays a contract that calls again from within no more than its credit", async () => {
    const story = await createStory();
    await story.world.chain.fund(account(90), 500n);
    const greedy = await story.world.chain.deploy(await compileHarness("Greedy"), account(90), [
      story.world.market.address,
    ]);
    await story.play(calls.issue(greedy.address, 3));
    await story.play({ ...calls.request(), from: consumer }); // somebody else's money is there to take
    expect((await greedy.pay(500n, account(90), "askAndCancel", terms)).error).toBeUndefined();
    expect((await greedy.send(account(90), "take")).error).toBeUndefined();
    expect(await story.world.chain.balanceOf(greedy.address)).toBe(500n);
    expect(await greedy.read("refusals")).toBe(1n);
  });

  it("holds up nobody when an account takes no money", async () => {
    const story = await createStory();
    await story.world.chain.fund(account(90), 500n);
    const stubborn = await story.world.chain.deploy(await compileHarness("Stubborn"), account(90), [
      story.world.market.address,
    ]);
    await story.play(calls.issue(stubborn.address, 3));
    await stubborn.pay(500n, account(90), "askAndCancel", terms);
    expect((await stubborn.send(account(90), "take")).error).toBe("PaymentFailed()");
    expect(await story.world.market.read("credit", stubborn.address)).toBe(500n);
    await story.play({ ...calls.request(), from: everything });
  });
});
