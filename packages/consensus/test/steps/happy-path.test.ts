import { describe, expect, it } from "vitest";
import { verifyCommitCertificate } from "../../src/index.ts";
import { toyAddress } from "../simulation/toy-ports.ts";
import { CHAIN, commit, createDesk, judge, kinds, only, prePrepare, prepare, sent, value } from "./desk.ts";

const v = value(1);

describe("a height that succeeds in round 0", () => {
  it("goes from proposal to decision at a validator [PREPARE.1] [COMMIT.1] [COMMIT.3]", () => {
    const desk = createDesk(4, 0);
    expect(kinds(desk.start())).toEqual(["schedule-timeout"]);
    const asked = desk.hear(1, prePrepare(desk, 1, v));
    expect(kinds(asked)).toEqual(["validate"]);
    expect(kinds(judge(desk, asked, true))).toEqual(["persist", "prepare"]);
    expect(kinds(desk.hear(1, prepare(desk, 1, v)))).toEqual([]);
    const locked = desk.hear(2, prepare(desk, 2, v));
    expect(kinds(locked)).toEqual(["persist", "commit"]);
    expect(only(locked, "persist")[0]?.record).toMatchObject({
      accepted: v.digest,
      prepared: { round: 0, value: v },
    });
    expect(kinds(desk.hear(1, commit(desk, 1, v)))).toEqual([]);
    const [decision] = only(desk.hear(3, commit(desk, 3, v)), "commit");
    expect(decision).toMatchObject({ height: 1, round: 0, value: v });
    const certificate = { height: 1, round: 0, digest: v.digest, seals: decision?.seals ?? [] };
    expect(verifyCommitCertificate(certificate, desk.validators, CHAIN, desk.ports)).toEqual({
      valid: true,
      signers: [toyAddress(0), toyAddress(1), toyAddress(3)],
    });
    expect(desk.state.decided).toBe(true);
  });

  it("goes from the host's value to decision at the proposer [PROPOSE.1]", () => {
    const desk = createDesk(4, 1);
    expect(kinds(desk.start())).toEqual(["schedule-timeout", "request-value"]);
    const proposed = desk.input({ type: "built", height: 1, round: 0, value: v });
    expect(kinds(proposed)).toEqual(["persist", "pre-prepare", "prepare"]);
    expect(sent(proposed, "pre-prepare")[0]).toMatchObject({ value: v, justification: undefined });
    const again = desk.input({ type: "built", height: 1, round: 0, value: value(2) });
    expect(kinds(again)).toEqual(["ignored STALE"]);
    desk.hear(0, prepare(desk, 0, v));
    expect(kinds(desk.hear(2, prepare(desk, 2, v)))).toEqual(["persist", "commit"]);
    desk.hear(0, commit(desk, 0, v));
    expect(kinds(desk.hear(2, commit(desk, 2, v)))).toEqual(["commit"]);
  });

  it("takes one step for a chain of one", () => {
    const desk = createDesk(1, 0);
    desk.start();
    const outputs = desk.input({ type: "built", height: 1, round: 0, value: v });
    expect(kinds(outputs)).toEqual(["persist", "pre-prepare", "prepare", "persist", "commit", "commit"]);
    expect(desk.state.decided).toBe(true);
  });

  it("is followed by an observer, which signs and stores nothing", () => {
    const desk = createDesk(4, undefined);
    desk.start();
    judge(desk, desk.hear(1, prePrepare(desk, 1, v)), true);
    const outputs = [0, 1, 2].flatMap((sender) => [
      ...desk.hear(sender, prepare(desk, sender, v)),
      ...desk.hear(sender, commit(desk, sender, v)),
    ]);
    expect(kinds(outputs)).toEqual(["commit"]);
  });

  it("does not depend on the order in which messages come [PREPARE.4]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    for (const sender of [1, 2, 3]) desk.hear(sender, commit(desk, sender, v));
    for (const sender of [1, 2, 3]) desk.hear(sender, prepare(desk, sender, v));
    const asked = desk.hear(1, prePrepare(desk, 1, v));
    expect(kinds(judge(desk, asked, true))).toEqual(["persist", "prepare", "persist", "commit", "commit"]);
  });
});

describe("a proposal", () => {
  it("that the host refuses is not prepared, nor is another one of that round [PREPARE.1]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    const asked = desk.hear(1, prePrepare(desk, 1, v));
    expect(kinds(judge(desk, asked, false))).toEqual(["rejected INVALID_VALUE"]);
    for (const sender of [1, 2, 3]) expect(kinds(desk.hear(sender, prepare(desk, sender, v)))).toEqual([]);
    const other = desk.hear(1, prePrepare(desk, 1, value(2)));
    expect(kinds(other)).toEqual(["misbehaviour", "rejected EQUIVOCATION"]);
  });

  it("is taken from nobody but the proposer of its round", () => {
    const desk = createDesk(4, 0);
    desk.start();
    expect(kinds(desk.hear(2, prePrepare(desk, 2, v)))).toEqual(["rejected NOT_THE_PROPOSER"]);
  });

  it("is put to the host once, and needs no verdict if it is known for valid [PREPARE.2] [PREPARE.3]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    const asked = desk.hear(1, prePrepare(desk, 1, v));
    expect(only(asked, "validate")[0]).toMatchObject({ height: 1, round: 0, value: v, prepared: false });
    expect(kinds(desk.hear(1, prePrepare(desk, 1, v)))).toEqual(["ignored DUPLICATE"]);
    judge(desk, asked, true);
    expect(kinds(judge(desk, asked, true))).toEqual(["ignored STALE"]);
  });

  it("found valid after its round is decided if a quorum committed it [PREPARE.3] [COMMIT.3]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    const asked = desk.hear(1, prePrepare(desk, 1, v));
    desk.timeout(0);
    for (const sender of [1, 2, 3]) desk.hear(sender, commit(desk, sender, v));
    expect(desk.state.round).toBe(1);
    const [decision] = only(judge(desk, asked, true), "commit");
    expect(decision).toMatchObject({ round: 0, value: v });
  });
});
