import { describe, expect, it } from "vitest";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import { recomputeRound } from "../../../src/agents/round/recompute.ts";
import { decodeRoundTranscript } from "../../../src/agents/round/transcript.ts";
import type { Address } from "../../../src/chain/types.ts";
import { encodeJobSpec } from "../../../src/job-spec.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { factsOf, portsFor } from "../support/look.ts";
import { calls, events, type Seat } from "../support/table.ts";
import { issued } from "../support/toy-market.ts";
import { CONSUMER, startTraining } from "../support/training.ts";

const base = tinySpec("none");
const quick = (rounds: number, change = {}) =>
  tinySpec("none", { training: { ...base.training, rounds, ...change } });

describe("recruiting [ANALYST.2]", () => {
  const rating = (index: bigint, rater: Address, subject: Address, positive: number, negative: number) => ({
    job: 99n,
    event: "rated" as const,
    index,
    rater,
    subject,
    positive,
    negative,
    uncertain: 0,
  });

  it("invites everybody with a licence, and selects by reputation; who is not trusted is left out", async () => {
    const { table, owners, analyst, analysts } = await startTraining({
      owners: 6,
      analysts: 4,
      spec: quick(1),
      terms: { maxOwners: 4 },
      policy: { exploration: 0 },
    });
    const raters = analysts.map(({ address }) => address);
    const good = owners.slice(0, 4).map(({ address }) => address);
    const poor = (owners[5] as Seat).address;
    table.mine([
      ...raters.flatMap((rater, r) =>
        good.map((owner, o) => rating(BigInt(10 * r + o), rater, owner, 20, 0)),
      ),
      ...raters.map((rater, r) => rating(BigInt(100 + r), rater, poor, 0, 20)),
    ]);
    await table.run(() => calls(analyst, "select").length > 0);
    expect(calls(analyst, "invite")[0]?.owners.length).toBe(6);
    expect(calls(analyst, "select")[0]?.owners).toEqual([...good].sort());
    expect(events(analyst, "decision")).toContainEqual(
      expect.objectContaining({ what: "select", because: "TRUST" }),
    );
  });

  it("gives the little known a share of the places, by chance", async () => {
    let newcomers = 0;
    for (const seed of ["a", "b", "c", "d", "e", "f"]) {
      const { table, owners, analyst, analysts } = await startTraining({
        owners: 8,
        analysts: 3,
        spec: quick(1),
        terms: { maxOwners: 4 },
        policy: { exploration: 0.5 },
        seed,
      });
      const known = owners.slice(0, 6).map(({ address }) => address);
      table.mine(
        analysts.flatMap(({ address }, r) =>
          known.map((owner, o) => rating(BigInt(10 * r + o), address, owner, 50, 0)),
        ),
      );
      await table.run(() => calls(analyst, "select").length > 0);
      const explored = events(analyst, "decision").find(({ because }) => because === "EXPLORATION");
      expect(explored?.subjects?.length).toBe(2);
      newcomers += explored?.subjects?.filter((owner) => !known.includes(owner)).length ?? 0;
    }
    // Without exploration none of the two newcomers would ever get one of the four places.
    expect(newcomers).toBeGreaterThan(2);
  });

  it("does not wait for ever: those that joined in time are enough", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 5, spec: quick(1) });
    for (const seat of owners.slice(0, 2)) seat.away = true;
    await table.run(() => calls(analyst, "select").length > 0);
    expect(calls(analyst, "select")[0]?.owners).toEqual(
      owners
        .slice(2)
        .map(({ address }) => address)
        .sort(),
    );
  });

  it("too few: nobody is selected, and the job is ended when its time is over", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: quick(1) });
    for (const seat of owners.slice(0, 2)) seat.away = true;
    expect(await table.run(() => calls(analyst, "expire").length > 0)).toBe(true);
    expect(calls(analyst, "select")).toEqual([]);
  });
});

