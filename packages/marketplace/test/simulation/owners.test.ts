import { describe, expect, it } from "vitest";
import { chainEvents, only } from "./check-money.ts";
import { addressOf, crash, type Ended, earned, play, records, trick } from "./ended.ts";

/** The places of the owners that survived, by closed round. */
function survivors({ job, ...played }: Ended): number[][] {
  return job.rounds.map(({ survivorBitmap }) =>
    [0, 1, 2, 3].filter((index) => {
      const place = job.owners.indexOf(addressOf(played, "owner", index));
      return ((survivorBitmap >> BigInt(place)) & 1n) === 1n;
    }),
  );
}

describe("an owner that vanishes", { timeout: 120_000 }, () => {
  for (const phase of ["mute-keys", "mute-shares", "mute-input"] as const) {
    it(`in a masked round (${phase}) is left out and not paid; the others finish`, async () => {
      const played = await play("secagg", [trick("owner", 1, phase)]);
      expect(played.job.outcome).toBe("full");
      expect(survivors(played)).toEqual([
        [0, 2, 3],
        [0, 2, 3],
      ]);
      expect(earned(played, addressOf(played, "owner", 1), "owner")).toBe(0n);
    });
  }

  for (const phase of ["mute-confirm", "mute-unmask"] as const) {
    it(`after its input (${phase}) has given its update all the same, and is paid`, async () => {
      const played = await play("secagg", [trick("owner", 1, phase)]);
      expect(played.job.outcome).toBe("full");
      expect(survivors(played)).toEqual([
        [0, 1, 2, 3],
        [0, 1, 2, 3],
      ]);
      expect(earned(played, addressOf(played, "owner", 1), "owner")).toBeGreaterThan(0n);
    });
  }

  it("for good, at its input, is not missed in the second round", async () => {
    const played = await play("secagg+dp", [crash("owner", 2, { before: "round.masked", nth: 1 })], {
      owners: 5,
    });
    expect(played.job.outcome).toBe("full");
    expect(played.job.rounds).toHaveLength(2);
  });

  it("together with a second of four leaves too few: no round closes, and all money goes back", async () => {
    const played = await play("secagg", [trick("owner", 0, "mute-input"), trick("owner", 2, "mute-input")]);
    expect(played.job.state).toBe("refunded");
    expect(earned(played, addressOf(played, "consumer", 0), "refund")).toBe(10_007n);
  });

  it("and comes back between sending its keys and its input goes on with the next attempt or round", async () => {
    for (const before of ["round.keys", "round.shares", "round.masked", "round.confirm", "round.unmask"]) {
      const played = await play("secagg", [crash("owner", 1, { before, nth: 1, downMs: 500 })]);
      expect([before, played.job.outcome, played.job.rounds.length]).toEqual([before, "full", 2]);
    }
  });
});

describe("an owner that cheats", { timeout: 120_000 }, () => {
  it("with NaNs or the wrong shape in the open is refused and named, and the others finish", async () => {
    for (const name of ["nan", "mangle-input"] as const) {
      const played = await play("none", [trick("owner", 0, name)]);
      expect([name, played.job.outcome]).toEqual([name, "full"]);
      const accused = records(played, "rejected").filter(
        ({ from }) => from === addressOf(played, "owner", 0),
      );
      expect(accused.length).toBeGreaterThan(0);
      const codes = accused.map(({ code }) => code);
      expect(
        codes.some((code) =>
          ["MALFORMED", "MALFORMED_UPDATE", "BAD_WEIGHT", "BAD_LOSS", "BAD_SIGNATURE"].includes(code),
        ),
      ).toBe(true);
    }
  });

  it("with mangled messages of every kind cannot stop a masked training of the others", async () => {
    const played = await play("secagg", [trick("owner", 3, "mangle-all")], { owners: 5 });
    expect(["settled", "refunded"]).toContain(played.job.state);
    expect(played.witness.broken).toEqual([]);
  });

  it("by forged and replayed frames on the bus changes nothing", async () => {
    const played = await play("secagg", [{ kind: "eavesdropper" }]);
    expect(played.job.outcome).toBe("full");
    expect(survivors(played)[0]).toEqual([0, 1, 2, 3]);
  });
});

describe("owners without a licence", { timeout: 120_000 }, () => {
  it("in the middle of training: below the least number it stops, and closed rounds are paid", async () => {
    const revoke = (index: number) => ({ kind: "revoke", role: "owner", index, atMs: 9_500 }) as const;
    const played = await play("secagg", [revoke(0), revoke(1)]);
    const events = chainEvents(played);
    expect(only(events, "revoked")).toHaveLength(2);
    expect(["settled", "refunded"]).toContain(played.job.state);
    expect(played.job.outcome).not.toBe("full");
  });
});
