import { describe, expect, it } from "vitest";
import { checkMarket, viewOf } from "./check-market.ts";
import { playMarket } from "./market.ts";
import { drawProfile } from "./profile.ts";

const count = Number(process.env["SHEAF_SEEDS"] ?? 120);
const first = Number(process.env["SHEAF_SEED"] ?? 1);

describe("markets drawn from seeds", { timeout: 36_000_000 }, () => {
  it(`hold in ${count} of them, with crashes, cheats, revocations, outages and bad weather`, async () => {
    const seen = new Map<string, number>();
    const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    const wrong: unknown[] = [];
    for (let seed = first; seed < first + count; seed++) {
      const played = await playMarket(drawProfile(String(seed)));
      for (const { kind, detail } of await checkMarket(played)) wrong.push([seed, kind, detail]);
      for (const job of viewOf(played).jobs.values()) {
        note(job.state === "settled" ? `settled ${job.outcome}` : job.state);
        if (job.analysts.length > 1) note("taken over");
        if (job.disputed.length > 0) note("disputed");
        if (job.rounds.some(({ opening }) => opening.attempt > 1)) note("round opened again");
      }
    }
    expect(wrong).toEqual([]);
    if (count < 120) return;
    // What was drawn is not a walk in the park, nor a graveyard.
    for (const what of [
      "settled full",
      "settled partial",
      "refunded",
      "taken over",
      "disputed",
      "round opened again",
    ]) {
      expect([what, seen.get(what) ?? 0]).toEqual([what, expect.toSatisfy((times: number) => times > 0)]);
    }
    expect(seen.get("settled full")).toBeGreaterThan(count / 2);
  });

  it("come out the same for the same seed", async () => {
    for (let seed = first; seed < first + Math.min(10, count); seed++) {
      const profile = drawProfile(String(seed));
      const [once, again] = [await playMarket(profile), await playMarket(profile)];
      expect([seed, again.digest]).toEqual([seed, once.digest]);
    }
  });

  it("differ for different seeds", async () => {
    const digests = [
      (await playMarket(drawProfile("1"))).digest,
      (await playMarket(drawProfile("2"))).digest,
    ];
    expect(new Set(digests).size).toBe(2);
  });
});
