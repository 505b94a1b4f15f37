import type { Millis } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { checkMarket } from "./check-market.ts";
import { chainEvents, only } from "./check-money.ts";
import { addressOf, earned, play, records, trick } from "./ended.ts";
import { type Played, PRICE, playMarket } from "./market.ts";
import { shortTerms } from "./orders.ts";
import { calmProfile } from "./profile.ts";
import type { Tamper } from "./sim-host.ts";

const muteInputs = [trick("owner", 0, "mute-input"), trick("owner", 2, "mute-input")];

function timeOf({ stage }: Played, event: { readonly blockNumber: number } | undefined): Millis {
  const block = stage.chain.blocks.find(({ number }) => number === event?.blockNumber);
  if (block === undefined) throw new TypeError("it did not happen");
  return block.timestampMs;
}

describe("a job that its analyst cannot do [ANALYST.12] [MARKET.23]", { timeout: 240_000 }, () => {
  it("ends without waiting for its deadlines when nobody else could take it over", async () => {
    const played = await play("secagg", muteInputs, { analysts: 1 });
    const events = chainEvents(played);
    const [abandoned, refunded] = [only(events, "abandoned")[0], only(events, "refunded")[0]];
    expect(played.job.state).toBe("refunded");
    expect(abandoned?.blockNumber).toBe(refunded?.blockNumber);
    const because = records(played, "decision").filter(({ what }) => what === "abandon");
    expect(because.map((decision) => decision.because)).toEqual([
      expect.stringMatching(/^(TOO_FEW_OWNERS|ROUND_FAILED)$/),
    ]);
    expect(earned(played, addressOf(played, "consumer", 0), "refund")).toBe(PRICE);
  });

  it("is tried at once by the others, and ends when each of them has given up", async () => {
    const played = await play("secagg", muteInputs, { analysts: 3 });
    const events = chainEvents(played);
    const given = only(events, "abandoned");
    const taken = only(events, "tookOver");
    expect(given.map(({ analyst }) => analyst)).toEqual(played.job.analysts);
    expect([taken.length, played.job.state]).toEqual([2, "refunded"]);
    for (const [place, takeOver] of taken.entries()) {
      const waitedMs = timeOf(played, takeOver) - timeOf(played, given[place]);
      // A second of grace, up to four by which analysts wait apart, and the blocks.
      expect(waitedMs).toBeLessThan(8_000);
    }
  });

  it("for want of owners that join gives the consumer its price back before the time for recruiting is over", async () => {
    const silent: Tamper = (output) =>
      output.type === "transact" && output.call.method === "join" ? [] : [output];
    const played = await playMarket(calmProfile("nobody joins", "secagg"), { tampers: { owner: silent } });
    // Nothing is wrong but that the job was not done.
    expect((await checkMarket(played)).map(({ kind }) => kind)).toEqual(["calm"]);
    const events = chainEvents(played);
    const waitedMs = timeOf(played, only(events, "refunded")[0]) - timeOf(played, only(events, "awarded")[0]);
    expect(waitedMs).toBeLessThan(1_000 * shortTerms.recruitSeconds);
    const because = records(played, "decision").filter(({ what }) => what === "abandon");
    expect(because.map((decision) => decision.because)).toEqual(["TOO_FEW_JOINED"]);
  });
});
