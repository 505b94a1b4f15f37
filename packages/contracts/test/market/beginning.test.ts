import { beforeEach, describe, expect, it } from "vitest";
import {
  analyst,
  calls,
  consumer,
  createStory,
  joiner,
  outsider,
  price,
  type Story,
  selected,
  stranger,
  successor,
  terms,
  untilTraining,
} from "./story.ts";
import { fundsOf, people } from "./world.ts";

let story: Story;
beforeEach(async () => {
  story = await createStory();
});

describe("a request", () => {
  const day = 86_400n;
  it.each([
    ["no time for offers", { offerSeconds: 0n }],
    ["no time to recruit", { recruitSeconds: 0n }],
    ["no time for a round", { roundSeconds: 0n }],
    ["no time to resume", { resumeSeconds: 0n }],
    ["no time to dispute", { disputeSeconds: 0n }],
    ["more than a leap year", { roundSeconds: 366n * day + 1n }],
    ["a time that would overflow", { disputeSeconds: 2n ** 64n - 1n }],
    ["no rounds", { minRounds: 0 }],
    ["fewer rounds than it must have", { minRounds: 5, maxRounds: 4 }],
    ["too many rounds", { maxRounds: 65_536 }],
    ["two owners", { minOwners: 2 }],
    ["fewer owners than it must have", { minOwners: 5, maxOwners: 4 }],
    ["too many owners", { maxOwners: 257 }],
  ])("is refused with %s [MARKET.3]", async (_, wrong) => {
    expect(await story.refusal(calls.request(price, { ...terms, ...wrong }))).toBe("BadTerms()");
  });

  it("is taken with the greatest terms there are, and can still be left [MARKET.3]", async () => {
    const seconds = 366n * day;
    const greatest = {
      offerSeconds: seconds,
      recruitSeconds: seconds,
      roundSeconds: seconds,
      resumeSeconds: seconds,
    };
    const counts = { minRounds: 65_535, maxRounds: 65_535, minOwners: 256, maxOwners: 256 };
    await story.play(
      calls.request(2n ** 96n - 1n, { ...terms, ...greatest, ...counts, disputeSeconds: seconds }),
    );
    story.later(seconds + 1n);
    await story.play(calls.expire(), calls.withdraw(consumer));
    expect(await fundsOf(story.world)).toEqual([0n, 0n, 0n]);
  });

  it("brings a price and a specification [MARKET.3]", async () => {
    const request = calls.request();
    const withSpec = (bytes: number) => ({ ...request, args: [`0x${"7b".repeat(bytes)}`, terms] });
    expect(await story.refusal({ ...request, value: 0n })).toBe("BadPrice()");
    expect(await story.refusal({ ...request, value: 2n ** 96n })).toBe("BadPrice()");
    expect(await story.refusal(withSpec(0))).toBe("BadSpec()");
    expect(await story.refusal(withSpec(24 * 1024 + 1))).toBe("BadSpec()");
    await story.play(withSpec(24 * 1024));
    expect(await story.refusal({ ...request, from: outsider })).toBe(`NotLicensed(${outsider},3)`);
  });

  it("may be cancelled until it is awarded; the price comes back [MARKET.6] [PAYMENT.7]", async () => {
    await story.play(calls.request(), calls.offer(), calls.cancel());
    expect(story.model.credits.get(consumer)).toBe(price);
    expect(await story.refusal(calls.award())).toBe("WrongState(7)");
    expect(await story.refusal(calls.cancel())).toBe("WrongState(7)");
  });
});

