import { CodedError, type Hex } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { readAgreement, readFunds, upheldOf } from "../src/coalition/chain/chain-facts.ts";
import type { ContractEvent } from "../src/coalition/chain/coalitions-client.ts";
import { tolerated } from "../src/coalition/chain/drive-epochs.ts";
import { createEpochClock } from "../src/coalition/chain/epoch-clock.ts";
import type { MinerAccount, Participants, WorkerAccount } from "../src/coalition/chain/participants.ts";
import {
  faultsNotSeen,
  loneLeaver,
  type PlannedFault,
  planFaults,
} from "../src/coalition/chain/planned-faults.ts";
import { createSharedViews, type SharedViews } from "../src/coalition/chain/shared-views.ts";
import { untilAborted } from "../src/coalition/chain/until-aborted.ts";
import { parseCoalition } from "../src/coalition/coalition-file.ts";
import { createAccount } from "../src/train/agents.ts";

const unreachable = new CodedError("no answer", { code: "RPC_UNREACHABLE" });

/** A validator that answers with `height`, or fails. */
const validator = (head: () => Promise<number>): SharedViews => ({
  head,
  read: async () => [] as never,
  events: async () => [],
  block: async (number) => ({ number, proposer: "0x00", round: 0 }),
});

describe("views that any validator answers", () => {
  it("are asked of the next one when a validator ends meanwhile, and of nobody who has ended", async () => {
    const ended = new Set<number>();
    const asked: number[] = [];
    const answering = (index: number, answer: () => number): SharedViews =>
      validator(async () => {
        asked.push(index);
        return answer();
      });
    const views = createSharedViews(
      [
        answering(0, () => {
          ended.add(0);
          throw unreachable;
        }),
        answering(1, () => 7),
      ],
      (index) => ended.has(index),
    );
    expect(await views.head()).toBe(7);
    expect(await views.head()).toBe(7);
    expect(asked).toEqual([0, 1, 1]);
    ended.add(1);
    await expect(views.head()).rejects.toMatchObject({ code: "VALIDATORS_GONE" });
  });

  it("fail as the validator does while it runs", async () => {
    const views = createSharedViews(
      [validator(() => Promise.reject(unreachable)), validator(async () => 1)],
      () => false,
    );
    await expect(views.head()).rejects.toBe(unreachable);
  });
});

describe("the contract's account", () => {
  const funds = async (): Promise<never> => [1n, 2n, 3n, 6n] as never;

  it("is read again while the head moves, and given with its block", async () => {
    const heads = [4, 5, 5, 6, 6, 6];
    const read = await readFunds({ head: async () => heads.shift() as number, read: funds });
    expect(read).toEqual({ block: 6, poolWei: 1n, creditedWei: 2n, bondedWei: 3n, balanceWei: 6n });
    expect(heads).toEqual([]);
  });

  it("is given up when blocks come too fast", async () => {
    let head = 0;
    await expect(readFunds({ head: async () => head++, read: funds })).rejects.toMatchObject({
      code: "FUNDS_UNREAD",
    });
  });
});

describe("challenges that were upheld", () => {
  it("[CHALLENGE.6] take what was won in the epoch after that of the record, whenever they end", () => {
    const event = (name: string, block: number, args: object): ContractEvent => ({
      name,
      args: args as ContractEvent["args"],
      block,
      transactionHash: "0x00",
    });
    const open = (block: number, epoch: bigint, challenger: string) =>
      event("Challenged", block, { epoch, accused: "0xAA", challenger });
    const upheld = (block: number, challenger: string) =>
      event("Upheld", block, { accused: "0xAA", challenger, fineWei: 4n, suspendedUntil: 9n });
    const events = [
      event("Registered", 1, {}),
      open(12, 0n, "0xB1"),
      open(14, 0n, "0xB2"),
      upheld(18, "0xB2"),
      event("Dropped", 22, { accused: "0xAA", challenger: "0xB1" }),
      open(23, 1n, "0xB1"),
      upheld(42, "0xb1"),
    ];
    expect(upheldOf(events)).toEqual([
      { block: 18, accused: "0xaa", epoch: 1, suspendedUntil: 9 },
      { block: 42, accused: "0xaa", epoch: 2, suspendedUntil: 9 },
    ]);
  });
});

describe("agreement", () => {
  const shows = (...hashes: readonly (Hex | undefined)[]) => {
    const left = [...hashes];
    return { blockHash: async () => (left.length > 1 ? left.shift() : left[0]) };
  };

  it("waits for the slow, and holds when all show one block", async () => {
    const agreement = await readAgreement([shows("0xaa"), shows(undefined, undefined, "0xaa")], 9, 30_000);
    expect(agreement).toEqual({ validators: 2, height: 8, holds: true });
  });

  it("does not hold with another block, with none, or with one that does not answer", async () => {
    const deaf = { blockHash: () => Promise.reject(unreachable) };
    for (const other of [shows("0xbb"), shows(undefined), deaf]) {
      expect((await readAgreement([shows("0xaa"), other], 9, 50)).holds).toBe(false);
    }
    expect((await readAgreement([shows(undefined), shows(undefined)], 9, 50)).holds).toBe(false);
  });
});