describe("the end of training [ANALYST.5] [ANALYST.6]", () => {
  it("comes after the specification's rounds, or the terms'", async () => {
    for (const [rounds, maxRounds, expected] of [
      [3, 3, 3],
      [5, 2, 2],
    ] as const) {
      const { table, analyst } = await startTraining({
        owners: 3,
        spec: quick(rounds),
        terms: { maxRounds },
      });
      await table.run(() => calls(analyst, "deliver").length > 0);
      expect(events(analyst, "round").length).toBe(expected);
      expect(events(analyst, "decision").at(-1)).toMatchObject({ what: "end", because: "ROUNDS_DONE" });
    }
  });

  it("comes when the validation loss no longer falls, but not before the rounds the terms demand", async () => {
    const convergence = { tolerance: 0.9, patience: 1, minRounds: 1 };
    for (const [minRounds, expected] of [
      [1, 2],
      [5, 5],
    ] as const) {
      const spec = quick(20, { convergence });
      const { table, analyst } = await startTraining({
        owners: 4,
        spec,
        terms: { minRounds },
        validation: 60,
      });
      await table.run(() => calls(analyst, "deliver").length > 0);
      const rounds = events(analyst, "round");
      expect(rounds.length).toBe(expected);
      expect(rounds.every(({ validation }) => validation !== null && validation.accuracy !== null)).toBe(
        true,
      );
      expect(events(analyst, "decision").at(-1)).toMatchObject({ what: "end", because: "CONVERGED" });
    }
  });

  it("goes by the owners' losses without a validation set; in dp modes by nothing", async () => {
    const convergence = { tolerance: 0.9, patience: 1, minRounds: 1 };
    const open = await startTraining({ owners: 4, spec: quick(20, { convergence }) });
    await open.table.run(() => calls(open.analyst, "deliver").length > 0);
    expect(events(open.analyst, "round").length).toBe(2);
    expect(events(open.analyst, "round")[0]?.loss).toBeGreaterThan(0);
    const dp = { clip: 1, noiseMultiplier: 1, delta: 1e-5, epsilonBudget: 1000, noise: "central" } as const;
    const hidden = await startTraining({
      owners: 4,
      spec: tinySpec("none", {
        privacy: { mode: "dp", dp },
        training: { ...base.training, rounds: 4, convergence },
      }),
    });
    await hidden.table.run(() => calls(hidden.analyst, "deliver").length > 0);
    expect(events(hidden.analyst, "round").map(({ loss }) => loss)).toEqual([null, null, null, null]);
  });

  it("comes when owners have no privacy left in the job [PHASE.7] [ANALYST.3]", async () => {
    const dp = { clip: 1, noiseMultiplier: 1.5, delta: 1e-5, epsilonBudget: 5, noise: "central" } as const;
    const { table, analyst } = await startTraining({
      owners: 4,
      spec: tinySpec("none", { privacy: { mode: "dp", dp }, training: { ...base.training, rounds: 20 } }),
    });
    await table.run(() => calls(analyst, "deliver").length > 0);
    const rounds = events(analyst, "round");
    expect(rounds.length).toBeGreaterThan(1);
    expect(rounds.length).toBeLessThan(20);
    expect(rounds.every(({ epsilon }) => epsilon !== null && epsilon <= 5)).toBe(true);
    expect(events(analyst, "decision").at(-1)).toMatchObject({ what: "end", because: "TOO_FEW_OWNERS" });
  });

  it("draws part of the owners, others each time, at a fixed number; in dp modes by coins", async () => {
    const { table, analyst } = await startTraining({ owners: 9, spec: quick(6, { cohort: 4 }) });
    await table.run(() => calls(analyst, "deliver").length > 0);
    const cohorts = events(analyst, "round").map(({ cohort }) => [...cohort].sort().join());
    expect(events(analyst, "round").every(({ cohort }) => cohort.length === 4)).toBe(true);
    expect(new Set(cohorts).size).toBeGreaterThan(3);
    const dp = { clip: 1, noiseMultiplier: 1, delta: 1e-5, epsilonBudget: 1000, noise: "central" } as const;
    const coins = await startTraining({
      owners: 9,
      spec: tinySpec("none", {
        privacy: { mode: "dp", dp },
        training: { ...base.training, rounds: 8, cohort: 5 },
      }),
    });
    await coins.table.run(() => calls(coins.analyst, "deliver").length > 0);
    const sizes = events(coins.analyst, "round").map(({ cohort }) => cohort.length);
    expect(new Set(sizes).size).toBeGreaterThan(1);
    const last = events(coins.analyst, "round").at(-1);
    // Cohorts stand on chain: no figure counts them as hidden [PHASE.7].
    expect(last?.epsilon).toBeGreaterThan(0);
    expect(last?.epsilonSampled).toBeNull();
  });
});

