import { it } from "vitest";
import { checkMarket, viewOf } from "./check-market.ts";
import { playMarket } from "./market.ts";
import { drawProfile } from "./profile.ts";

it("tries", async () => {
  const from = Number(process.env["FROM"] ?? 0);
  const to = Number(process.env["TO"] ?? 10);
  const outcomes: Record<string, number> = {};
  for (const seed of process.env["ONLY"]
    ? process.env["ONLY"].split(",")
    : Array.from({ length: to - from }, (_, i) => from + i)) {
    const profile = drawProfile(String(seed));
    const t0 = performance.now();
    const played = await playMarket(profile);
    const violations = await checkMarket(played);
    const ends = [...viewOf(played).jobs.values()]
      .map((job) => `${job.state}/${job.outcome}/${job.rounds.length}`)
      .join(" ");
    for (const e of ends.split(" "))
      outcomes[e.replace(/\/\d+$/, "")] = (outcomes[e.replace(/\/\d+$/, "")] ?? 0) + 1;
    console.log(
      seed,
      profile.spec.privacy.mode,
      ends,
      `${Math.round(played.endedMs / 1000)}s`,
      `${Math.round(performance.now() - t0)}ms`,
      profile.faults
        .map(
          (f) =>
            `${f.kind}:${"role" in f ? f.role + f.index : ""}:${"trick" in f ? f.trick : ""}${"plan" in f ? JSON.stringify(f.plan) : ""}`,
        )
        .join(","),
    );
    for (const v of violations) console.log("   VIOLATION", v.kind, v.detail.slice(0, 600));
  }
  console.log(outcomes);
}, 3_000_000);
