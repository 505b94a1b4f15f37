import { describe, expect, it } from "vitest";
import { FUTURE_BYTES, FUTURE_HEIGHTS, FUTURE_MESSAGES } from "../../src/buffer.ts";
import { MAX_VALUES } from "../../src/state.ts";
import { MAX_VOTE_ROUNDS } from "../../src/votes.ts";
import { toyAddress } from "../simulation/toy-ports.ts";
import {
  CHAIN,
  commit,
  createDesk,
  type Desk,
  judge,
  justification,
  kinds,
  only,
  prePrepare,
  prepare,
  roundChange,
  value,
} from "./desk.ts";

const v = value(1);
const w = value(2);

function startedDesk(height = 1): Desk {
  const desk = createDesk(4, 0);
  desk.start(height);
  return desk;
}

describe("a message", () => {
  it("counts only with the signature of a validator [RECEIVE.1]", () => {
    const desk = startedDesk();
    expect(kinds(desk.hear(9, prepare(desk, 9, v)))).toEqual(["rejected NOT_A_VALIDATOR"]);
    const unsigned = { ...prepare(desk, 1, v), signature: new Uint8Array(65).fill(255) };
    expect(kinds(desk.hear(1, unsigned))).toEqual(["rejected BAD_SIGNATURE"]);
    const altered = { ...prepare(desk, 1, v), round: 1 };
    expect(kinds(desk.hear(1, altered))).toEqual(["rejected BAD_SIGNATURE"]);
  });

  it("of another chain is not signed for this one [RECEIVE.1] [CODEC.3]", () => {
    const desk = startedDesk();
    const statement = {
      type: "prepare",
      height: 1,
      round: 0,
      digest: v.digest,
      preparedRound: undefined,
    } as const;
    const signature = desk.sign(1, statement, CHAIN.toReversed());
    expect(kinds(desk.hear(1, { ...prepare(desk, 1, v), signature }))).toEqual(["rejected BAD_SIGNATURE"]);
  });

  it("is not taken from a peer that relays it, nor back from oneself [RECEIVE.2]", () => {
    const desk = startedDesk();
    expect(kinds(desk.hear(2, prepare(desk, 1, v)))).toEqual(["rejected BAD_SIGNATURE"]);
    expect(kinds(desk.hear(0, prepare(desk, 0, v)))).toEqual(["ignored DUPLICATE"]);
  });

  it("of a passed height or round is ignored", () => {
    const desk = startedDesk(2);
    expect(kinds(desk.hear(1, prepare(desk, 1, v, 0, 1)))).toEqual(["ignored OLD_HEIGHT"]);
    desk.timeout(0, 2);
    expect(kinds(desk.hear(1, prepare(desk, 1, v, 0, 2)))).toEqual(["ignored OLD_ROUND"]);
    expect(kinds(desk.hear(2, prePrepare(desk, 2, v, 0, undefined, 2)))).toEqual(["ignored OLD_ROUND"]);
    expect(kinds(desk.hear(1, roundChange(desk, 1, 1, undefined, 2)))).toEqual([]);
    expect(kinds(desk.hear(1, roundChange(desk, 1, 0, undefined, 2)))).toEqual(["ignored OLD_ROUND"]);
  });
});

describe("a validator that contradicts itself is reported, and its second word does not count", () => {
  it.each([
    ["proposals", (desk: Desk) => [prePrepare(desk, 1, v), prePrepare(desk, 1, w)]],
    ["prepares", (desk: Desk) => [prepare(desk, 1, v), prepare(desk, 1, w)]],
    ["commits", (desk: Desk) => [commit(desk, 1, v, 3), commit(desk, 1, w, 3)]],
    [
      "round changes",
      (desk: Desk) => {
        const prepared = {
          round: 0,
          value: v,
          signatures: [1, 2, 3].map((each) => prepare(desk, each, v).signature),
        };
        return [roundChange(desk, 1, 1), roundChange(desk, 1, 1, prepared)];
      },
    ],
  ] as const)("%s [EVIDENCE.1]", (_, messages) => {
    const desk = startedDesk();
    const [first, second] = messages(desk);
    if (first === undefined || second === undefined) expect.unreachable();
    else {
      desk.hear(1, first);
      const outputs = desk.hear(1, second);
      expect(kinds(outputs)).toEqual(["misbehaviour", "rejected EQUIVOCATION"]);
      expect(only(outputs, "misbehaviour")[0]?.evidence).toEqual({ offender: toyAddress(1), first, second });
      expect(kinds(desk.hear(1, first))).toEqual(["ignored DUPLICATE"]);
    }
  });
});