describe("after the delivery", () => {
  it("the model goes to the consumer, and again when it asks [ANALYST.5]", async () => {
    const { table, analyst } = await startTraining({ owners: 3, spec: quick(1) });
    const models = () => table.sent.filter(({ kind, to }) => kind === "model.deliver" && to === CONSUMER);
    await table.run(() => models().length > 0);
    const message = {
      to: analyst.address,
      job: 1n,
      kind: "model.request",
      body: encodeBody("model.request", {}),
    };
    const ask = (from: Address): void =>
      table.give(analyst, { type: "message", nowMs: table.clock.wallMs(), message: { ...message, from } });
    ask(toyIdentity(1).address);
    expect(models().length).toBe(1);
    ask(CONSUMER);
    expect(models().length).toBe(2);
    const [first] = models();
    const decoded = decodeBody("model.deliver", first?.body ?? new Uint8Array());
    const { delivered } = factsOf(analyst, table);
    if (!("body" in decoded) || decoded.kind !== "model.deliver") throw new TypeError("no model");
    expect(portsFor(analyst).keccak256(decoded.body.state)).toBe(delivered?.stateHash);
  });

  it("arbiters get the transcript of the disputed round, and nobody else [ANALYST.9]", async () => {
    const { table, analyst, owners } = await startTraining({ owners: 4, spec: tinySpec("secagg") });
    await table.run(() => factsOf(analyst, table).delivered !== undefined);
    const arbiter = toyIdentity(600).address;
    const request = (from: Address, round: number): void =>
      table.give(analyst, {
        type: "message",
        nowMs: table.clock.wallMs(),
        message: {
          from,
          to: analyst.address,
          job: 1n,
          kind: "transcript.request",
          body: encodeBody("transcript.request", { round }),
        },
      });
    const answers = () => table.sent.filter(({ kind }) => kind === "transcript.answer");
    // It may know of the dispute before the analyst does: then it waits [AGENT.5].
    request(arbiter, 2);
    table.mine([issued("analyst", arbiter)]);
    expect(answers()).toEqual([]);
    table.call((owners[0] as Seat).address, { method: "dispute", job: 1n, round: 2, bond: 1n });
    request((owners[1] as Seat).address, 2);
    request(arbiter, 1);
    await table.run(() => answers().length > 0);
    await table.run(() => false, 1_000);
    expect(answers().map(({ to }) => to)).toEqual([arbiter]);
    const decoded = decodeBody("transcript.answer", answers()[0]?.body ?? new Uint8Array());
    if (!("body" in decoded) || decoded.kind !== "transcript.answer") throw new TypeError("no transcript");
    const transcript = decodeRoundTranscript(decoded.body.transcript);
    const facts = factsOf(analyst, table);
    const closed = facts.rounds[1];
    if (transcript === undefined || closed === undefined) throw new TypeError("no transcript");
    expect(recomputeRound(portsFor(analyst), facts, closed, transcript)).toMatchObject({ holds: true });
  });

  it("everybody is paid out, and everything is forgotten, when the job is over [ANALYST.10] [OWNER.10]", async () => {
    const { table, analyst, owners } = await startTraining({ owners: 3, spec: quick(2) });
    await table.run(() => factsOf(analyst, table).delivered !== undefined);
    const all = [analyst, ...owners];
    table.mine(
      all.map(({ address }) => ({ job: 1n, event: "credited", account: address, amount: 1n, kind: "owner" })),
    );
    table.call(CONSUMER, { method: "accept", job: 1n });
    await table.run(() => all.every((seat) => calls(seat, "withdraw").length > 0));
    await table.run(() => false, 2_000);
    for (const seat of all) {
      expect(calls(seat, "withdraw").length).toBe(1);
      expect([...seat.saved.keys()]).toEqual([]);
      expect(events(seat, "paid")).toEqual([{ kind: "paid", job: 1n, amountWei: 1n }]);
    }
    for (const seat of owners)
      expect(calls(seat, "rate")).toEqual([
        { method: "rate", job: 1n, subject: analyst.address, positive: 2, negative: 0, uncertain: 0 },
      ]);
  });

  it("nobody settles: the analyst does; it is gone: an owner does, one after another [OWNER.10]", async () => {
    const first = await startTraining({ owners: 3, spec: quick(1) });
    await first.table.run(() => factsOf(first.analyst, first.table).delivered !== undefined);
    await first.table.run(() => factsOf(first.analyst, first.table).state === "settled");
    expect(calls(first.analyst, "settle").length).toBe(1);
    expect(first.owners.flatMap((seat) => calls(seat, "settle"))).toEqual([]);

    const second = await startTraining({ owners: 3, spec: quick(1) });
    await second.table.run(() => factsOf(second.analyst, second.table).delivered !== undefined);
    second.analyst.away = true;
    const [owner] = second.owners as [Seat];
    expect(await second.table.run(() => factsOf(owner, second.table).state === "settled")).toBe(true);
    expect(second.owners.flatMap((seat) => calls(seat, "settle")).length).toBe(1);
  });
});