describe("the clock of epochs", () => {
  const never = new AbortController().signal;

  it("tells epochs by height, each height once, and does not go back", async () => {
    const heads = [3, 3, 8, 7, 9];
    const seen: number[] = [];
    const clock = createEpochClock({ head: async () => heads.shift() ?? 9 }, 4, {
      stallMs: 60_000,
      signal: never,
    });
    clock.onHeight = (height) => seen.push(height);
    expect(clock.epoch()).toBe(0);
    await clock.begin(2);
    expect(seen).toEqual([3, 8, 9]);
    expect([clock.height, clock.epoch(), clock.left()]).toEqual([9, 2, 3]);
  });

  it("says where the chain stands still", async () => {
    const clock = createEpochClock({ head: async () => 5 }, 4, { stallMs: 1, signal: never });
    await expect(clock.reach(6)).rejects.toMatchObject({ detail: { code: "CHAIN_STALLED", height: 5 } });
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const clock = createEpochClock({ head: async () => 5 }, 4, {
      stallMs: 60_000,
      signal: controller.signal,
    });
    const waiting = clock.reach(6);
    controller.abort(unreachable);
    await expect(waiting).rejects.toBe(unreachable);
  });
});

describe("work that the user interrupts", () => {
  it("settles as it does, or at once with the signal's reason", async () => {
    const controller = new AbortController();
    expect(await untilAborted(controller.signal, Promise.resolve(3))).toBe(3);
    await expect(untilAborted(controller.signal, Promise.reject(unreachable))).rejects.toBe(unreachable);
    const hanging = untilAborted(controller.signal, new Promise(() => {}));
    controller.abort("stop");
    await expect(hanging).rejects.toBe("stop");
    await expect(untilAborted(controller.signal, new Promise(() => {}))).rejects.toBe("stop");
  });
});

describe("a miner's work", () => {
  const refused = new CodedError("leave: the contract refused: NotMember()", {
    code: "NOT_MEMBER",
    method: "leave",
    name: "NotMember",
    args: [],
  });
  const attempt = async (error: unknown, hasEnded: boolean) => {
    const remarks: string[] = [];
    const stage = { remark: (text: string) => void remarks.push(text), hasEnded: () => hasEnded };
    const work = tolerated(stage, { id: "m2", index: 1 }, "could not leave", async () => {
      throw error;
    });
    const outcome = await work.catch((reason: unknown) => reason);
    return { outcome, remarks };
  };

  it("is borne when the contract refuses it or the validator has ended, and nothing else is", async () => {
    expect(await attempt(refused, false)).toEqual({
      outcome: undefined,
      remarks: [`m2 could not leave: ${refused.message}`],
    });
    expect(await attempt(unreachable, true)).toEqual({
      outcome: undefined,
      remarks: ["m2 could not leave: its validator has ended"],
    });
    expect(await attempt(unreachable, false)).toEqual({ outcome: unreachable, remarks: [] });
  });
});

describe("planned faults", () => {
  const text = `schema: sheaf.coalitions/1
title: T
game: { kind: sensing, miners: 4 }
chain:
  network: n.yaml
  epochs: 3
  faults:
    - { kind: miner-leaves, epoch: 1 }
    - { kind: miner-cheats, epoch: 1 }
    - { kind: miner-cheats, epoch: 2, miner: 0 }
`;
  const spec = parseCoalition(text, "/g.yaml").chain as NonNullable<
    ReturnType<typeof parseCoalition>["chain"]
  >;
  const miners = [0, 1, 2, 3].map(
    (index): MinerAccount => ({
      ...createAccount(`m${index}`),
      id: `m${index + 1}`,
      index,
      rpcUrl: "",
      workers: [],
    }),
  );
  const accomplices = ["x", "y"].map(
    (id): WorkerAccount => ({
      ...createAccount(id),
      id,
      evidence: { good: 0, bad: 0 },
      samples: 1,
      invents: true,
    }),
  );
  const participants: Participants = { miners, workers: accomplices, authority: createAccount("a") };
  const planned = planFaults(spec, participants, [[0], [1, 2, 3]]);

  it("are of different miners of the largest coalition when none is named, and each cheat has an accomplice", () => {
    expect(planned.map(({ miner, accomplice }) => [miner.id, accomplice?.id])).toEqual([
      ["m2", undefined],
      ["m3", "x"],
      ["m1", "y"],
    ]);
  });

  it("of one that is to leave and will be alone are known before [COALITION.5]", () => {
    const leaving = (...faults: (readonly [epoch: number, miner?: number])[]) =>
      loneLeaver(
        {
          ...spec,
          faults: faults.map(([epoch, miner]) => ({
            kind: "miner-leaves",
            epoch,
            ...(miner === undefined ? {} : { miner }),
          })),
        } as typeof spec,
        [[0], [1, 2], [3, 4, 5]],
      );
    expect(leaving([1, 0])).toEqual({ miner: 0, epoch: 1 });
    expect(leaving([1, 1], [1, 3], [2, 4])).toBeUndefined();
    expect(leaving([2, 2], [1, 1])).toEqual({ miner: 2, epoch: 2 });
    expect(leaving([1], [1])).toBeUndefined();
    expect(leaving([1], [1], [2])).toEqual({ miner: 5, epoch: 2 });
  });

  it("that the chain does not show are said, each in a sentence", () => {
    const event = (name: string, args: object): ContractEvent =>
      ({ name, args, block: 1, transactionHash: "0x" }) as unknown as ContractEvent;
    const seen = [
      event("Left", { miner: miners[1]?.address }),
      event("Upheld", { accused: miners[2]?.address.toUpperCase().replace("X", "x") }),
    ];
    expect(faultsNotSeen(planned, seen)).toEqual(["m1 was to cheat in epoch 2 and was not found out"]);
    const [, cheat] = planned as [PlannedFault, PlannedFault];
    expect(faultsNotSeen([cheat, cheat], seen)).toEqual(["m3 was to cheat in epoch 1 and was not found out"]);
    expect(faultsNotSeen(planned, [])).toEqual([
      "m2 was to leave its coalition in epoch 1 and did not",
      "m3 was to cheat in epoch 1 and was not found out",
      "m1 was to cheat in epoch 2 and was not found out",
    ]);
  });
});
