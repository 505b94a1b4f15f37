import { describe, expect, it } from "vitest";
import { chainEvents, only } from "./check-money.ts";
import { addressOf, crash, earned, play, records, trick } from "./ended.ts";
import { PRICE } from "./market.ts";
import { tinySpec } from "./orders.ts";

const impossible = { minAccuracy: 1 };
const oneRound = (mode: "none" | "secagg") => {
  const { training } = tinySpec(mode);
  return tinySpec(mode, { training: { ...training, rounds: 1 }, quality: impossible });
};

describe("an analyst that dies", { timeout: 120_000 }, () => {
  it("in the middle of a round is replaced by another, and both are paid for their rounds", async () => {
    // the second round's: each of four owners gets a message of its own
    const steps = { openRound: 2, "round.adverts": 5, "round.survivors": 5 };
    for (const [before, nth] of Object.entries(steps)) {
      const played = await play("secagg", [crash("analyst", 0, { before, nth })]);
      const seen = [before, played.job.outcome, played.job.analysts.length, played.job.rounds.length];
      expect(seen).toEqual([before, "full", 2, 2]);
      const [first, second] = played.job.analysts.map((analyst) => earned(played, analyst, "analyst"));
      expect(first).toBeGreaterThan(0n);
      expect(second).toBeGreaterThan(first ?? 0n); // one round each, and the delivery
    }
  });

  it("before its delivery is replaced by one that only delivers, and is paid for the rounds", async () => {
    const played = await play("secagg", [crash("analyst", 0, { before: "deliver", nth: 1 })]);
    const [first, second] = played.job.analysts.map((analyst) => earned(played, analyst, "analyst"));
    expect([played.job.outcome, first, second]).toEqual(["full", 1334n, 667n]);
  });

  it("and comes back goes on where it was", async () => {
    for (const before of [
      "select",
      "openRound",
      "round.adverts",
      "round.survivors",
      "closeRound",
      "deliver",
    ]) {
      const played = await play("secagg", [crash("analyst", 0, { before, nth: 1, downMs: 2_000 })]);
      expect([before, played.job.outcome, played.job.analysts.length]).toEqual([before, "full", 1]);
    }
  });

  it("and comes back after it asked owners to open a round closes that round [ANALYST.11]", async () => {
    for (const plan of [
      { before: "round.confirmations", nth: 1 },
      { before: "round.confirmations", nth: 3 },
      { before: "round.result", nth: 1 },
      { before: "round.result", nth: 6 },
    ]) {
      const played = await play("secagg", [crash("analyst", 0, { ...plan, downMs: 2_000 })]);
      const { outcome, rounds } = played.job;
      expect([plan, outcome, rounds.map(({ opening }) => opening.attempt)]).toEqual([plan, "full", [1, 1]]);
    }
  });

  it("for good after that leaves its successor other owners or none: closed rounds are paid", async () => {
    const played = await play("secagg", [crash("analyst", 0, { before: "round.result", nth: 5 })]);
    const { outcome, rounds, analysts } = played.job;
    expect([outcome, rounds.length, analysts.length > 1]).toEqual(["full", 1, true]);
  });

  it("with nobody to take over: closed rounds are paid, the rest goes back", async () => {
    const played = await play("secagg", [crash("analyst", 0, { before: "openRound", nth: 2 })], {
      analysts: 1,
    });
    expect(played.job.outcome).toBe("partial");
    const fee = earned(played, played.job.analyst ?? "0x", "analyst");
    const back = earned(played, addressOf(played, "consumer", 0), "refund");
    expect(fee).toBeGreaterThan(0n);
    expect(back).toBeGreaterThan(PRICE / 4n);
  });

  it("before any round was closed, with nobody to take over: everything goes back", async () => {
    const played = await play("none", [crash("analyst", 0, { before: "closeRound", nth: 1 })], {
      analysts: 1,
    });
    expect(played.job.state).toBe("refunded");
    expect(earned(played, addressOf(played, "consumer", 0), "refund")).toBe(PRICE);
  });

  it("after the delivery: the owners have the model, and the consumer accepts", async () => {
    const played = await play("secagg", [crash("analyst", 0, { before: "model.deliver", nth: 1 })]);
    expect(played.job.outcome).toBe("full");
    expect(played.job.disputed).toEqual([]);
  });

  it("when its licence is revoked in training is replaced at once", async () => {
    const played = await play("secagg", [{ kind: "revoke", role: "analyst", index: 0, atMs: 9_300 }]);
    expect(played.job.analysts.length).toBe(2);
    expect(played.job.outcome).toBe("full");
  });
});

