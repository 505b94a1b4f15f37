import { describe, expect, it } from "vitest";
import { roundTimeoutMs } from "../../src/round.ts";
import {
  createDesk,
  type Desk,
  judge,
  justification,
  kinds,
  lock,
  only,
  prePrepare,
  prepare,
  roundChange,
  sent,
  TIMEOUTS,
  value,
} from "./desk.ts";

const v = value(1);
const w = value(2);

/** Validator 0 of four, locked on `v` in round 0. */
function lockedDesk(): Desk {
  const desk = createDesk(4, 0);
  desk.start();
  judge(desk, desk.hear(1, prePrepare(desk, 1, v)), true);
  desk.hear(1, prepare(desk, 1, v));
  desk.hear(2, prepare(desk, 2, v));
  return desk;
}

describe("rounds", () => {
  it("last exponentially longer, up to a cap; round 0 as long as the proposer may wait more [ROUND.1]", () => {
    expect([0, 1, 2, 3, 4000].map((round) => roundTimeoutMs(TIMEOUTS, round))).toEqual([
      1000, 2000, 4000, 5000, 5000,
    ]);
    const desk = createDesk(4, 0);
    expect(desk.start(1, { waitMs: 300 })).toEqual([
      { type: "schedule-timeout", height: 1, round: 0, delayMs: 1300 },
    ]);
    expect(only(desk.timeout(0), "schedule-timeout")[0]).toMatchObject({ round: 1, delayMs: 2000 });
  });

  it("end by time: the record comes before the round change [ROUND.2] [ROUND.3] [PERSIST.2]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    const outputs = desk.timeout(0);
    expect(kinds(outputs)).toEqual(["schedule-timeout", "persist", "round-change"]);
    expect(sent(outputs, "round-change")[0]).toMatchObject({ height: 1, round: 1, prepared: undefined });
    expect(kinds(desk.timeout(0))).toEqual(["ignored STALE"]);
  });

  it("are not left alone: without a quorum the round change is repeated [ROUND.2]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    const first = sent(desk.timeout(0), "round-change");
    desk.hear(2, roundChange(desk, 2, 1));
    const repeated = desk.timeout(1);
    expect(kinds(repeated)).toEqual(["schedule-timeout", "round-change"]);
    expect(sent(repeated, "round-change")).toEqual(first);
    desk.hear(3, prepare(desk, 3, v, 1));
    expect(sent(desk.timeout(1), "round-change")[0]?.round).toBe(2);
  });

  it("carry the lock into every round change after [ROUND.3]", () => {
    const desk = lockedDesk();
    const [message] = sent(desk.timeout(0), "round-change");
    expect(message?.prepared).toMatchObject({ round: 0, value: v });
    expect(message?.prepared?.signatures).toHaveLength(3);
  });

  it("are joined when f + 1 others have reached a later one, by whatever message [ROUND.4]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    expect(kinds(desk.hear(2, roundChange(desk, 2, 7)))).toEqual([]);
    const outputs = desk.hear(3, prepare(desk, 3, v, 4));
    expect(kinds(outputs)).toEqual(["schedule-timeout", "persist", "round-change"]);
    expect(sent(outputs, "round-change")[0]?.round).toBe(4);
  });

  it("begin with a justified proposal, without a round change [ROUND.5] [JUSTIFY.2]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    const why = justification(desk, 1, [[1], [2], [3]]);
    const outputs = desk.hear(2, prePrepare(desk, 2, w, 1, why));
    expect(kinds(outputs)).toEqual(["schedule-timeout", "validate"]);
    expect(kinds(judge(desk, outputs, true))).toEqual(["persist", "prepare"]);
    // the round changes in the justification were as good as heard: a quorum is here
    expect(sent(desk.timeout(1), "round-change")[0]?.round).toBe(2);
  });

  it("reject round changes without proof for their lock [ROUND.6]", () => {
    const cases: [string, Parameters<typeof roundChange>][] = [];
    const desk = createDesk(4, 0);
    desk.start();
    cases.push(["too few prepares", [desk, 2, 1, lock(desk, [1, 2], v)]]);
    cases.push(["one of them twice", [desk, 2, 1, lock(desk, [1, 2, 2], v)]]);
    cases.push(["not from an earlier round", [desk, 2, 1, lock(desk, [1, 2, 3], v, 1)]]);
    cases.push(["prepares of another value", [desk, 2, 1, { ...lock(desk, [1, 2, 3], w), value: v }]]);
    cases.push(["prepares of another round", [desk, 2, 3, { ...lock(desk, [1, 2, 3], v, 1), round: 2 }]]);
    cases.push(["prepares of another height", [desk, 2, 1, lock(desk, [1, 2, 3], v, 0, 2)]]);
    cases.push(["round 0", [desk, 2, 0]]);
    for (const [why, message] of cases) {
      expect([why, ...kinds(desk.hear(2, roundChange(...message)))]).toEqual([
        why,
        "rejected BAD_CERTIFICATE",
      ]);
    }
    expect(kinds(desk.hear(2, roundChange(desk, 2, 1, lock(desk, [1, 2, 3], v))))).toEqual([]);
  });
});