describe("messages of heights to come", () => {
  it("count when their height starts [BUFFER.1]", () => {
    const desk = startedDesk();
    for (const sender of [1, 2, 3]) {
      expect(kinds(desk.hear(sender, prepare(desk, sender, v, 0, 2)))).toEqual([]);
      expect(kinds(desk.hear(sender, commit(desk, sender, v, 0, 2)))).toEqual([]);
    }
    desk.hear(2, prePrepare(desk, 2, v, 0, undefined, 2));
    const started = desk.start(2);
    expect(kinds(started)).toEqual(["schedule-timeout", "validate"]);
    expect(kinds(judge(desk, started, true))).toEqual(["persist", "prepare", "persist", "commit", "commit"]);
  });

  it("are dropped beyond the bounds, the oldest of the same sender first [BUFFER.1]", () => {
    const desk = startedDesk();
    const far = desk.hear(1, prepare(desk, 1, v, 0, 2 + FUTURE_HEIGHTS));
    expect(kinds(far)).toEqual(["ignored TOO_FAR_AHEAD"]);
    for (let round = 0; round < 3 * FUTURE_MESSAGES; round++) desk.hear(1, prepare(desk, 1, v, round, 2));
    desk.hear(2, prepare(desk, 2, v, 0, 2));
    const held = desk.state.future.get(toyAddress(1)) ?? [];
    expect(held).toHaveLength(FUTURE_MESSAGES);
    expect(held.at(-1)?.round).toBe(3 * FUTURE_MESSAGES - 1);
    expect(desk.state.future.get(toyAddress(2))).toHaveLength(1);
  });

  it("are dropped beyond a number of bytes [BUFFER.1]", () => {
    const desk = startedDesk();
    const payload = new Uint8Array(FUTURE_BYTES / 2 - 1);
    for (let round = 0; round < 5; round++) {
      desk.hear(1, prePrepare(desk, 1, { digest: v.digest, payload }, round, undefined, 2));
    }
    expect(desk.state.future.get(toyAddress(1))?.map(({ round }) => round)).toEqual([3, 4]);
    const huge = { digest: v.digest, payload: new Uint8Array(FUTURE_BYTES + 1) };
    desk.hear(1, prePrepare(desk, 1, huge, 5, undefined, 2));
    expect(desk.state.future.get(toyAddress(1))).toEqual([]);
  });
});

describe("what one sender can make a validator hold at the current height is bounded", () => {
  it("in votes and round changes [BUFFER.2]", () => {
    const desk = startedDesk();
    for (let round = 1; round < 100; round++) {
      desk.hear(1, prepare(desk, 1, v, round));
      desk.hear(1, commit(desk, 1, v, round));
      desk.hear(1, roundChange(desk, 1, round));
    }
    const rounds = desk.state.prepares.get(toyAddress(1))?.map(({ round }) => round);
    expect(rounds).toEqual(
      Array.from({ length: MAX_VOTE_ROUNDS }, (_, index) => 100 - MAX_VOTE_ROUNDS + index),
    );
    expect(desk.state.commits.get(toyAddress(1))).toHaveLength(MAX_VOTE_ROUNDS);
    expect([...desk.state.roundChanges.values()].map(({ round }) => round)).toEqual([99]);
  });

  it("in values and open questions [BUFFER.3]", () => {
    const desk = startedDesk();
    const proposers = [1, 2, 3];
    const questions = [];
    for (let round = 0; round < 80; round++) {
      const sender = (1 + round) % 4;
      if (!proposers.includes(sender)) continue;
      const why = round === 0 ? undefined : justification(desk, round, [[1], [2], [3]]);
      questions.push(
        ...only(desk.hear(sender, prePrepare(desk, sender, value(round + 1), round, why)), "validate"),
      );
    }
    expect(questions).toHaveLength(60);
    expect(desk.state.validations.size).toBe(4 + 4);
    for (const { id } of questions) desk.input({ type: "validated", id, valid: true });
    expect(desk.state.validations.size).toBe(0);
    expect(desk.state.values.size).toBe(MAX_VALUES);
  });
});
