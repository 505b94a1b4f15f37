import { describe, expect, it } from "vitest";
import { chainEvents, only } from "../../simulation/check-money.ts";
import { addressOf, crash, type Ended, earned, play, records, trick } from "../../simulation/ended.ts";
import { PRICE, type Weakness } from "../../simulation/market.ts";
import { type Mode, tinySpec } from "../../simulation/orders.ts";

/** The consumer wants more than any model has, so that it disputes a round. */
function demanding(mode: Mode, rounds = 1) {
  const { training } = tinySpec(mode);
  return {
    spec: tinySpec(mode, { training: { ...training, rounds }, quality: { minAccuracy: 1, maxLoss: 0 } }),
  };
}

const votesOf = (played: Ended) =>
  records(played, "decision")
    .filter(({ what }) => what === "vote")
    .map(({ because }) => because);

/** Owners keep the model to themselves. */
const silentOwners: Weakness = {
  tampers: { owner: (output) => (output.type === "send" && output.kind === "state.answer" ? [] : [output]) },
};

describe("arbiters", { timeout: 120_000 }, () => {
  for (const mode of ["none", "secagg", "dp", "secagg+dp"] as const) {
    it(`compute an honest round of mode ${mode} again, bit for bit, and reject the dispute [DISPUTE.2]`, async () => {
      const played = await play(mode, [], demanding(mode, 2));
      expect(votesOf(played)).toEqual(["RECOMPUTED", "RECOMPUTED"]);
      expect(played.job.outcome).toBe("full");
      expect(earned(played, addressOf(played, "analyst", 0), "bond")).toBe(PRICE / 20n);
    });
  }

  it("do so over groups, the median of updates, and the state of FedAdam [DISPUTE.2]", async () => {
    const { training } = tinySpec("none");
    const quality = { minAccuracy: 1, maxLoss: 0 };
    const grouped = tinySpec("secagg", {
      privacy: {
        mode: "secagg",
        secagg: { threshold: 0.6, neighbours: "all", groupSize: 3, bits: 16, clip: 2 },
      },
      training: { ...training, optimiser: { kind: "fedadam" } },
      contribution: { method: "leave-one-out" },
      quality,
    });
    const robust = tinySpec("none", { aggregation: { kind: "median" }, quality });
    for (const change of [{ spec: grouped, owners: 6 }, { spec: robust }]) {
      const played = await play(change.spec.privacy.mode, [], change);
      expect([change.spec.title, ...votesOf(played)]).toEqual([
        change.spec.title,
        "RECOMPUTED",
        "RECOMPUTED",
      ]);
    }
  });

  it("find a wrong aggregate, and uphold the dispute [DISPUTE.2]", async () => {
    const played = await play("secagg", [trick("analyst", 0, "wrong-aggregate")], demanding("secagg"));
    expect(votesOf(played)).toEqual(["WRONG_AGGREGATE", "WRONG_AGGREGATE"]);
    expect(played.job.outcome).toBe("upheld");
  });

  it("are the licensed analysts without a part in the job: not one that held it, nor the accused [DISPUTE.1]", async () => {
    const faults = [crash("analyst", 0, { before: "openRound", nth: 2, downMs: 60_000 })];
    const played = await play("none", faults, { ...demanding("none", 2), analysts: 4 });
    expect(played.job.analysts).toHaveLength(2);
    const voters = only(chainEvents(played), "voted").map(({ arbiter }) => arbiter);
    expect(voters).toHaveLength(2);
    for (const analyst of played.job.analysts) expect(voters).not.toContain(analyst);
  });

  it("give the consumer the model that its analyst withholds [DISPUTE.3]", async () => {
    const played = await play("secagg", [trick("analyst", 0, "withhold-model")], {}, silentOwners);
    expect(played.job.disputed).toMatchObject([{ round: 2 }]);
    expect(votesOf(played)).toContain("RECOMPUTED");
    expect(played.job.outcome).toBe("full");
    const because = records(played, "decision").map((each) => each.because);
    expect(because).toEqual(expect.arrayContaining(["NO_MODEL", "AS_COMMITTED"]));
  });

  it("uphold a dispute when no transcript comes in half of the voting period [DISPUTE.4]", async () => {
    const played = await play("secagg", [trick("analyst", 0, "withhold-all")], {}, silentOwners);
    expect(votesOf(played)).toEqual(["NO_TRANSCRIPT", "NO_TRANSCRIPT"]);
    expect(played.job.outcome).toBe("upheld");
    expect(earned(played, addressOf(played, "analyst", 0), "analyst")).toBe(0n);
    const blocks = played.stage.chain.blocks;
    const at = (number: number | undefined): number => blocks[(number ?? 1) - 1]?.timestampMs ?? 0;
    const [disputed] = only(chainEvents(played), "disputed");
    const [voted] = only(chainEvents(played), "voted");
    expect(at(voted?.blockNumber) - at(disputed?.blockNumber)).toBeGreaterThanOrEqual(15_000);
  });

  it("vote once, with the finding they saved, over a crash before the vote [DISPUTE.6]", async () => {
    for (const downMs of [1_000, 5_000]) {
      const faults = [1, 2].map((index) => crash("analyst", index, { before: "vote", nth: 1, downMs }));
      const played = await play("none", faults, demanding("none"));
      const voters = only(chainEvents(played), "voted").map(({ arbiter }) => arbiter);
      expect(new Set(voters).size).toBe(voters.length);
      expect(played.job.outcome).toBe("full");
      expect(played.job.disputed).toHaveLength(1);
      expect(earned(played, addressOf(played, "analyst", 0), "bond")).toBe(PRICE / 20n);
    }
  });
});