describe("the proposer of a later round", () => {
  // validator 2 proposes in round 1 of height 1
  it("waits for round changes of a quorum, then asks its host [PROPOSE.1] [PROPOSE.2]", () => {
    const desk = createDesk(4, 2);
    desk.start();
    desk.timeout(0);
    expect(kinds(desk.hear(0, roundChange(desk, 0, 1)))).toEqual([]);
    expect(kinds(desk.hear(1, roundChange(desk, 1, 1)))).toEqual(["request-value"]);
    const outputs = desk.input({ type: "built", height: 1, round: 1, value: w });
    expect(kinds(outputs)).toEqual(["persist", "pre-prepare", "prepare"]);
    const [message] = sent(outputs, "pre-prepare");
    expect(message?.justification?.roundChanges).toHaveLength(3);
    expect(message?.justification?.certificate).toBeUndefined();
  });

  it("proposes the value prepared in the highest round, once its host knows it [PROPOSE.2] [PROPOSE.3]", () => {
    const desk = createDesk(4, 3);
    desk.start();
    desk.timeout(0);
    desk.hear(0, roundChange(desk, 0, 2, lock(desk, [0, 1, 2], v, 0)));
    const asked = desk.hear(1, roundChange(desk, 1, 2, lock(desk, [0, 1, 2], w, 1)));
    expect(only(asked, "validate")[0]).toMatchObject({ value: w, prepared: true });
    const outputs = judge(desk, asked, true);
    expect(kinds(outputs)).toEqual(["persist", "pre-prepare", "prepare"]);
    expect(sent(outputs, "pre-prepare")[0]).toMatchObject({
      round: 2,
      value: w,
      justification: { certificate: { round: 1, digest: w.digest } },
    });
  });

  it("leaves out who sent a payload that its digest does not name [PROPOSE.3]", () => {
    const desk = createDesk(4, 2);
    desk.start();
    desk.timeout(0);
    const proven = lock(desk, [0, 1, 3], v);
    const swapped = { ...proven, value: { digest: v.digest, payload: Uint8Array.of(66) } };
    desk.hear(0, roundChange(desk, 0, 1, swapped));
    const asked = desk.hear(1, roundChange(desk, 1, 1));
    expect(kinds(judge(desk, asked, false))).toEqual(["rejected INVALID_VALUE"]);
    expect(kinds(desk.hear(0, roundChange(desk, 0, 1, swapped)))).toEqual(["rejected INVALID_VALUE"]);
    expect(kinds(desk.hear(3, roundChange(desk, 3, 1)))).toEqual(["request-value"]);
  });

  it("proposes its own lock without asking anyone [PROPOSE.2]", () => {
    const desk = createDesk(4, 2);
    desk.start();
    judge(desk, desk.hear(1, prePrepare(desk, 1, v)), true);
    desk.hear(0, prepare(desk, 0, v));
    desk.hear(1, prepare(desk, 1, v));
    desk.timeout(0);
    desk.hear(0, roundChange(desk, 0, 1));
    const outputs = desk.hear(1, roundChange(desk, 1, 1));
    expect(sent(outputs, "pre-prepare")[0]?.value).toEqual(v);
  });
});

