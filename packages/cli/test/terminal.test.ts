import { CodedError, createVirtualClock, invalidInput } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { describeFailure, EXIT } from "../src/terminal/exit.ts";
import { createProgress } from "../src/terminal/progress.ts";

function record(isTTY: boolean) {
  const clock = createVirtualClock();
  let written = "";
  const stream = { isTTY, columns: 60, write: (text: string) => (written += text) };
  return { clock, progress: createProgress(stream, clock), text: () => written };
}

describe("progress", () => {
  it("prints plain lines, at most one in ten seconds, where there is no terminal", () => {
    const { clock, progress, text } = record(false);
    const phase = progress.phase("Load", 1000);
    for (let done = 0; done <= 250; done++) {
      phase.update(done, "5 TPS");
      clock.runUntil(clock.now() + 100);
    }
    phase.finish("done");
    expect(text().split("\n")).toEqual([
      "Load ...",
      "Load 100/1,000  10 s  5 TPS",
      "Load 200/1,000  20 s  5 TPS",
      "Load: done (25 s)",
      "",
    ]);
  });

  it("draws a bar on a terminal that never passes its width", () => {
    const { clock, progress, text } = record(true);
    const phase = progress.phase("Load", 100);
    clock.runUntil(1000);
    phase.update(50, "a long note ".repeat(20));
    expect(text()).toContain("[████████████············] 50/100");
    for (const line of text().split("\r\u001b[2K")) expect(line.length).toBeLessThan(60);
  });
});

describe("a failure", () => {
  it("is one line with what to do, and tells bad input from a defect", () => {
    expect(describeFailure(invalidInput("--tx", "is bad", "give a number"))).toEqual({
      line: "--tx: is bad: give a number",
      exitCode: EXIT.badInput,
    });
    const full = Object.assign(new RangeError("write failed\nat somewhere"), { code: "ENOSPC" });
    expect(describeFailure(full)).toMatchObject({
      line: expect.stringContaining("disk is full"),
      exitCode: EXIT.badInput,
    });
    expect(describeFailure(new CodedError("x", { code: "INVARIANT" })).exitCode).toBe(EXIT.failure);
    expect(describeFailure("thrown text")).toEqual({ line: "thrown text", exitCode: EXIT.failure });
  });
});
