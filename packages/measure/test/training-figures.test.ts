import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  agentTimes,
  contributionsOf,
  medianRoundMs,
  milestones,
  observers,
  openedSums,
  type PrivacyRecord,
  phaseTimes,
  privacyModes,
  privacySpent,
  rankCorrelation,
  survivalByRound,
  type TrainingJob,
  trafficOf,
  type Visibility,
  visibilityOf,
} from "../src/index.ts";
import { syntheticTraining, type TrainingOptions } from "./support/synthetic-training.ts";

function jobOf(options: Partial<TrainingOptions>): TrainingJob {
  return syntheticTraining({ owners: 8, rounds: 6, attackers: 2, groupSize: 4, ...options })
    .jobs[0] as TrainingJob;
}

describe("speed of convergence", () => {
  it("[TRAINING.2] is the first round at a level, in the direction of the task", () => {
    const job = jobOf({ rounds: 20 });
    const [half, , ninety, most] = milestones(job);
    expect(half?.round).toBeLessThan(ninety?.round as number);
    const before = job.rounds.filter(({ round }) => round < (ninety?.round as number));
    for (const { test } of before) expect(test?.accuracy).toBeLessThan(0.9);
    expect(ninety?.afterMs).toBe((before.at(-1)?.endMs ?? 0) + 20 + lengthOf(job, ninety?.round) - 21_000);
    expect(most).toMatchObject({ level: 0.95, round: null, afterMs: null });
    const regression = milestones(jobOf({ task: "regression", rounds: 20 }));
    expect(regression).toHaveLength(4);
    expect(regression.map(({ level }) => level)).toEqual(
      [...regression.map(({ level }) => level)].sort((a, b) => b - a),
    );
    expect(regression[0]?.round).not.toBeNull();
  });
});

function lengthOf(job: TrainingJob, round: number | null | undefined): number {
  const own = job.rounds.find((one) => one.round === round);
  return (own?.endMs ?? 0) - (own?.startMs ?? 0);
}

describe("traffic", () => {
  it("[TRAINING.9] counts every byte of a survivor once, and none of one that fell out", () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 0.3, noNaN: true }), (seed, dropouts) => {
        const job = jobOf({ seed, dropouts, rounds: 3 });
        const { phases, owners, plainUpdateBytes } = trafficOf(job);
        const counted = owners.reduce((sum, { rounds }) => sum + rounds, 0);
        expect(counted).toBe(job.rounds.reduce((sum, { survivors }) => sum + survivors.length, 0));
        const perPhase = phases.reduce((sum, { sent }) => sum + sent, 0) * counted;
        const perOwner = owners.reduce((sum, { rounds, sent }) => sum + rounds * sent, 0);
        const rows = job.rounds.flatMap(({ survivors, work }) =>
          work.filter(({ agent }) => survivors.includes(agent)),
        );
        const total = rows.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
        expect(perPhase).toBeCloseTo(total, 2);
        expect(perOwner).toBeCloseTo(total, 2);
        expect(plainUpdateBytes).toBe(4 * job.plan.parameters);
      }),
      { numRuns: 30 },
    );
  });

  it("[TRAINING.9] is given as a ratio to the plain update, median and maximum", () => {
    const { sentRatio, sentRatioMax, receivedRatio } = trafficOf(jobOf({}));
    expect(sentRatio).toBeGreaterThan(1);
    expect(sentRatio).toBeLessThanOrEqual(sentRatioMax as number);
    expect(sentRatioMax).toBeLessThan(1.5);
    expect(receivedRatio).toBeGreaterThan(1);
    expect(trafficOf({ ...jobOf({}), rounds: [] })).toMatchObject({
      sentRatio: null,
      owners: [],
      phases: [],
    });
  });
});