describe("a proposal of a later round is justified", () => {
  type Claims = Parameters<typeof justification>[2];
  const heard = (build: (desk: Desk) => Parameters<typeof prePrepare>): string[] => {
    const desk = createDesk(4, 0);
    desk.start();
    return kinds(desk.hear(2, prePrepare(...build(desk))));
  };
  const because = (desk: Desk, claims: Claims) => justification(desk, 1, claims);
  const accepted = ["schedule-timeout", "validate"];
  const rejected = ["rejected BAD_JUSTIFICATION"];

  it("by a reason, which round 0 must not have [JUSTIFY.1]", () => {
    expect(heard((desk) => [desk, 2, v, 1])).toEqual(rejected);
    const desk = createDesk(4, 0);
    desk.start();
    const why = justification(desk, 0, [[1], [2], [3]]);
    expect(kinds(desk.hear(1, prePrepare(desk, 1, v, 0, why)))).toEqual(rejected);
  });

  it("by a quorum of different validators, for this round and height [JUSTIFY.2]", () => {
    expect(heard((desk) => [desk, 2, v, 1, because(desk, [[1], [2], [3]])])).toEqual(accepted);
    expect(heard((desk) => [desk, 2, v, 1, because(desk, [[1], [2]])])).toEqual(rejected);
    expect(heard((desk) => [desk, 2, v, 1, justification(desk, 2, [[1], [2], [3]])])).toEqual(rejected);
    expect(
      heard((desk) => {
        const { roundChanges } = because(desk, [[1], [2]]);
        const twice = { roundChanges: [...roundChanges, ...roundChanges.slice(1)], certificate: undefined };
        return [desk, 2, v, 1, twice];
      }),
    ).toEqual(rejected);
    expect(
      heard((desk) => {
        const strangers = because(desk, [[1], [2], [9]]);
        return [desk, 2, v, 1, strangers];
      }),
    ).toEqual(rejected);
  });

  it("by the certificate of the highest lock claimed, for its very value [JUSTIFY.3]", () => {
    const build =
      (
        proposed: typeof v,
        change: (why: ReturnType<typeof because>, desk: Desk) => ReturnType<typeof because>,
      ) =>
      (desk: Desk): Parameters<typeof prePrepare> => {
        const why = because(desk, [[1], [2, lock(desk, [1, 2, 3], v)], [3]]);
        return [desk, 2, proposed, 1, change(why, desk)];
      };
    expect(heard(build(v, (why) => why))).toEqual(accepted);
    expect(heard(build(w, (why) => why))).toEqual(rejected);
    expect(heard(build(w, (why) => ({ ...why, certificate: undefined })))).toEqual(rejected);
    // a certificate that none of the round changes claims
    expect(
      heard(
        build(w, (why, desk) => ({ ...why, certificate: { ...lock(desk, [1, 2, 3], w), digest: w.digest } })),
      ),
    ).toEqual(rejected);
    expect(
      heard((desk) => {
        const free = because(desk, [[1], [2], [3]]);
        return [desk, 2, v, 1, { ...free, certificate: { ...lock(desk, [1, 2, 3], v), digest: v.digest } }];
      }),
    ).toEqual(rejected);
  });

  it("by the lock of the highest round, when there are several [JUSTIFY.3]", () => {
    const heardInRound2 = (proposed: typeof v, of: typeof v, round: number): string[] => {
      const desk = createDesk(4, 0);
      desk.start();
      const why = justification(desk, 2, [
        [1, lock(desk, [1, 2, 3], v, 0)],
        [2, lock(desk, [1, 2, 3], w, 1)],
        [3],
      ]);
      const certificate = { ...lock(desk, [1, 2, 3], of, round), digest: of.digest };
      return kinds(desk.hear(3, prePrepare(desk, 3, proposed, 2, { ...why, certificate })));
    };
    expect(heardInRound2(w, w, 1)).toEqual(accepted);
    expect(heardInRound2(v, v, 0)).toEqual(rejected);
  });

  it("only by prepares that a quorum signed, each once, for that round [JUSTIFY.4]", () => {
    const withSignatures = (signers: readonly number[], round = 0) =>
      heard((desk) => {
        const why = because(desk, [[1], [2, lock(desk, [1, 2, 3], v)], [3]]);
        const { signatures } = lock(desk, signers, v, round);
        return [desk, 2, v, 1, { ...why, certificate: { round: 0, digest: v.digest, signatures } }];
      });
    expect(withSignatures([0, 1, 2])).toEqual(accepted);
    expect(withSignatures([0, 1])).toEqual(rejected);
    expect(withSignatures([0, 1, 1])).toEqual(rejected);
    expect(withSignatures([0, 1, 8])).toEqual(rejected);
    expect(withSignatures([0, 1, 2], 1)).toEqual(rejected);
  });
});
