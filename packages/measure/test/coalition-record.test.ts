import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  analyseCoalition,
  type CoalitionChain,
  type CoalitionRecord,
  estimateOf,
  type FormationStep,
  parseCoalitionRecord,
  summarizeCoalition,
} from "../src/index.ts";
import { syntheticCoalition } from "./support/synthetic-coalition.ts";

const record = syntheticCoalition({ seeds: 2 });
const chain = record.chain as CoalitionChain;
const first = record.formation.steps[0] as FormationStep;

/** The record with its formation, or its chain, changed. */
const withFormation = (change: Partial<CoalitionRecord["formation"]>): CoalitionRecord => ({
  ...record,
  formation: { ...record.formation, ...change },
});
const withChain = (change: Partial<CoalitionChain>): CoalitionRecord => ({
  ...record,
  chain: { ...chain, ...change },
});
const finding = (own: CoalitionRecord, subject: string): boolean | null | undefined =>
  analyseCoalition(own).findings.find((one) => one.subject === subject)?.holds;

describe("the coalition record", () => {
  it("[CRECORD.1] survives JSON, for every kind of run", () => {
    const own = [
      record,
      syntheticCoalition({ kind: "table", miners: 5, epochs: 0, seeds: 0, dhp: "unstable" }),
      syntheticCoalition({ miners: 40, epochs: 0, seeds: 0, dhp: "not-refuted" }),
    ];
    for (const one of own) {
      expect(parseCoalitionRecord(JSON.parse(JSON.stringify(one)))).toEqual(one);
      expect(analyseCoalition(one).problems).toEqual([]);
    }
  });

  it("[CRECORD.1] refuses what it does not know or what contradicts itself, and names the place", () => {
    const { formation, players, workers, utilities } = record;
    const [, epoch] = chain.epochs;
    const inFirstEpoch = (change: object): CoalitionRecord => {
      const coalitions = (epoch?.coalitions ?? []).map((own, i) => (i === 0 ? { ...own, ...change } : own));
      return withChain({ epochs: [{ ...epoch, coalitions }] as never });
    };
    const bad = { ...first, players: first.players, utilitiesAfter: first.utilitiesAfter.slice(1) };
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ ...record, extra: 1 }, /run\.json: the record/],
      [{ ...record, schema: "sheaf.coalition/1" }, /schema/],
      [{ ...record, players: [...players.slice(0, -1), players[0]] }, /id of two players/],
      [{ ...record, workers: [...workers, workers[0]] }, /id of two workers/],
      [{ ...record, workers: [] }, /players\.0\.workers: worker-\d+ is no worker/],
      [{ ...record, utilities: { ...utilities, alone: [1] } }, /utilities\.alone: must have one figure/],
      [withFormation({ final: formation.final.slice(1) }), /formation\.final: holds \d+ of 12 players/],
      [
        withFormation({ start: { ...formation.start, partition: [[1, 0]] } }),
        /start\.partition: members must be ascending/,
      ],
      [
        withFormation({ start: { ...formation.start, partition: [[0], [0, 1]] } }),
        /player 0 is in two coalitions/,
      ],
      [withFormation({ steps: [bad] }), /steps\.0\.utilitiesAfter: must have one figure/],
      [
        withChain({
          epochs: [{ ...epoch, coalitions: [{ ...epoch?.coalitions[0], members: [99] }] }] as never,
        }),
        /no player 99/,
      ],
      [
        withChain({ miners: [{ ...chain.miners[0], miner: 12 }] as never }),
        /chain\.miners\.0\.miner: there is no player 12/,
      ],
      [withChain({ books: { ...chain.books, balance: "-1" } }), /chain\.books\.balance/],
      [inFirstEpoch({ laterRoundBlocks: 1000 }), /more blocks of later rounds/],
      [inFirstEpoch({ blocksWon: 1000 }), /more blocks won than the epoch has/],
      [inFirstEpoch({ blocksWon: 0 }), /coalitions: [\d,]+ proposed other blocks than it has won/],
      [withChain({ blocks: chain.blocks.slice(1) }), /has blocks that are not listed|proposed other blocks/],
      [
        withChain({ blocks: chain.blocks.map((block) => ({ ...block, round: 1 })) }),
        /proposed other blocks than it has won/,
      ],
      [
        withChain({ blocks: [{ proposer: 12, round: 0 }, ...chain.blocks.slice(1)] }),
        /chain\.blocks\.0\.proposer: there is no player 12/,
      ],
      [
        withChain({ contributions: [{ ...chain.contributions[0], miner: 12 }] as never }),
        /chain\.contributions\.0\.miner: there is no player 12/,
      ],
      [inFirstEpoch({ predictedShare: 0 }), /chain\.epochs\.0\.coalitions: predicted shares sum to 0\./],
    ];
    for (const [value, message] of cases) {
      expect(() => parseCoalitionRecord(value)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
      expect(() => parseCoalitionRecord(value)).toThrow(message);
    }
  });

  it("[CRECORD.2] refuses steps that are left out, doubled or moved", () => {
    const { steps } = record.formation;
    fc.assert(
      fc.property(fc.nat(steps.length - 1), fc.constantFrom("drop", "double"), (at, how) => {
        const own = steps[at] as FormationStep;
        const changed = how === "drop" ? steps.toSpliced(at, 1) : steps.toSpliced(at, 0, own);
        expect(() => parseCoalitionRecord(withFormation({ steps: changed }))).toThrow(
          /was not there|is not what the steps lead to/,
        );
      }),
    );
    const gone = { ...first, after: [first.after.flat().slice(1)] };
    expect(() => parseCoalitionRecord(withFormation({ steps: [gone, ...steps.slice(1)] }))).toThrow(
      /same players before and after/,
    );
  });
});

