import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastProblem, readLogTail } from "../src/process/log-tail.ts";
import { temporaryFolder } from "./support/program.ts";

test.each<[string, readonly string[], string | undefined]>([
  [
    "the last error logged, not the lines after it",
    ['{"level":50,"msg":"a"}', '{"level":60,"msg":"b"}', '{"level":30,"msg":"c"}'],
    "b",
  ],
  [
    "with the error's own message",
    ['{"level":50,"msg":"cannot listen","err":{"message":"EADDRINUSE"}}'],
    "cannot listen: EADDRINUSE",
  ],
  [
    "an exception that was not caught",
    ["/x/main.js:1", "Error: no such module", "    at f (x.js:1:1)", "Node.js v20"],
    "Error: no such module",
  ],
  [
    "a heap that was too small",
    ["FATAL ERROR: Reached heap limit", " 1: 0xb0"],
    "FATAL ERROR: Reached heap limit",
  ],
  [
    "without an error, the last warning",
    ['{"level":40,"msg":"slow disk"}', '{"level":30,"msg":"block committed"}'],
    "slow disk",
  ],
  ["a line that is not the log's own", ["Killed", '{"level":30,"msg":"block committed"}'], "Killed"],
  ["ordinary lines are no problem", ['{"level":30,"msg":"block committed"}'], undefined],
  ["nor is an empty log", [], undefined],
])("%s", (_, lines, problem) => {
  expect(lastProblem(lines)).toBe(problem);
});

test("only the end of a long log is read", () => {
  const file = join(temporaryFolder(), "log");
  writeFileSync(file, Array.from({ length: 100_000 }, (_, line) => `line ${line}\n`).join(""));
  expect(readLogTail(file, 2)).toEqual(["line 99998", "line 99999"]);
  expect(readLogTail(join(temporaryFolder(), "none"))).toEqual([]);
});
