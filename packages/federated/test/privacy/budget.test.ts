import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import {
  costOf,
  createAccountant,
  createBudget,
  defaultOrders,
  epsilonOfCurve,
  epsilonRemaining,
  epsilonSpent,
  type PrivacyBudget,
  parseBudget,
  parseMechanism,
  rdpOfRelease,
  releasesLeft,
  type Spending,
  spend,
} from "../../src/index.ts";

const delta = 1e-5;
const sampled = { noiseMultiplier: 1.2, sampleRate: 0.1 };
const plain = { noiseMultiplier: 8 };

/** The budget after spendings that must all fit. */
function spendAll(budget: PrivacyBudget, ...spendings: Spending[]): PrivacyBudget {
  return spendings.reduce((left, spending) => {
    const outcome = spend(left, spending);
    if ("rejected" in outcome) expect.fail(`refused at epsilon ${outcome.epsilon}`);
    return outcome.budget;
  }, budget);
}

describe("a budget over several jobs [PRIVACY.12]", () => {
  const budget = createBudget({ epsilonLimit: 10, delta });

  it("is the accountant within one job", () => {
    const spent = spendAll(budget, { job: "1", mechanism: sampled, steps: 40 });
    const accountant = createAccountant({ ...sampled, delta });
    expect(epsilonSpent(budget)).toBe(0);
    expect(epsilonSpent(spent)).toBe(accountant.epsilonAfter(40));
    expect(epsilonRemaining(spent)).toBe(10 - accountant.epsilonAfter(40));
  });

  it("adds Rényi curves, not epsilons, over jobs with different parameters", () => {
    const spent = spendAll(
      budget,
      { job: "1", mechanism: sampled, steps: 30 },
      { job: "2", mechanism: plain, steps: 5 },
    );
    const curve = defaultOrders.map(
      (order) =>
        30 * rdpOfRelease(parseMechanism(sampled), order) + 5 * rdpOfRelease(parseMechanism(plain), order),
    );
    expect(epsilonSpent(spent)).toBeCloseTo(epsilonOfCurve(curve, defaultOrders, delta).epsilon, 12);
    const apart =
      createAccountant({ ...sampled, delta }).epsilonAfter(30) +
      createAccountant({ ...plain, delta }).epsilonAfter(5);
    expect(epsilonSpent(spent)).toBeLessThan(0.9 * apart);
  });

  it("does not depend on the order or on how rounds are told, and grows with jobs, not rounds", () => {
    const random = createRandom("order");
    const rounds: Spending[] = Array.from({ length: 30 }, (_, i) => ({
      job: String(i % 3),
      mechanism: i % 2 === 0 ? sampled : plain,
    }));
    const one = spendAll(budget, ...rounds);
    const other = spendAll(budget, ...random.shuffle(rounds));
    expect(epsilonSpent(other)).toBeCloseTo(epsilonSpent(one), 12);
    expect(one.spendings).toHaveLength(6);
    expect(one.spendings.reduce((sum, { steps }) => sum + steps, 0)).toBe(30);
  });

  it("survives storage, and is not changed by spending", () => {
    const before = JSON.stringify(budget);
    const spent = spendAll(budget, { job: "1", mechanism: { ...sampled, deviation: 1e-9 }, steps: 3 });
    expect(JSON.stringify(budget)).toBe(before);
    const restored = parseBudget(JSON.parse(JSON.stringify(spent)));
    expect(restored).toEqual(spent);
    const next: Spending = { job: "1", mechanism: { ...sampled, deviation: 1e-9 } };
    expect(spend(restored, next)).toEqual(spend(spent, next));
  });

  it.each([
    null,
    {},
    { version: 2, epsilonLimit: 1, delta, spendings: [] },
    { version: 1, epsilonLimit: 1, delta, spendings: [{ job: "1", mechanism: sampled, steps: -4 }] },
    { version: 1, epsilonLimit: 1, delta, spendings: [], spent: 0 },
  ])("does not take %o for one", (json) => {
    expect(() => parseBudget(json)).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

describe("the end of a budget [PRIVACY.13]", () => {
  const budget = createBudget({ epsilonLimit: 3, delta });

  it("refuses the release that would pass the limit, and only that", () => {
    const left = releasesLeft(budget, sampled);
    const last = spendAll(budget, { job: "1", mechanism: sampled, steps: left });
    const outcome = spend(last, { job: "1", mechanism: sampled });
    expect(outcome).toMatchObject({ rejected: "PRIVACY_BUDGET_EXHAUSTED", limit: 3 });
    expect(outcome.epsilon).toBeGreaterThan(3);
    expect(epsilonSpent(last)).toBeLessThanOrEqual(3);
    expect(releasesLeft(last, sampled)).toBe(0);
    // a cheaper release still fits
    expect("budget" in spend(last, { job: "2", mechanism: { noiseMultiplier: 1000 } })).toBe(true);
  });

  it("never lets any sequence of jobs past the limit", () => {
    const random = createRandom("sequence");
    for (let run = 0; run < 3; run++) {
      let current = budget;
      for (let i = 0; i < 25; i++) {
        const mechanism = {
          noiseMultiplier: 0.5 + 4 * random.float(),
          sampleRate: random.chance(0.5) ? 1 : random.float(),
          sampling: random.chance(0.3) ? ("fixed-size" as const) : ("poisson" as const),
        };
        const outcome = spend(current, { job: String(i), mechanism, steps: 1 + random.int(4) });
        if ("budget" in outcome) current = outcome.budget;
        else expect(outcome.epsilon).toBeGreaterThan(3);
        expect(epsilonSpent(current)).toBeLessThanOrEqual(3);
      }
      expect(current.spendings.length).toBeGreaterThan(0);
    }
  });

  it("tells the cost of a next round: what spending it will add", () => {
    const spent = spendAll(budget, { job: "1", mechanism: sampled, steps: 5 });
    const cost = costOf(spent, { job: "1", mechanism: sampled });
    expect(cost).toBeGreaterThan(0);
    expect(cost).toBeLessThan(createAccountant({ ...sampled, delta }).epsilonAfter(1));
    const after = spendAll(spent, { job: "1", mechanism: sampled });
    expect(epsilonSpent(after) - epsilonSpent(spent)).toBe(cost);
  });

  it("lets nothing out without noise, and as much as asked at no cost", () => {
    expect(spend(budget, { job: "1", mechanism: { noiseMultiplier: 0 } })).toMatchObject({
      rejected: "PRIVACY_BUDGET_EXHAUSTED",
      epsilon: Number.POSITIVE_INFINITY,
    });
    expect(releasesLeft(budget, { noiseMultiplier: 0 })).toBe(0);
    expect(releasesLeft(budget, { noiseMultiplier: 1, sampleRate: 0 }, 500)).toBe(500);
  });

  it("counts an owner whose cohort is known in full: sampling does not help it [PRIVACY.6]", () => {
    const rounds = { job: "1", steps: 20 };
    const known = spend(budget, { ...rounds, mechanism: { noiseMultiplier: 8, sampleRate: 1 } });
    const secret = spend(budget, { ...rounds, mechanism: { noiseMultiplier: 8, sampleRate: 0.1 } });
    expect(known.epsilon).toBeGreaterThan(5 * secret.epsilon);
  });

  it.each([{ epsilonLimit: 0 }, { epsilonLimit: Number.POSITIVE_INFINITY }, { delta: 0 }])(
    "refuses %o",
    (wrong) => {
      expect(() => createBudget({ epsilonLimit: 1, delta, ...wrong })).toThrowError(
        expect.objectContaining({ code: "INVALID_INPUT" }),
      );
    },
  );
});