describe("the summary of a coalition run", () => {
  it("[CRECORD.3] is the object of the issue, key for key", () => {
    const summary = summarizeCoalition(record, "reports/r");
    expect(Object.keys(summary)).toEqual([
      "schema",
      "runId",
      "dir",
      "miners",
      "coalitions",
      "best",
      "iterations",
      "stability",
      "meanGain",
      "chain",
    ]);
    expect(summary).toMatchObject({
      schema: "sheaf.coalition/1",
      dir: "reports/r",
      miners: 12,
      iterations: record.formation.steps.length,
      stability: { dhp: true, statement: record.stability.dhp.statement },
      chain: { blocks: 360 },
    });
    expect(summary.coalitions.flat().sort()).toEqual(record.players.map(({ id }) => id).sort());
    expect(Object.keys(summary.chain ?? {})).toEqual(["blocks", "chiSquareP"]);
  });

  it("[CRECORD.3] does not call proven what is not, and has no chain without one", () => {
    for (const [dhp, proven] of [
      ["unstable", false],
      ["not-refuted", null],
    ] as const) {
      const own = summarizeCoalition(syntheticCoalition({ dhp, epochs: 0, seeds: 0 }), "d");
      expect(own.stability.dhp).toBe(proven);
      expect(own.chain).toBeNull();
    }
  });
});

describe("formation", () => {
  it("[CRECORD.4] gains are over being alone, and the best coalition has the largest sum", () => {
    const { gains, meanGain, best } = analyseCoalition(record).formation;
    const { alone, final } = record.utilities;
    expect(gains).toEqual(final.map((own, i) => own - (alone[i] as number)));
    expect(meanGain * 12).toBeCloseTo(
      gains.reduce((sum, gain) => sum + gain, 0),
      9,
    );
    const sumOf = (members: readonly number[]): number =>
      members.reduce((sum, i) => sum + (final[i] as number), 0);
    for (const members of record.formation.final) expect(sumOf(members)).toBeLessThanOrEqual(best.sum);
    const equal = syntheticCoalition({ kind: "table", miners: 5, epochs: 0, seeds: 0 });
    expect(summarizeCoalition(equal, "d").best).toEqual(["a"]);
  });

  it("[CRECORD.4] a player with less than alone is found", () => {
    const poorer = {
      ...record.utilities,
      alone: record.utilities.alone.map((own, i) => (i === 3 ? own + 1000 : own)),
    };
    const own = { ...record, utilities: poorer };
    expect(analyseCoalition(own).formation.losers).toEqual([3]);
    expect([finding(record, "gains"), finding(own, "gains")]).toEqual([true, false]);
    expect(analyseCoalition(own).valid).toBe(true);
  });

  it("[CRECORD.5] a step in which anybody loses, or nobody gains, makes the run invalid", () => {
    const { steps } = record.formation;
    const places = steps.flatMap((step, at) => step.players.map((_, who) => [at, who] as const));
    fc.assert(
      fc.property(fc.constantFrom(...places), ([at, who]) => {
        const step = steps[at] as FormationStep;
        const utilitiesAfter = step.utilitiesBefore.map((before, i) =>
          i === who ? before - 1e-3 : before + 1,
        );
        const worse = withFormation({ steps: steps.toSpliced(at, 1, { ...step, utilitiesAfter }) });
        expect(analyseCoalition(worse).problems).toEqual([expect.stringContaining(`in step ${at + 1}`)]);
        const idle = { ...step, utilitiesAfter: step.utilitiesBefore };
        expect(analyseCoalition(withFormation({ steps: steps.toSpliced(at, 1, idle) })).valid).toBe(false);
      }),
    );
    const flat = steps.map((step) => ({ ...step, sum: record.formation.start.sum }));
    expect(analyseCoalition(withFormation({ steps: flat })).problems).toHaveLength(2);
  });
});

