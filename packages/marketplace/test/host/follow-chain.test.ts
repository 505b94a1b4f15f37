import { CodedError } from "@sheaf/base";
import { describe, expect, test } from "vitest";
import type { Following, FollowOptions } from "../../src/chain/follow.ts";
import type { ChainEvent } from "../../src/chain/types.ts";
import { followChain } from "../../src/host/follow-chain.ts";
import { block, settle } from "./support/toy-host.ts";

const EVENT = {
  event: "refunded",
  job: 1n,
  blockNumber: 3,
  blockHash: "0x",
  transactionHash: "0x",
  logIndex: 0,
} as ChainEvent;

/** A chain that the test plays; what the host was given, `*` for live; and what was reported. */
function play() {
  const seen: string[] = [];
  const reported: unknown[] = [];
  let options: FollowOptions | undefined;
  let fail: (error: unknown) => void = () => {};
  const done = new Promise<void>((_, reject) => {
    fail = reject;
  });
  const chain = {
    follow(given: FollowOptions): Following {
      options = given;
      return { done, stop: async () => {} };
    },
  };
  const host = {
    async block(each: ReturnType<typeof block>, live: boolean): Promise<void> {
      seen.push(`${each.number}${"e".repeat(each.events.length)}${live ? "*" : ""}`);
    },
  };
  const following = followChain(chain, host, {
    fromBlock: 1,
    events: { record: (event) => void reported.push(event), close: () => {} },
    log: () => {},
    onFatal: (error) => void reported.push(error),
  });
  const give = async (number: number, head: number, events: readonly ChainEvent[] = []): Promise<void> => {
    await options?.listener({ ...block(number), events }, head);
  };
  return {
    seen,
    reported,
    following,
    give,
    fail,
    trouble: () => options?.onTrouble?.(new TypeError("away")),
  };
}

describe("following the chain", () => {
  test("gives history first, the newest block again as live and without its events, then everything as live", async () => {
    const { seen, following, give } = play();
    let caughtUp = false;
    void following.caughtUp.then(() => {
      caughtUp = true;
    });
    await give(3, 9, [EVENT]);
    await give(7, 9, [EVENT, EVENT]);
    await settle();
    expect(caughtUp).toBe(false);
    await give(9, 9, [EVENT]);
    await settle();
    expect(caughtUp).toBe(true);
    await give(11, 12, [EVENT]);
    await give(12, 12);
    expect(seen).toEqual(["3e", "7ee", "9e", "9*", "11e*", "12*"]);
  });

  test("reports an endpoint that is away once, and once that it is back", async () => {
    const { reported, give, trouble } = play();
    trouble();
    trouble();
    await give(1, 1);
    await give(2, 2);
    expect(reported).toEqual([
      { kind: "link", link: "chain", up: false },
      { kind: "link", link: "chain", up: true },
    ]);
  });

  test("ends the agent when an input could not be dealt with, unless it was stopped", async () => {
    for (const [code, fatal] of [
      ["ENOSPC", 1],
      ["STOPPED", 0],
    ] as const) {
      const { reported, following, fail } = play();
      fail(new CodedError("no", { code }));
      await expect(following.caughtUp).rejects.toMatchObject({ code });
      await settle();
      expect(reported).toHaveLength(fatal);
    }
  });
});