describe("times", () => {
  it("[TRAINING.3] are medians by phase in the order of the protocol, and shares that sum to one", () => {
    const job = jobOf({});
    const times = phaseTimes(job);
    expect(times.map(({ phase }) => phase)).toEqual(job.rounds[0]?.phases.map(({ phase }) => phase));
    expect(times.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    for (const { medianMs, maxMs } of times) expect(medianMs).toBeLessThanOrEqual(maxMs);
    const [train] = agentTimes(job, ["owner-1"]);
    expect(train?.phases.find(({ phase }) => phase === "train")?.medianMs).toBeGreaterThan(400);
    expect(train?.medianMs).toBeLessThan(medianRoundMs(job) as number);
    expect(agentTimes(job, ["consumer"])).toEqual([]);
  });
});

describe("survivors", () => {
  it("are the invited less those that fell out before their update arrived", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const job = jobOf({ seed, dropouts: 0.4 });
        for (const { invited, survivors, lost } of survivalByRound(job)) {
          expect(survivors + lost.reduce((sum, { count }) => sum + count, 0)).toBe(invited);
          expect(survivors).toBeGreaterThanOrEqual(3);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("privacy spent", () => {
  it("[TRAINING.5] rises to what the summary reports, owner by owner", () => {
    const { byRound, owners, epsilonMax, budget } = privacySpent(jobOf({ mode: "secagg+dp" }));
    expect(byRound.at(-1)?.highest).toBe(epsilonMax);
    for (const [i, point] of byRound.entries()) {
      expect(point.lowest).toBeLessThanOrEqual(point.median);
      expect(point.median).toBeLessThanOrEqual(point.highest);
      expect(point.highest).toBeGreaterThan(byRound[i - 1]?.highest ?? 0);
    }
    expect(owners).toHaveLength(8);
    expect(budget).toBe(8);
    expect(privacySpent(jobOf({}))).toEqual({ byRound: [], owners: [], epsilonMax: null, budget: null });
  });
});

describe("contributions", () => {
  it("[TRAINING.10] find the attackers where their scores are lowest, and say what they got", () => {
    const { agents, jobs } = syntheticTraining({ owners: 12, attackers: 3 });
    const analysis = contributionsOf(jobs[0] as TrainingJob, agents);
    expect(analysis?.detection).toEqual({ attackers: 3, amongLowest: 3, separation: 1, paidShare: 0 });
    expect(analysis?.clipped).toBeLessThan(0);
    expect(analysis?.efficiencyGap).toBeCloseTo(0, 12);
    expect(analysis?.scoreBySamples).toBeGreaterThan(0.5);
    const total = analysis?.owners.reduce((sum, { paid }) => sum + paid, 0n);
    expect(total).toBe(900_000n);
  });

  it("[TRAINING.10] a separation of one half is what equal scores give", () => {
    const { agents, jobs } = syntheticTraining({ owners: 9, attackers: 3 });
    const job = jobs[0] as TrainingJob;
    const equal = {
      ...job.contributions,
      rows: job.contributions?.rows.map((row) => ({ ...row, score: 1 })),
    };
    const analysis = contributionsOf({ ...job, contributions: equal } as TrainingJob, agents);
    expect(analysis?.detection?.separation).toBe(0.5);
    expect(analysis?.scoreBySamples).toBeNull();
    const honest = syntheticTraining({ owners: 9, attackers: 0 });
    expect(contributionsOf(honest.jobs[0] as TrainingJob, honest.agents)?.detection).toBeNull();
  });

  it("[TRAINING.10] the rank correlation does not change under a rising map, and turns its sign under a falling one", () => {
    const random = createRandom("ranks");
    const pairs = Array.from({ length: 40 }, () => [random.int(20), random.int(20)] as const);
    const plain = rankCorrelation(pairs) as number;
    expect(Math.abs(plain)).toBeLessThan(1);
    expect(rankCorrelation(pairs.map(([x, y]) => [Math.exp(x), y ** 3] as const))).toBeCloseTo(plain, 12);
    expect(rankCorrelation(pairs.map(([x, y]) => [x, -y] as const))).toBeCloseTo(-plain, 12);
    expect(rankCorrelation(pairs.map(([x]) => [x, 2 * x] as const))).toBeCloseTo(1, 12);
    expect(rankCorrelation([[1, 2]])).toBeNull();
  });
});

describe("who can see what", () => {
  const tableOf = (
    mode: PrivacyRecord["mode"],
    noise: "central" | "distributed" = "distributed",
    onePerRound = false,
  ): ReturnType<typeof visibilityOf> => {
    const job = jobOf({ mode, noise, rounds: 2 });
    return visibilityOf(job.privacy, { ...openedSums(job), onePerRound });
  };
  const seen = (table: ReturnType<typeof visibilityOf>, item: RegExp): readonly Visibility[] => {
    const row = table.rows.find((one) => item.test(one.item));
    return observers.map((observer) => row?.seenBy[observer] ?? "visible");
  };

  it("[TRAINING.11] raw data is hidden from everybody, always", () => {
    for (const mode of privacyModes) {
      expect(new Set(seen(tableOf(mode), /Raw data/))).toEqual(new Set(["hidden"]));
    }
  });

  it("[TRAINING.11] the analyst sees a single update in the modes none and dp only", () => {
    const update = /^Update of one owner/;
    expect(seen(tableOf("none"), update)[1]).toBe("visible");
    expect(seen(tableOf("dp", "central"), update)[1]).toBe("visible");
    expect(seen(tableOf("dp", "distributed"), update)[1]).toBe("noisy");
    for (const mode of ["secagg", "secagg+dp", "paillier"] as const) {
      expect(seen(tableOf(mode), update)).toEqual(["hidden", "hidden", "hidden", "hidden", "digest"]);
    }
  });

  it("[TRAINING.11] the broker learns nothing of what it relays", () => {
    for (const mode of privacyModes) {
      const relayed = tableOf(mode, "central").rows.filter(({ item }) =>
        /update|model|count|loss/i.test(item),
      );
      expect(relayed.length).toBeGreaterThan(4);
      for (const { item, seenBy } of relayed) expect(seenBy.broker, item).toBe("hidden");
    }
  });

  it("[TRAINING.11] noise of the owners is in what the analyst opens, noise of the analyst in what it publishes", () => {
    const sum = /Sum of a round/;
    expect(seen(tableOf("secagg+dp", "distributed"), sum).slice(0, 2)).toEqual(["noisy sum", "noisy sum"]);
    expect(seen(tableOf("secagg+dp", "central"), sum).slice(0, 2)).toEqual(["noisy sum", "sum"]);
    expect(seen(tableOf("secagg"), sum).slice(0, 2)).toEqual(["sum", "sum"]);
    expect(seen(tableOf("paillier"), sum)[2]).toBe("sum");
  });

  it("[TRAINING.11] groups have a row only where a round has several, and their least size is said", () => {
    expect(tableOf("secagg").rows.map(({ item }) => item)).toContain("Sum of one group's updates");
    expect(
      tableOf("secagg", "central", true)
        .rows.map(({ item }) => item)
        .join(),
    ).not.toContain("group");
    expect(tableOf("secagg").assumptions[0]).toMatch(/at least [3-7] owners/);
    expect(tableOf("paillier").assumptions[0]).toContain("holds the key");
    expect(tableOf("dp", "central").assumptions.join()).toContain("The analyst adds the noise");
  });
});
