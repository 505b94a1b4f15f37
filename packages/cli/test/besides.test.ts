import { describe, expect, it } from "vitest";
import { besides } from "../src/coalition/besides.ts";

const never = new AbortController().signal;

/** Ends when its signal is raised, and not at once. */
function untilRaised(log: string[]): (signal: AbortSignal) => Promise<string> {
  return (signal) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () =>
        setImmediate(() => {
          log.push("ended");
          resolve("cut short");
        }),
      );
    });
}

describe("work beside what takes long", () => {
  it("gives what both come to", async () => {
    expect(
      await besides(
        async () => 1,
        never,
        async () => "a",
      ),
    ).toEqual(["a", 1]);
  });

  it("that fails ends the other, and waits for its end", async () => {
    const log: string[] = [];
    const failing = async () => {
      throw new Error("no");
    };
    await expect(besides(untilRaised(log), never, failing)).rejects.toThrow("no");
    expect(log).toEqual(["ended"]);
  });

  it("raises what the other fails with", async () => {
    const failing = async () => {
      throw new Error("chain");
    };
    await expect(besides(failing, never, async () => 1)).rejects.toThrow("chain");
  });

  it("hands an interruption on", async () => {
    const user = new AbortController();
    const log: string[] = [];
    const both = besides(untilRaised(log), user.signal, async () => 1);
    user.abort();
    expect(await both).toEqual([1, "cut short"]);
  });
});
