import { describe, expect, it } from "vitest";
import { ada, ben, cleo, createStory, dan, type Story, una, vic } from "./story.ts";
import { authority, config, consent, type Person, systemAddress } from "./world.ts";

async function together(story: Story, members: readonly Person[]): Promise<void> {
  const addresses = members.map(({ address }) => address);
  const signatures = members.map((each) => consent(each, addresses, 0n, 0n));
  await story.does(members[0] as Person, "form", addresses, signatures);
}

const funds = async ({ coalitions }: Story): Promise<readonly bigint[]> =>
  (await coalitions.send(authority, "funds")).result.toArray();

describe("a block", () => {
  it("is rewarded once, by the system [AWARD.1]", async () => {
    const story = await createStory();
    expect(await story.error(ada, "onBlock")).toBe("NotSystem()");
    expect(await story.error(authority, "onBlock")).toBe("NotSystem()");
    expect(await story.error(systemAddress, "onBlock")).toBe("AlreadyRewarded()");
  });

  it("begins an epoch though the system's call failed [AWARD.1]", async () => {
    const story = await createStory();
    await story.records(ada, una, 10);
    await story.records(ben, vic, 10);
    for (const _ of [2, 3, 4]) await story.next();
    const before = await story.weights(1);
    story.chain.block.number += 1n;
    expect(await story.weights(1)).toEqual(before);
    await story.does(authority, "revokeMiner", ada.address);
    expect(await story.weights(1)).toEqual(before);
    expect((await story.weights(2)).length).toBe(before.length - 1);
  });

  it("pays the proposer's coalition by its members' data [AWARD.2] [AWARD.4] [AWARD.5]", async () => {
    const story = await createStory();
    await together(story, [ada, ben]);
    await story.records(ada, una, 30);
    await story.records(ben, vic, 10);
    await story.toEpoch(1, ada.address);
    await story.next(ben.address);
    // Alone the two would be worth less: their union is all the data there is, and the reward is whole.
    expect((await story.coalitions.read<{ rewardWei: bigint }>("epochSummary", 1)).rewardWei).toBe(
      1_000_003n,
    );
    expect(await story.earned(1, ada)).toEqual([2n * 750_002n, true]);
    expect(await story.earned(1, ben)).toEqual([2n * 250_001n, true]);
    expect(await story.coalitions.read("blocksWon", 1, 5)).toBe(2n);
    await story.next(cleo.address);
    expect(await funds(story)).toEqual([config.poolWei - 2_000_006n, 2_000_006n, 0n, config.poolWei]);
  });

  it("pays members equally, if so configured, and less where data overlaps [AWARD.3] [AWARD.4]", async () => {
    const story = await createStory({ split: "equal", synergyQuarters: 4 });
    await together(story, [ada, ben]);
    await story.records(ada, una, 30);
    await story.records(ben, una, 30);
    await story.toEpoch(1, ada.address);
    const { rewardWei } = await story.coalitions.read<{ rewardWei: bigint }>("epochSummary", 1);
    expect(rewardWei).toBe(500_001n);
    expect(await story.earned(1, ada)).toEqual([250_001n, true]);
    expect(await story.earned(1, ben)).toEqual([250_000n, true]);
  });

  it("pays nobody without a seat or a value, and nobody in the first epoch [AWARD.2]", async () => {
    const story = await createStory();
    await story.next(ada.address);
    await story.records(ada, una, 30);
    await story.toEpoch(1, dan.address);
    await story.next();
    expect(await funds(story)).toEqual([config.poolWei, 0n, 0n, config.poolWei]);
  });

  it("pays what is left of the pool, then nothing [AWARD.2]", async () => {
    const story = await createStory({ poolWei: 1_500_000n });
    await together(story, [ada, ben]);
    await story.records(ada, una, 30);
    await story.records(ben, vic, 10);
    await story.toEpoch(1, ada.address);
    const { events } = await story.next(ben.address);
    expect(events.at(-1)?.args["amountWei"]).toBe(499_997n);
    expect((await story.next(ben.address)).events.at(-1)?.args["amountWei"]).toBe(0n);
    expect(await funds(story)).toEqual([0n, 1_500_000n, 0n, 1_500_000n]);
    const [[ofAda], [ofBen]] = [await story.earned(1, ada), await story.earned(1, ben)];
    expect(ofAda + ofBen).toBe(1_500_000n);
    expect(ofAda).toBe(750_002n + 374_998n);
    expect(await story.coalitions.read("blocksWon", 1, 5)).toBe(3n);
  });
});

it("an award is withdrawn when the epoch is over, once, also by one that was revoked [AWARD.6] [COALITION.3]", async () => {
  const story = await createStory();
  await story.records(ada, una, 30);
  await story.toEpoch(1, ada.address);
  expect(await story.error(ada, "withdraw", [1])).toBe("StillLocked(1)");
  expect(await story.error(ada, "withdraw", [7])).toBe("StillLocked(7)");
  await story.does(authority, "revokeMiner", ada.address);
  await story.toEpoch(2, ada.address);
  const [due, locked] = await story.earned(1, ada);
  expect([due > 0n, locked]).toEqual([true, false]);
  expect(await story.error(ben, "withdraw", [0, 1])).toBe("NothingToWithdraw()");
  await story.does(ada, "withdraw", [0, 1, 1]);
  expect(await story.chain.balanceOf(ada.address)).toBe(due);
  expect(await story.error(ada, "withdraw", [0, 1])).toBe("NothingToWithdraw()");
});