describe("transactions that fail [AGENT.6]", () => {
  it.each(["offer", "invite", "select", "openRound", "closeRound", "deliver"] as const)(
    "%s is sent again after a rest",
    async (method) => {
      let failures = 2;
      const starting = startTraining({
        owners: 3,
        spec: quick(2),
        prepare: (table) => {
          table.refuseCall = (_, call) => (call.method === method && failures-- > 0 ? "NETWORK" : undefined);
        },
      });
      const { table, analyst } = await starting;
      expect(await table.run(() => factsOf(analyst, table).delivered !== undefined)).toBe(true);
      expect(factsOf(analyst, table).rounds.length).toBe(2);
      expect(events(analyst, "problem").filter(({ code }) => code === "NETWORK").length).toBe(2);
    },
  );

  it("a closing that is given up aborts the attempt, and the round is closed by the next", async () => {
    let failures = 5;
    const { table, analyst } = await startTraining({ owners: 3, spec: quick(1) });
    table.refuseCall = (_, call) => (call.method === "closeRound" && failures-- > 0 ? "NETWORK" : undefined);
    expect(await table.run(() => factsOf(analyst, table).delivered !== undefined)).toBe(true);
    expect(events(analyst, "aborted")).toMatchObject([{ attempt: 1, because: "CLOSING_FAILED" }]);
  });
});

describe("several jobs at once", () => {
  it("of two consumers, with the same owners and analysts: each ends with its own model", async () => {
    const spec = tinySpec("secagg", { seed: "another model" });
    const { table, analyst, analysts, owners } = await startTraining({
      owners: 5,
      analysts: 2,
      spec: tinySpec("secagg"),
    });
    const other = analysts[1] as Seat;
    const second = toyIdentity(901).address;
    table.mine([issued("consumer", second)]);
    table.call(second, {
      method: "request",
      spec: encodeJobSpec(spec),
      terms: factsOf(analyst, table).terms,
      price: 500n,
    });
    await table.run(() => calls(other, "offer").length === 2);
    table.call(second, { method: "award", job: 2n, analyst: other.address });
    const isDone = (job: bigint): boolean => factsOf(analyst, table, job).delivered !== undefined;
    expect(await table.run(() => isDone(1n) && isDone(2n))).toBe(true);
    const [one, two] = [factsOf(analyst, table, 1n), factsOf(analyst, table, 2n)];
    expect(one.rounds.length).toBe(2);
    expect(two.rounds.length).toBe(2);
    expect(one.delivered?.stateHash).not.toBe(two.delivered?.stateHash);
    for (const seat of owners)
      expect(
        calls(seat, "join")
          .map(({ job }) => job)
          .sort(),
      ).toEqual([1n, 2n]);
  });
});