describe("an analyst that cheats", { timeout: 120_000 }, () => {
  it("with a wrong aggregate is found guilty: no fee, the owners are paid, the consumer has the rest", async () => {
    for (const mode of ["none", "secagg"] as const) {
      const played = await play(mode, [trick("analyst", 0, "wrong-aggregate")], { spec: oneRound(mode) });
      expect(played.job.outcome).toBe("upheld");
      expect(earned(played, addressOf(played, "analyst", 0), "analyst")).toBe(0n);
      for (const owner of played.job.owners) expect(earned(played, owner, "owner")).toBeGreaterThan(0n);
      const votes = records(played, "decision").filter(({ what }) => what === "vote");
      expect(votes.map(({ because }) => because)).toEqual(["WRONG_AGGREGATE", "WRONG_AGGREGATE"]);
    }
  });

  it("by words of its own in an owner's place is found guilty: the owner did not sign them [PHASE.13]", async () => {
    for (const mode of ["none", "secagg"] as const) {
      const { quality: _, ...spec } = oneRound(mode);
      const played = await play(mode, [trick("analyst", 0, "substitute-input")], { spec });
      const [dispute] = only(chainEvents(played), "disputed");
      expect([mode, played.job.owners.includes(dispute?.by ?? "0x")]).toEqual([mode, true]);
      expect([mode, played.job.outcome]).toEqual([mode, "upheld"]);
      expect(earned(played, addressOf(played, "analyst", 0), "analyst")).toBe(0n);
      const decisions = records(played, "decision");
      expect(decisions.filter(({ what }) => what === "dispute").map(({ because }) => because)).toEqual([
        "WRONG_UPDATE_HASH",
      ]);
      const votes = decisions.filter(({ what }) => what === "vote");
      expect(votes.map(({ because }) => because)).toEqual(["UNSIGNED_INPUT", "UNSIGNED_INPUT"]);
    }
  });

  it("by leaving out an owner's update is disputed by that owner", async () => {
    const played = await play("secagg", [trick("analyst", 0, "drop-owner")]);
    expect(played.job.outcome).toBe("upheld");
    const disputes = only(chainEvents(played), "disputed");
    expect(played.job.owners).toContain(disputes[0]?.by);
  });

  it("with another model than the one on chain gains nothing: the owners have the right one", async () => {
    for (const name of ["wrong-model", "withhold-model", "withhold-all"] as const) {
      const played = await play("secagg", [trick("analyst", 0, name)]);
      expect([name, played.job.outcome]).toEqual([name, "full"]);
      expect(records(played, "decision").map(({ because }) => because)).toContain("AS_COMMITTED");
    }
  });
});

describe("outsiders and bad weather", { timeout: 120_000 }, () => {
  it("keep an analyst without a licence out, whatever it offers", async () => {
    const played = await play("secagg", [], { unlicensed: 1 });
    expect(played.job.outcome).toBe("full");
    expect(played.job.offers.size).toBe(3);
  });

  it("leave a consumer without funds with a clear code, and nothing on chain", async () => {
    const { playMarket } = await import("./market.ts");
    const { calmProfile } = await import("./profile.ts");
    const played = await playMarket(calmProfile("poor", "secagg", { faults: [{ kind: "poor" }] }));
    expect(only(chainEvents(played), "requested")).toEqual([]);
    expect(records(played, "problem").map(({ code }) => code)).toEqual(["INSUFFICIENT_FUNDS"]);
  });

  it("survive a broker that is away in the middle of training", async () => {
    for (const atMs of [8_000, 9_500, 11_000]) {
      const played = await play("secagg", [{ kind: "outage", atMs, forMs: 12_000 }]);
      expect([atMs, played.job.outcome]).toEqual([atMs, "full"]);
    }
  });

  it("survive messages that are lost, doubled, late and out of order", async () => {
    const weather = { latencyMs: 20, jitterMs: 600, loss: 0.1, duplication: 0.2 };
    const played = await play("secagg", [], { weather, seed: "storm" });
    expect(played.job.outcome).toBe("full");
  });

  it("end a job whose consumer is gone: it is settled when the dispute period is over", async () => {
    const played = await play("secagg", [crash("consumer", 0, { before: "accept", nth: 1 })]);
    expect(played.job.outcome).toBe("full");
    const open = await play("secagg", [crash("consumer", 0, { before: "award", nth: 1 })]);
    expect(open.job.state).toBe("refunded");
  });
});
