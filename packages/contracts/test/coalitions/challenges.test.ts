import { beforeEach, describe, expect, it } from "vitest";
import { sampleProof } from "../../src/index.ts";
import { keccak } from "../evm.ts";
import { ada, ben, cleo, createStory, type Story, samplesOf, una, vic } from "./story.ts";
import { authority, config, type Person } from "./world.ts";

let story: Story;
beforeEach(async () => {
  story = await createStory();
  for (const { address } of [ada, ben, cleo]) await story.chain.fund(address, 10n ** 18n);
});

const challenge = (by: Person, epoch: number, accused: Person, worker: Person, bond = config.bondWei) =>
  story.coalitions.pay(bond, by.address, "challenge", epoch, accused.address, worker.address);

async function answer(from: Person, challenger: Person, size: number, real = size) {
  const index = Number(await story.coalitions.read<bigint>("drawnLeaf", challenger.address));
  expect(index).toBeLessThan(size);
  const samples = samplesOf(size);
  const shown = index < real ? (samples[index] as Uint8Array) : Uint8Array.of(1);
  return story.coalitions.send(
    from.address,
    "answer",
    challenger.address,
    shown,
    sampleProof(samples, index, keccak),
  );
}

const credit = ({ address }: Person) => story.coalitions.read<bigint>("creditOf", address);
const evidence = async ({ address }: Person) => {
  const { result } = await story.does(authority, "worker", address);
  return [result[0].good, result[0].bad];
};

async function pass(blocks: number, proposer?: string): Promise<void> {
  for (let i = 0; i < blocks; i++) await story.next(proposer);
}