describe("the chain's part", () => {
  it("[CRECORD.6] tests first-round blocks of epochs that the contract weighted", () => {
    const { chain: own } = analyseCoalition(record);
    expect(own).toMatchObject({ blocks: 360, epochs: 9, settings: 2, laterRoundBlocks: 0 });
    expect(own?.fit.p).toBeGreaterThan(0.01);
    expect(finding(record, "blocks")).toBe(true);
    const biased = syntheticCoalition({ seeds: 0, biased: true });
    expect(analyseCoalition(biased).chain?.fit.p).toBeLessThan(1e-6);
    expect(finding(biased, "blocks")).toBe(false);
    expect(analyseCoalition(biased).valid).toBe(true);
    const later = withChain({
      epochs: chain.epochs.map((epoch) => ({
        ...epoch,
        coalitions: epoch.coalitions.map((one) => ({ ...one, laterRoundBlocks: one.blocksWon })),
      })),
    });
    expect(analyseCoalition(later).chain?.fit).toMatchObject({ p: null, statistic: 0 });
    expect(finding(later, "blocks")).toBeNull();
    expect(analyseCoalition(later).remarks.join()).toMatch(
      /too few.*360 of 360 blocks took more than one round/,
    );
  });

  it("[CRECORD.6] is one set of counts while the coalitions stay, although reputations drift", () => {
    const drifting = withChain({
      epochs: chain.epochs.map((epoch) => ({
        ...epoch,
        coalitions: epoch.coalitions.map((one, i) => ({
          ...one,
          predictedShare: one.predictedShare + (i === 0 ? 1e-5 : i === 1 ? -1e-5 : 0) * epoch.epoch,
        })),
      })),
    });
    const [steady, drifted] = [record, drifting].map((own) => analyseCoalition(own).chain);
    expect(drifted?.settings).toBe(steady?.settings);
    expect(drifted?.fit.degrees).toBe(steady?.fit.degrees);
    expect(drifted?.fit.statistic).toBeCloseTo(steady?.fit.statistic as number, 1);
    expect(drifted?.fit.statistic).not.toBe(steady?.fit.statistic);
  });

  it("[CRECORD.6] counts blocks of the epochs that were predicted, by coalition and by miner", () => {
    const own = analyseCoalition(record).chain;
    for (const rows of [own?.coalitions ?? [], own?.miners ?? []]) {
      expect(rows.reduce((sum, { blocksWon }) => sum + blocksWon, 0)).toBe(360);
    }
    expect(chain.blocks).toHaveLength(400);
  });

  it("[CRECORD.6] expects as many blocks as there are, by coalition and by miner", () => {
    const own = analyseCoalition(record).chain;
    for (const rows of [own?.coalitions ?? [], own?.miners ?? []]) {
      expect(rows.reduce((sum, { expectedBlocks }) => sum + expectedBlocks, 0)).toBeCloseTo(360, 6);
    }
    expect(own?.coalitions.reduce((sum, { blocksWon }) => sum + blocksWon, 0)).toBe(360);
  });

  it("[CRECORD.7] is broken by one unit anywhere", () => {
    const books = Object.keys(chain.books).filter((name) => name !== "block");
    const rows = chain.miners.map((_, i) => i);
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...books), fc.constantFrom(...rows)),
        fc.constantFrom(1n, -1n),
        (at, by) => {
          const change = (amount: string): string => (BigInt(amount) + by).toString();
          const broken =
            typeof at === "string"
              ? withChain({ books: { ...chain.books, [at]: change(chain.books[at as "balance"]) } })
              : withChain({
                  miners: chain.miners.map((own, i) =>
                    i === at ? { ...own, rewardWei: change(own.rewardWei) } : own,
                  ),
                });
          expect(finding(record, "conservation")).toBe(true);
          expect(finding(broken, "conservation")).toBe(false);
          expect(analyseCoalition(broken).problems.join()).toContain("value is not conserved");
        },
      ),
    );
  });

  it("[CRECORD.7] rewards are blocks times the rate of the value function, unless the pool is empty", () => {
    const inEpochs = (change: (epoch: CoalitionChain["epochs"][number]) => object): CoalitionRecord =>
      withChain({ epochs: chain.epochs.map((epoch) => ({ ...epoch, ...change(epoch) })) });
    const otherRate = inEpochs(({ epoch }) => (epoch === 2 ? { predictedRewardPerBlockWei: "7" } : {}));
    expect(analyseCoalition(otherRate).chain?.wrongRates).toEqual([2]);
    const lessPaid = inEpochs((epoch) => ({
      coalitions: epoch.coalitions.map((own) => ({
        ...own,
        rewardWei: epoch.epoch === 3 ? "0" : own.rewardWei,
      })),
    }));
    expect(analyseCoalition(lessPaid).chain?.wrongRewards).toEqual([3]);
    for (const own of [otherRate, lessPaid]) expect(finding(own, "rewards")).toBe(false);
    const withheld = inEpochs((epoch) => ({
      coalitions: epoch.coalitions.map((own) => ({ ...own, rewardWei: "0", withheldWei: own.rewardWei })),
    }));
    expect(finding(withheld, "rewards")).toBe(true);
    const worthless = inEpochs((epoch) => ({
      coalitions: epoch.coalitions.map((own) => ({ ...own, rewardWei: "0", value: "0" })),
    }));
    expect(finding(worthless, "rewards")).toBe(true);
    const empty = {
      ...lessPaid,
      chain: { ...(lessPaid.chain as CoalitionChain), books: { ...chain.books, poolAfter: "5" } },
    };
    expect(analyseCoalition(empty).chain?.wrongRewards).toEqual([]);
  });
});

