import { decodeSealedShares, encodeSealedShares } from "@sheaf/federated";
import { describe, expect, it } from "vitest";
import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import { announcedRound, contextOf } from "../../../src/agents/round/attempt.ts";
import { jobSeed } from "../../../src/agents/round/job-seed.ts";
import { initialModel } from "../../../src/agents/round/model.ts";
import { EXTRAS } from "../../../src/agents/round/vector-plan.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { initialWeights, PARAMETERS } from "../../simulation/tiny-model.ts";
import { portsFor } from "../support/look.ts";
import { calls, events, SCOPE, type Seat } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

const SPEC = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { threshold: 0.6, bits: 16, clip: 2 } },
});

describe("an owner that seals rubbish for the others", () => {
  it("is named by them, and the next attempt goes without it [OWNER.3] [ANALYST.3]", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 5, spec: SPEC });
    const [culprit] = owners as [Seat];
    table.courier = (message) => {
      if (message.from !== culprit.address || message.kind !== "round.shares") return [message];
      const decoded = decodeBody(message.kind, message.body);
      if (!("body" in decoded) || decoded.kind !== "round.shares") return [message];
      const cohort = owners.map(({ address }) => address);
      const { round, attempt } = decoded.body;
      const context = contextOf(SCOPE, { job: 1n, analyst: analyst.address, round, attempt });
      const { hash } = initialModel(portsFor(analyst), SPEC, initialWeights(jobSeed(SCOPE, 1n, SPEC)));
      const group = announcedRound(context, SPEC, cohort, hash, PARAMETERS + EXTRAS);
      const boxes = group && decodeSealedShares(group, decoded.body.sealed);
      if (group === undefined || boxes === undefined || "rejected" in boxes) return [message];
      const spoiled = new Map([...boxes].map(([member, box]) => [member, box.map((byte) => byte ^ 1)]));
      const body = { ...decoded.body, sealed: encodeSealedShares(group, spoiled) };
      return [{ ...message, body: encodeBody("round.shares", body) }];
    };
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const refusals = owners
      .slice(1)
      .flatMap((seat) => events(seat, "decision").filter(({ because }) => because === "BAD_SEAL"));
    expect(refusals.length).toBeGreaterThanOrEqual(2);
    const [first] = events(analyst, "round");
    expect(first?.attempt).toBe(2);
    expect(first?.survivors.length).toBe(4);
    expect(first?.survivors).not.toContain(culprit.address);
  });

  it("is believed only when most say so: two that accuse an honest one are the ones that drop out", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 6, spec: SPEC });
    const liars = new Set<string>(owners.slice(0, 2).map(({ address }) => address));
    const victim = (owners[5] as Seat).address;
    const place = owners
      .map(({ address }) => address)
      .sort()
      .indexOf(victim);
    table.courier = (message) => {
      if (!liars.has(message.from) || message.kind !== "round.masked") return [message];
      const decoded = decodeBody(message.kind, message.body);
      if (!("body" in decoded) || decoded.kind !== "round.masked") return [message];
      const { round, attempt } = decoded.body;
      const body = encodeBody("round.refuse", { round, attempt, code: "BAD_SEAL", about: place });
      return [{ ...message, kind: "round.refuse", body }];
    };
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    for (const { survivors, attempt } of events(analyst, "round")) {
      expect(attempt).toBe(1);
      expect(survivors).toContain(victim);
      expect(survivors.some((owner) => liars.has(owner))).toBe(false);
    }
  });
});
