import { describe, expect, it } from "vitest";
import type { VoteRecord } from "../../src/index.ts";
import {
  commit,
  createDesk,
  type Desk,
  judge,
  kinds,
  lock,
  only,
  prePrepare,
  prepare,
  roundChange,
  sent,
  value,
} from "./desk.ts";

const v = value(1);
const w = value(2);

/** What is on disk after the first output of `outputs` has been performed. */
function stored(outputs: ReturnType<Desk["input"]>): VoteRecord {
  const [first] = outputs;
  if (first?.type !== "persist") expect.unreachable("persist comes first");
  return (first as Extract<typeof first, { type: "persist" }>).record;
}

describe("the record", () => {
  it("comes before each vote it stands for, and says what that binds to [PERSIST.1] [PERSIST.2]", () => {
    const desk = createDesk(4, 0);
    desk.start();
    const prepared = judge(desk, desk.hear(1, prePrepare(desk, 1, v)), true);
    expect(stored(prepared)).toEqual({ height: 1, round: 0, accepted: v.digest, prepared: undefined });
    desk.hear(1, prepare(desk, 1, v));
    const locked = stored(desk.hear(2, prepare(desk, 2, v)));
    expect(locked).toEqual({ height: 1, round: 0, accepted: v.digest, prepared: lock(desk, [0, 1, 2], v) });
    const [record] = only(desk.timeout(0), "persist");
    expect(record?.record).toEqual({ ...locked, round: 1, accepted: undefined });
  });

  it("of a prepare lets a new process repeat it, and accept nothing else [PERSIST.3] [PERSIST.4]", () => {
    const desk = createDesk(4, 0);
    const record: VoteRecord = { height: 1, round: 0, accepted: v.digest, prepared: undefined };
    const outputs = desk.restart(record);
    expect(kinds(outputs)).toEqual(["schedule-timeout", "prepare"]);
    expect(sent(outputs, "prepare")[0]?.digest).toBe(v.digest);
    expect(kinds(desk.hear(1, prePrepare(desk, 1, w)))).toEqual(["rejected EQUIVOCATION"]);
    const asked = desk.hear(1, prePrepare(desk, 1, v));
    expect(kinds(judge(desk, asked, true))).toEqual([]);
    desk.hear(1, prepare(desk, 1, v));
    expect(kinds(desk.hear(2, prepare(desk, 2, v)))).toEqual(["persist", "commit"]);
  });

  it("of a proposal keeps a new process from proposing again [PERSIST.4]", () => {
    const desk = createDesk(4, 1);
    desk.start();
    const record = stored(desk.input({ type: "built", height: 1, round: 0, value: v }));
    expect(kinds(desk.restart(record))).toEqual(["schedule-timeout", "prepare"]);
    expect(kinds(desk.input({ type: "built", height: 1, round: 0, value: w }))).toEqual(["ignored STALE"]);
  });

  it("of a lock lets a new process repeat its commit, and decide by it [PERSIST.4]", () => {
    const desk = createDesk(4, 0);
    const record: VoteRecord = {
      height: 1,
      round: 0,
      accepted: v.digest,
      prepared: lock(desk, [0, 1, 2], v),
    };
    expect(kinds(desk.restart(record))).toEqual(["schedule-timeout", "prepare", "commit"]);
    desk.hear(1, commit(desk, 1, v));
    expect(kinds(desk.hear(3, commit(desk, 3, v)))).toEqual(["commit"]);
  });

  it("of a later round lets a new process repeat its round change, with the lock it had [PERSIST.4]", () => {
    const desk = createDesk(4, 0);
    const prepared = lock(desk, [0, 1, 2], v);
    const outputs = desk.restart({ height: 1, round: 3, accepted: undefined, prepared });
    expect(kinds(outputs)).toEqual(["schedule-timeout", "round-change"]);
    expect(sent(outputs, "round-change")[0]).toEqual(roundChange(desk, 0, 3, prepared));
  });

  it("of a chain of one that was cut off after its lock is decided on restart [PERSIST.3]", () => {
    const desk = createDesk(1, 0);
    const record: VoteRecord = { height: 1, round: 0, accepted: v.digest, prepared: lock(desk, [0], v) };
    expect(kinds(desk.restart(record))).toEqual(["schedule-timeout", "prepare", "commit", "commit"]);
  });

  it("of an earlier height is forgotten", () => {
    const desk = createDesk(4, 0);
    desk.restart({ height: 1, round: 2, accepted: v.digest, prepared: lock(desk, [0, 1, 2], v) }, 2);
    expect(desk.state).toMatchObject({ height: 2, round: 0, accepted: undefined, prepared: undefined });
  });

  it("of a later height silences the validator until it gets there [PERSIST.5]", () => {
    const desk = createDesk(4, 0);
    desk.restart({ height: 3, round: 1, accepted: undefined, prepared: undefined }, 1);
    const outputs = [
      ...judge(desk, desk.hear(1, prePrepare(desk, 1, v)), true),
      ...desk.hear(1, prepare(desk, 1, v)),
      ...desk.timeout(0),
    ];
    expect(kinds(outputs)).toEqual(["schedule-timeout"]);
    desk.start(2);
    expect(kinds(desk.timeout(0, 2))).toEqual(["schedule-timeout"]);
    expect(kinds(desk.start(3))).toEqual(["schedule-timeout", "round-change"]);
  });
});