describe("offers and the award", () => {
  it("may only become cheaper [MARKET.4]", async () => {
    await story.play(calls.request(), calls.offer(analyst, price));
    expect(await story.refusal(calls.offer(successor, price + 1n))).toBe("FeeTooHigh()");
    expect(await story.refusal(calls.offer(analyst, price))).toBe("FeeTooHigh()");
    await story.play(calls.offer(analyst, 10n), calls.offer(analyst, 0n));
    expect(await story.refusal(calls.offer(analyst, 0n))).toBe("FeeTooHigh()");
    expect(await story.refusal(calls.offer(analyst, 2n ** 256n - 1n))).toBe("FeeTooHigh()");
  });

  it("goes to one that has offered and is still licensed [MARKET.5] [LICENCE.5]", async () => {
    await story.play(calls.request(), calls.offer(), calls.revoke(analyst, 2));
    expect(await story.refusal(calls.award(successor))).toBe(`NoOffer(${successor})`);
    expect(await story.refusal(calls.award())).toBe(`NotLicensed(${analyst},2)`);
    await story.play(calls.issue(analyst, 2), calls.award());
    expect(await story.refusal(calls.award())).toBe("WrongState(2)");
  });
});

describe("one role in a job [MARKET.7]", () => {
  const { everything } = people;
  it("keeps the consumer from offering and from being invited", async () => {
    const request = { ...calls.request(), from: everything };
    await story.play(request, calls.offer(), { ...calls.award(), from: everything });
    expect(await story.refusal(calls.invite([everything]))).toBe(`PartyConflict(${everything})`);
    await story.play(request);
    const offer = { from: everything, name: "offer", args: [2n, 1n] };
    expect(await story.refusal(offer)).toBe(`PartyConflict(${everything})`);
  });

  it("keeps the analyst from being invited, and owners from taking over", async () => {
    await story.play(calls.request(), calls.offer(everything, 1n), calls.award(everything));
    expect(await story.refusal(calls.invite([everything], everything))).toBe(`PartyConflict(${everything})`);
  });
});

describe("recruiting", () => {
  beforeEach(() => story.play(calls.request(), calls.offer(), calls.award()));

  it("invites licensed owners, each once, 1,024 at most [MARKET.8]", async () => {
    await story.play(calls.invite(selected));
    expect(await story.refusal(calls.invite([stranger, selected[0] as string]))).toBe(
      `AlreadyInvited(${selected[0]})`,
    );
    expect(await story.refusal(calls.invite([stranger, stranger]))).toBe(`AlreadyInvited(${stranger})`);
    expect(await story.refusal(calls.invite([outsider]))).toBe(`NotLicensed(${outsider},1)`);
    const { error } = await story.world.send(calls.invite(new Array(1_021).fill(stranger)));
    expect(error).toBe("TooManyInvited()");
  });

  it("is answered once, and joined only with a licence [MARKET.8] [LICENCE.5]", async () => {
    await story.play(calls.invite(), calls.join(joiner), calls.decline(selected[0] as string));
    expect(await story.refusal(calls.decline(joiner))).toBe("NotInvited()");
    expect(await story.refusal(calls.join(selected[0] as string))).toBe("NotInvited()");
    await story.play(calls.revoke(selected[1] as string, 1));
    expect(await story.refusal(calls.join(selected[1] as string))).toBe(`NotLicensed(${selected[1]},1)`);
    await story.play(calls.decline(selected[1] as string));
  });

  it("ends with a selection of those that joined, each once, as many as the terms say [MARKET.9]", async () => {
    await story.play(...untilTraining.slice(3, -1));
    const [a, b, c] = selected as [string, string, string];
    expect(await story.refusal(calls.select([a, b]))).toBe("WrongOwnerCount(2)");
    expect(await story.refusal(calls.select([...selected, joiner]))).toBe("WrongOwnerCount(5)");
    expect(await story.refusal(calls.select([a, b, a]))).toBe(`AlreadySelected(${a})`);
    expect(await story.refusal(calls.select([a, b, stranger]))).toBe(`NotJoined(${stranger})`);
    await story.play(calls.revoke(c, 1));
    expect(await story.refusal(calls.select([a, b, c]))).toBe(`NotLicensed(${c},1)`);
    await story.play(calls.select([b, a, joiner]));
    const owners = await story.world.market.read<{ toArray(): string[] }>("owners", 1n);
    expect(owners.toArray().map((each) => each.toLowerCase())).toEqual([b, a, joiner]);
  });
});
