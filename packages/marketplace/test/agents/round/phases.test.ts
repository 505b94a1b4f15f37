import { bytesToHex } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { bodySchemas, type MessageKind } from "../../../src/agents/messages/bodies.ts";
import { decodeBody } from "../../../src/agents/messages/codec.ts";
import {
  announcedRound,
  contextOf,
  graphSeedOf,
  keysRootOf,
  NO_KEYS,
} from "../../../src/agents/round/attempt.ts";
import { jobSeed } from "../../../src/agents/round/job-seed.ts";
import { initialModel } from "../../../src/agents/round/model.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { initialWeights, PARAMETERS } from "../../simulation/tiny-model.ts";
import { audited } from "../support/audit.ts";
import { factsOf, portsFor } from "../support/look.ts";
import { calls, events, SCOPE } from "../support/table.ts";
import { hashOf } from "../support/toy-market.ts";
import { startTraining } from "../support/training.ts";

const SPEC = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { threshold: 0.6, bits: 16, clip: 2 } },
});

describe("attempts", () => {
  it("have names of their own: market, job, analyst, round, attempt [PHASE.1]", () => {
    const id = { job: 7n, analyst: "0xaa", round: 3, attempt: 2 } as const;
    const names = [
      contextOf(SCOPE, id),
      contextOf("1/other", id),
      contextOf(SCOPE, { ...id, job: 8n }),
      contextOf(SCOPE, { ...id, analyst: "0xab" }),
      contextOf(SCOPE, { ...id, round: 4 }),
      contextOf(SCOPE, { ...id, attempt: 3 }),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it("are numbered on over a restart, and the number is saved before it is announced [PHASE.1] [ANALYST.8]", async () => {
    const { table, analyst } = await startTraining({ owners: 4, spec: SPEC });
    await table.run(() => table.sent.some(({ kind }) => kind === "round.shares"));
    table.restart(analyst);
    await table.run(() => calls(analyst, "closeRound").length > 0);
    const numbers = table.sent.flatMap(({ kind, body }) => {
      const decoded = decodeBody(kind, body);
      return "body" in decoded && decoded.kind === "round.announce" ? [decoded.body.attempt] : [];
    });
    expect([...new Set(numbers)]).toEqual([1, 2]);
    const order = analyst.outputs.flatMap((output) =>
      output.type === "save" && output.key === "job/1"
        ? ["save"]
        : output.type === "send" && output.kind === "round.announce"
          ? ["announce"]
          : [],
    );
    expect(order[0]).toBe("save");
  });

  it("begin with the specification's model, the same for everybody [PHASE.2]", async () => {
    const { table, owners, analyst } = await startTraining({ owners: 4, spec: SPEC });
    await table.run(() => calls(analyst, "openRound").length > 0);
    const { hash } = initialModel(portsFor(analyst), SPEC, initialWeights(jobSeed(SCOPE, 1n, SPEC)));
    expect(calls(analyst, "openRound")[0]?.stateHash).toBe(hash);
    const cohort = owners.map(({ address }) => address);
    const announced = announcedRound("x", SPEC, cohort, hash, PARAMETERS + 3);
    expect(announced).toMatchObject({ threshold: 3, members: [...cohort].sort() });
    expect(bytesToHex(announced?.modelHash ?? new Uint8Array())).toBe(hash);
    expect(announcedRound("x", SPEC, cohort.slice(0, 2), hash, 18)).toBeUndefined();
    expect(announcedRound("x", tinySpec("none"), cohort, hash, 18)).toBeUndefined();
  });

  it("draw their graph from the opening's block and the keys in it [PHASE.4] [PHASE.3]", () => {
    const ports = portsFor({ address: "0xaa", identity: toyIdentity(1) });
    const seed = graphSeedOf(ports, hashOf("block"), hashOf("keys"));
    expect(seed.length).toBe(32);
    expect(graphSeedOf(ports, hashOf("another block"), hashOf("keys"))).not.toEqual(seed);
    expect(graphSeedOf(ports, hashOf("block"), hashOf("other keys"))).not.toEqual(seed);
    expect(keysRootOf(ports, [])).toBe(NO_KEYS);
  });
});

describe("phases [PHASE.5]", () => {
  it("end at once when all have answered: no round takes as long as its deadlines", async () => {
    const { table, analyst } = await startTraining({ owners: 5, spec: SPEC });
    await table.run(() => calls(analyst, "openRound").length > 0);
    const before = table.clock.now();
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    expect(table.clock.now() - before).toBeLessThan(SPEC.phaseMs.keys);
    const seen = events(analyst, "phase").filter(({ round, edge }) => round === 1 && edge === "end");
    expect(seen.map(({ phase }) => phase)).toEqual([
      "keys",
      "open",
      "shares",
      "train",
      "confirm",
      "unmask",
      "close",
    ]);
    expect(seen.every(({ got, of }) => got === 5 && of === 5)).toBe(true);
  });

  it("end when their time is over, each in its own", async () => {
    for (const [kind, phase] of [
      ["round.keys", "keys"],
      ["round.shares", "shares"],
      ["round.masked", "train"],
      ["round.confirm", "confirm"],
    ] as const) {
      const { table, owners, analyst } = await startTraining({ owners: 5, spec: SPEC });
      table.courier = (message) =>
        message.kind === kind && message.from === owners[0]?.address ? [] : [message];
      const begins = (): boolean =>
        events(analyst, "phase").some((event) => event.phase === phase && event.edge === "begin");
      const ends = (): boolean =>
        events(analyst, "phase").some((event) => event.phase === phase && event.edge === "end");
      await table.run(begins);
      const before = table.clock.now();
      await table.run(ends);
      expect(table.clock.now() - before).toBe(SPEC.phaseMs[phase]);
    }
  });
});

describe("what the analyst gets to see of an owner in mode secagg", () => {
  it("is only what the protocol sends, and no input of one owner, plain or rounded, in any of it", async () => {
    const training = await startTraining({ owners: 5, spec: SPEC });
    const { table, owners, analyst } = training;
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const allowed: readonly MessageKind[] = [
      "round.keys",
      "round.shares",
      "round.masked",
      "round.confirm",
      "round.unmask",
    ];
    for (const owner of owners) {
      const seen = table.sent.filter(({ from }) => from === owner.address);
      expect(
        [...new Set(seen.map(({ kind }) => kind))].every((kind) => allowed.includes(kind as MessageKind)),
      ).toBe(true);
      expect(seen.every(({ to }) => to === analyst.address)).toBe(true);
      for (const { kind, body } of seen) {
        const decoded = decodeBody(kind, body);
        if (!("body" in decoded) || decoded.kind !== "round.masked") continue;
        const words = new Int32Array(decoded.body.words.slice(-4 * (PARAMETERS + 3)).buffer);
        // The words of one owner are as large as random ones; the input's are below 2^16.
        const large = words.filter((word) => Math.abs(word) > 2 ** 20).length;
        expect(large).toBeGreaterThan(words.length - 3);
      }
    }
    // What the analyst keeps and records contains no update of one owner either.
    const plain = owners.flatMap((owner) => [...audited(owner).values()]);
    const kept = [...analyst.saved.values()].map((value) => Buffer.from(value));
    for (const update of plain) {
      const needle = Buffer.from(update.slice(0, 16));
      for (const value of kept) expect(value.includes(needle)).toBe(false);
    }
    expect(Object.keys(bodySchemas)).toContain("round.update");
    expect(table.sent.some(({ kind }) => kind === "round.update")).toBe(false);
  });

  it("the graph of each round is another one, and the same for all [PHASE.4]", async () => {
    const { table, analyst } = await startTraining({
      owners: 6,
      spec: tinySpec("secagg", { privacy: { mode: "secagg", secagg: { groupSize: 3, threshold: 0.6 } } }),
    });
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const groups = events(analyst, "round").map((round) =>
      round.groups
        .map((group) => [...group].sort().join())
        .sort()
        .join("|"),
    );
    expect(new Set(groups).size).toBe(2);
    expect(factsOf(analyst, table).rounds.length).toBe(2);
  });
});
