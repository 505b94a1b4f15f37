import { describe, expect, it } from "vitest";
import { toyAddress } from "../simulation/toy-ports.ts";
import { commit, createDesk, judge, kinds, prePrepare, prepare, roundChange, value } from "./desk.ts";

const v = value(1);

describe("a validator that is behind", () => {
  it("says so when f + 1 others are two heights ahead, once a height [SYNC.1]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    expect(kinds(desk.hear(1, prepare(desk, 1, v, 0, 2)))).toEqual([]);
    expect(kinds(desk.hear(2, prepare(desk, 2, v, 0, 2)))).toEqual([]);
    expect(kinds(desk.hear(1, prepare(desk, 1, v, 0, 900)))).toEqual(["ignored TOO_FAR_AHEAD"]);
    const outputs = desk.hear(2, prepare(desk, 2, v, 0, 3));
    expect(outputs).toEqual([{ type: "behind", height: 3, peers: [toyAddress(1), toyAddress(2)] }]);
    expect(kinds(desk.hear(2, commit(desk, 2, v, 0, 3)))).toEqual([]);
    expect(kinds(desk.hear(2, prepare(desk, 2, v, 0, 4)))).toEqual(["behind"]);
  });

  it("says so at each timeout while anyone is ahead at all [SYNC.2]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    desk.hear(3, roundChange(desk, 3, 1, undefined, 2));
    const [first] = desk.timeout(0);
    expect(first).toEqual({ type: "behind", height: 2, peers: [toyAddress(3)] });
    expect(kinds(desk.timeout(1))[0]).toBe("behind");
  });

  it("is recognised by its round change of a height that is decided here [SYNC.3]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    judge(desk, desk.hear(1, prePrepare(desk, 1, v)), true);
    for (const sender of [1, 2]) desk.hear(sender, prepare(desk, sender, v));
    for (const sender of [1, 2]) desk.hear(sender, commit(desk, sender, v));
    expect(desk.state.decided).toBe(true);
    expect(desk.hear(3, roundChange(desk, 3, 1))[0]).toEqual({
      type: "peer-behind",
      peer: toyAddress(3),
      height: 1,
    });
    desk.start(2);
    expect(kinds(desk.hear(3, roundChange(desk, 3, 2)))).toEqual(["peer-behind", "ignored OLD_HEIGHT"]);
    expect(kinds(desk.hear(3, commit(desk, 3, v)))).toEqual(["ignored OLD_HEIGHT"]);
  });

  it("goes on at the height the host gives it, never back", () => {
    const desk = createDesk(4, 0);
    desk.start();
    desk.start(10);
    expect(desk.state.height).toBe(10);
    expect(() => desk.start(10)).toThrow(expect.objectContaining({ code: "INVARIANT" }));
  });
});
