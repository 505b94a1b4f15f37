import type { Result } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";
import { reputationContract } from "../../src/index.ts";
import { account, deploy, zeroAddress } from "../evm.ts";
import {
  analyst,
  calls,
  consumer,
  createStory,
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
import { lower } from "./world.ts";

let story: Story;
beforeEach(async () => {
  story = await createStory();
  await story.play(...untilTraining, ...twoRounds, calls.deliver());
});

describe("ratings [RATING.1]", () => {
  it("wait until the job is over, and go once from each party to each that it worked with", async () => {
    expect(await story.refusal(calls.rate(analyst))).toBe("MayNotRate()");
    await story.play(calls.accept());
    await story.play(calls.rate(analyst), calls.rate(analyst, owner), calls.rate(owner, analyst));
    expect(await story.refusal(calls.rate(analyst))).toBe("AlreadyRated()");
    await story.play(calls.rate(selected[1] as string, analyst));
    const pairs = [
      [consumer, owner],
      [owner, consumer],
      [owner, selected[1]],
      [analyst, consumer],
      [analyst, joiner],
      [analyst, analyst],
      [joiner, analyst],
      [outsider, analyst],
      [consumer, successor],
      [consumer, consumer],
    ] as const;
    for (const [rater, subject] of pairs) {
      expect(await story.refusal(calls.rate(subject as string, rater))).toBe("MayNotRate()");
    }
  });

  it("are rows that anybody reads in pages", async () => {
    await story.play(calls.accept(), calls.rate(analyst), calls.rate(owner, analyst));
    const { reputation } = story.world;
    expect(await reputation.read("ratingCount")).toBe(2n);
    const rows = await reputation.read<Result[]>("ratings", 1n, 9n);
    expect(rows.map((row) => row.toArray().map(lower))).toEqual([
      ["1", "1", analyst, owner, "3", "1", "0", String(story.world.chain.block.number)],
    ]);
    expect((await reputation.read<Result>("ratings", 2n, 9n)).toArray()).toEqual([]);
  });

  it("say something, and come from the licensed [LICENCE.5]", async () => {
    await story.play(calls.accept(), calls.revoke(owner, 1));
    const empty = { from: consumer, name: "rate", args: [1n, analyst, 0, 0, 0] };
    expect(await story.refusal(empty)).toBe("EmptyRating()");
    expect(await story.refusal(calls.rate(analyst, owner))).toBe(`NotLicensed(${owner},1)`);
    await story.play(calls.rate(owner, analyst)); // what was done can be told of one that was revoked
  });

  it("reach all analysts that held a job, also one that was refunded", async () => {
    const other = await createStory();
    await other.play(...untilTraining);
    other.later(terms.roundSeconds + 1n);
    await other.play(calls.takeOver());
    other.later(terms.roundSeconds + terms.resumeSeconds + 1n);
    await other.play(
      calls.expire(),
      calls.rate(analyst),
      calls.rate(successor, owner),
      calls.rate(owner, successor),
    );
  });
});

describe("the register [RATING.2]", () => {
  it("is bound to a market once, by the authority", async () => {
    const { licences, market } = story.world;
    const fresh = await story.world.chain.deploy(reputationContract, account(70), [licences.address]);
    expect((await fresh.send(consumer, "rate", 1n, analyst, 1, 0, 0)).error).toBe("NotBound()");
    expect((await fresh.send(consumer, "bind", market.address)).error).toBe("NotAuthority()");
    expect((await fresh.send(account(0), "bind", zeroAddress)).error).toBe("ZeroMarket()");
    expect((await fresh.send(account(0), "bind", market.address)).error).toBeUndefined();
    expect((await fresh.send(account(0), "bind", market.address)).error).toBe("AlreadyBound()");
    expect(await (await deploy(reputationContract, account(1), [account(2)])).read("ratingCount")).toBe(0n);
  });
});