describe("validity", () => {
  it("[CRECORD.8] is lost by each thing that the rule names, and not by a finding that fails", () => {
    const cases: readonly (readonly [CoalitionRecord, RegExp])[] = [
      [{ ...record, interrupted: true }, /interrupted/],
      [{ ...record, problems: ["no worker answered"] }, /no worker answered/],
      [
        { ...record, utilities: { ...record.utilities, final: record.utilities.alone } },
        /not that of the final/,
      ],
      [withChain({ agreement: { ...chain.agreement, holds: false } }), /do not agree/],
    ];
    for (const [own, problem] of cases) {
      expect(analyseCoalition(own).valid).toBe(false);
      expect(analyseCoalition(own).problems.join()).toMatch(problem);
    }
    const unstable = syntheticCoalition({ dhp: "unstable", seeds: 0 });
    expect(finding(unstable, "stability")).toBe(false);
    expect(analyseCoalition(unstable).valid).toBe(true);
    expect(finding(syntheticCoalition({ dhp: "not-refuted", seeds: 0 }), "stability")).toBeNull();
  });

  it("[CRECORD.9] a mean over seeds has its interval, one seed has none, no seed no mean", () => {
    expect(estimateOf([])).toBeNull();
    expect(estimateOf([3])).toEqual({ mean: 3, low: null, high: null });
    const own = estimateOf([1, 2, 3]);
    expect(own?.mean).toBe(2);
    expect(own?.high).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 9);
    expect((own?.high ?? 0) + (own?.low ?? 0)).toBeCloseTo(4, 9);
  });
});
