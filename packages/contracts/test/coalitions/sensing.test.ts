import { getAddress, type Result } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";
import { ada, ben, createStory, newcomer, rootOfSamples, type Story, una, vic } from "./story.ts";
import { authority, contribution, person, rootOf } from "./world.ts";

let story: Story;
beforeEach(async () => {
  story = await createStory();
});

const reputation = async (worker = una) => {
  const { result } = await story.does(authority, "worker", worker.address);
  return [result[0].good, result[0].bad, result[1]] as readonly bigint[];
};

describe("a worker", () => {
  it("is registered with evidence, and keeps it [SENSE.1] [SENSE.6]", async () => {
    const wil = person(12);
    const known = { account: wil.address, good: 8, bad: 2 };
    const other = newcomer(person(13));
    for (const [wrong, error] of [
      [{ ...known, good: 101 }, "TooMuchEvidence()"],
      [{ ...known, account: `0x${"0".repeat(40)}` }, "NoWorker()"],
      [newcomer(una), `WorkerAlreadyRegistered(${getAddress(una.address)})`],
    ]) {
      expect(await story.error(authority, "registerWorkers", [other, wrong])).toBe(error);
    }
    await story.does(authority, "registerWorkers", [other, known]);
    expect(await reputation(wil)).toEqual([8n, 2n, 6_428n]);
    expect(await story.error(ada, "registerWorkers", [])).toBe("NotAuthority()");
    await story.does(authority, "revokeWorker", wil.address);
    await story.records(ada, wil, 3); // until the epoch ends
    await story.toEpoch(1);
    const late = contribution(wil, { epoch: 1n, samples: 3n, root: rootOf(1) });
    expect((await story.error(ada, "contribute", [late]))?.slice(0, 10)).toBe("NotWorker(");
    await story.does(authority, "registerWorkers", [{ account: wil.address, good: 0, bad: 100 }]);
    expect(await reputation(wil)).toEqual([8n, 102n, 420n]);
    await story.does(ada, "contribute", [late]);
  });

  it("signs for this epoch, its samples and their root [SENSE.2]", async () => {
    const words = { epoch: 0n, samples: 5n, root: rootOf(1) };
    const wrong = [
      contribution(una, words, vic),
      contribution(una, { ...words, epoch: 1n }),
      contribution(una, words).with(1, 6n),
      contribution(una, words).with(2, rootOf(2)),
    ];
    for (const each of wrong) {
      expect((await story.error(ada, "contribute", [each]))?.slice(0, 12)).toBe("NoSignature(");
    }
    for (const samples of [0n, 2n ** 32n + 1n]) {
      const each = contribution(una, { ...words, samples });
      expect(await story.error(ada, "contribute", [each])).toBe(`WrongSampleCount(${samples})`);
    }
    await story.does(ada, "contribute", [contribution(una, { ...words, samples: 2n ** 32n })]);
  });
});

describe("a record", () => {
  it("counts for the weights of the next epoch [SENSE.3] [SENSE.10]", async () => {
    const { events } = await story.records(ada, una, 30);
    expect(events.map(({ name, args }) => [name, args["samples"], args["reputationBps"]])).toEqual([
      ["Contributed", 30n, 5_000n],
    ]);
    await story.records(ben, vic, 10);
    await story.toEpoch(1);
    const [ofAda, ofBen, ...none] = await story.weights(1);
    const ratio = 3 ** 1.25;
    expect(Number(ofAda) / Number(ofBen)).toBeCloseTo(ratio, 9);
    expect(Number(ofAda) / 2 ** 48).toBeCloseTo(ratio / (ratio + 1), 9);
    expect(none).toEqual([0n, 0n]);
    await story.toEpoch(2);
    expect(await story.weights(2)).toEqual([0n, 0n, 0n, 0n]);
  });

  it("is of at most 32 workers, each once [SENSE.3]", async () => {
    const many = Array.from({ length: 33 }, (_, i) => person(100 + i));
    await story.does(authority, "registerWorkers", many.map(newcomer));
    const items = many.map((each) => contribution(each, { epoch: 0n, samples: 1n, root: rootOf(1) }));
    expect(await story.error(ada, "contribute", items)).toBe("TooManyWorkers()");
    expect((await story.error(ada, "contribute", [items[0], items[0]]))?.slice(0, 16)).toBe(
      "AlreadyRecorded(",
    );
    await story.does(ada, "contribute", items.slice(0, 32));
    expect(await story.error(ada, "contribute", items.slice(32))).toBe("TooManyWorkers()");
    await story.does(ben, "contribute", items.slice(1));
  });

  it("has the reputation of the worker's first, for every miner [SENSE.4]", async () => {
    await story.records(ada, una, 5, 5);
    await story.does(
      ben,
      "reportEquivocation",
      0,
      contribution(una, { epoch: 0n, samples: 6n, root: rootOf(1) }),
    );
    expect(await reputation()).toEqual([0n, 1n, 2_500n]);
    const { events } = await story.records(ben, una, 5, 5);
    expect(events[0]?.args["reputationBps"]).toBe(5_000n);
    const stored = await story.coalitions.read<Result>("statement", 0, una.address);
    expect(stored["reputationBps"]).toBe(5_000n);
    await story.toEpoch(1);
    const [ofAda, ofBen] = await story.weights(1);
    expect(ofAda).toBe(ofBen);
  });

  it("is refused beside another of the worker, who is reported once [SENSE.5]", async () => {
    const other = contribution(una, { epoch: 0n, samples: 6n, root: rootOf(1) });
    expect(await story.error(ben, "reportEquivocation", 0, other)).toBe("NotRecorded()");
    await story.records(ada, una, 5);
    expect((await story.error(ben, "contribute", [other]))?.slice(0, 13)).toBe("Equivocation(");
    const same = contribution(una, { epoch: 0n, samples: 5n, root: rootOfSamples(5) });
    expect(await story.error(ben, "reportEquivocation", 0, same)).toBe("SameStatement()");
    const forged = contribution(una, { epoch: 0n, samples: 6n, root: rootOf(1) }, ben);
    expect((await story.error(ben, "reportEquivocation", 0, forged))?.slice(0, 12)).toBe("NoSignature(");
    expect((await story.error(una, "reportEquivocation", 0, other))?.slice(0, 9)).toBe("NotMiner(");
    await story.toEpoch(3);
    await story.does(ben, "reportEquivocation", 0, other);
    expect(await reputation()).toEqual([0n, 1n, 2_500n]);
    expect(await story.error(ada, "reportEquivocation", 0, other)).toBe("AlreadyReported()");
  });
});