describe("a challenge", () => {
  beforeEach(async () => {
    await story.records(ada, una, 6);
    await story.records(ben, una, 6);
    await story.records(ben, vic, 5, 3);
    await story.toEpoch(1);
  });

  it("is made by another miner, with a bond, one at a time [CHALLENGE.1]", async () => {
    expect((await challenge(ada, 0, ada, una)).error).toBe("OwnContribution()");
    expect((await challenge(una, 0, ada, una, 0n)).error?.slice(0, 9)).toBe("NotMiner(");
    expect((await challenge(cleo, 0, ada, una, 499n)).error).toBe("WrongBond(500)");
    expect((await challenge(cleo, 0, ada, vic)).error).toBe("NotRecorded()");
    expect((await challenge(cleo, 0, cleo, vic)).error).toBe("OwnContribution()");
    expect((await challenge(cleo, 0, ada, una)).error).toBeUndefined();
    expect((await challenge(cleo, 0, ben, una)).error).toBe("AlreadyChallenging()");
    expect((await challenge(ben, 0, ada, una)).error).toBeUndefined();
  });

  it("is made in the epoch after the record [CHALLENGE.2]", async () => {
    expect((await challenge(cleo, 1, ada, una)).error).toBe("WrongEpoch(1)");
    await story.toEpoch(2);
    expect((await challenge(cleo, 0, ada, una)).error).toBe("WrongEpoch(2)");
  });

  it("is answered with the leaf that the next block drew [CHALLENGE.3] [CHALLENGE.4] [CHALLENGE.7]", async () => {
    await challenge(cleo, 0, ada, una);
    const drawn = story.chain.block.number + 1n;
    expect(await story.error(ada, "drawnLeaf", cleo.address)).toBe(`TooEarly(${drawn})`);
    await pass(1);
    expect(await story.error(ada, "answer", cleo.address, "0x", [])).toBe(`TooEarly(${drawn})`);
    await pass(1);
    expect((await answer(ben, cleo, 6)).error).toBe("NotAccused()");
    expect((await answer(ada, cleo, 6, 0)).error?.slice(0, 11)).toBe("WrongProof(");
    expect((await answer(ada, cleo, 6)).error).toBeUndefined();
    expect((await answer(ada, cleo, 6).catch(() => "closed")) === "closed").toBe(true);
    expect([await credit(ada), await credit(cleo)]).toEqual([500n, 0n]);
    expect(await evidence(una)).toEqual([1n, 0n]);
    await challenge(cleo, 0, ada, una);
    await pass(2);
    expect((await answer(ada, cleo, 6)).error).toBeUndefined();
    expect(await evidence(una)).toEqual([1n, 0n]);
  });

  it("is ended by anybody when there was no answer in time, though blocks pass [CHALLENGE.4]", async () => {
    await challenge(cleo, 0, ada, una);
    const deadline = story.chain.block.number + 1n + BigInt(config.answerBlocks);
    expect(await story.error(una, "conclude", cleo.address)).toBe(`TooEarly(${deadline})`);
    expect(await story.error(una, "conclude", ben.address)).toBe("NoChallenge()");
    await pass(config.answerBlocks + 1);
    expect(await story.error(una, "conclude", cleo.address)).toBe(`TooEarly(${deadline})`);
    await pass(300);
    expect(await story.error(ada, "answer", cleo.address, "0x", [])).toBe(`TooLate(${deadline})`);
    await story.does(una, "conclude", cleo.address);
    expect(await story.error(una, "conclude", cleo.address)).toBe("NoChallenge()");
  });

  it("that is upheld voids, suspends and fines the accused [CHALLENGE.5] [CHALLENGE.6] [CHALLENGE.7] [AWARD.6]", async () => {
    await story.next(ben.address);
    await story.next(ben.address);
    const [won] = await story.earned(1, ben);
    expect(won).toBeGreaterThan(0n);
    await challenge(cleo, 0, ben, vic);
    await challenge(ada, 0, ben, una);
    await story.toEpoch(2);
    await story.records(ben, vic, 5);
    expect(await story.earned(1, ben)).toEqual([won, true]); // the epoch is over, but it may yet lose it
    expect(await story.error(ben, "withdraw", [1])).toBe("StillLocked(1)");
    await pass(3);
    const [pool] = (await story.does(authority, "funds")).result.toArray();
    const weights = await story.weights(2);
    const { events } = await story.does(cleo, "conclude", cleo.address);
    expect(events.map(({ name }) => name)).toEqual(["EvidenceChanged", "Upheld"]);
    expect(await credit(cleo)).toBe(config.bondWei + won / 4n);
    expect((await story.does(authority, "funds")).result[0]).toBe(pool + won - won / 4n);
    expect(await story.earned(1, ben)).toEqual([0n, true]);
    expect(await evidence(vic)).toEqual([0n, 1n]);
    expect(await story.weights(2)).toEqual(weights);

    // The other challenge of the same contribution has nothing left to find.
    expect((await story.does(ada, "conclude", ada.address)).events.map(({ name }) => name)).toEqual([
      "Dropped",
    ]);
    expect([await credit(ada), await evidence(una)]).toEqual([500n, [0n, 0n]]);
    expect((await story.error(ben, "contribute", []))?.slice(0, 10)).toBe("Suspended(");
    expect(await story.weights(3)).toEqual([0n, 0n, 0n, 0n]); // what it recorded in epoch 2 does not count
    await story.toEpoch(4);
    await story.records(ben, vic, 5); // for epoch 5, the first after two of suspension
    expect((await story.weights(5))[1]).toBeGreaterThan(0n);
  });

  it("that is upheld within the epoch stops the part of the accused from then on [AWARD.5]", async () => {
    const short = await createStory({ epochBlocks: 12, answerBlocks: 2 });
    story = short;
    await story.chain.fund(cleo.address, 1_000n);
    await story.records(ben, vic, 5, 3);
    await story.toEpoch(1, ben.address);
    await challenge(cleo, 0, ben, vic);
    await pass(4, ben.address);
    await story.does(cleo, "conclude", cleo.address);
    const before = (await story.does(authority, "funds")).result.toArray();
    await pass(2, ben.address);
    expect((await story.does(authority, "funds")).result.toArray()).toEqual(before);
    expect((await challenge(cleo, 0, ben, vic)).error).toBe("AlreadyVoid()");
  });
});

it("draws leaves that are not there as often as the rule says [CHALLENGE.3]", async () => {
  const [claimed, real, draws] = [8, 6, 100];
  story = await createStory({ epochBlocks: 1_000 });
  await story.chain.fund(cleo.address, 1_000n);
  await story.records(ada, una, claimed, real);
  await story.toEpoch(1);
  let found = 0;
  for (let i = 0; i < draws; i++) {
    await story.chain.tentatively(async () => {
      expect((await challenge(cleo, 0, ada, una)).error).toBeUndefined();
      story.chain.block.number += 2n;
      const drawn = await story.coalitions.read<bigint>("drawnLeaf", cleo.address);
      if (drawn >= BigInt(real)) found += 1;
    });
  }
  expect(Math.abs(found / draws - (claimed - real) / claimed)).toBeLessThan(0.1);
}, 240_000);
