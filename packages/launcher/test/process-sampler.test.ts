import { spawn } from "node:child_process";
import { once } from "node:events";
import { sleep, systemClock } from "@sheaf/base";
import { expect, onTestFinished, test } from "vitest";
import {
  endProcesses,
  identifyProcess,
  isProcessAlive,
  signalProcess,
} from "../src/process/process-identity.ts";
import { parsePsTime, sampleMachine, sampleProcesses, sampleWithPs } from "../src/process/process-sampler.ts";

function child(script: string): number {
  const started = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  onTestFinished(() => void started.kill("SIGKILL"));
  return started.pid ?? 0;
}

test("CPU time counts what the process burns; one that is gone is left out", async () => {
  const busy = child("for (;;) {}");
  const idle = child("setInterval(() => {}, 1000)");
  await sleep(600);
  const before = sampleProcesses([
    { label: "busy", pid: busy },
    { label: "idle", pid: idle },
    { label: "gone", pid: 4_000_000 },
  ]);
  await sleep(600);
  const after = sampleProcesses(before);
  expect(after.map(({ label }) => label)).toEqual(["busy", "idle"]);
  const used = after.map(({ cpuSeconds }, index) => cpuSeconds - (before[index]?.cpuSeconds ?? 0));
  expect(used[0]).toBeGreaterThan(0.02);
  expect(used[0]).toBeGreaterThan(used[1] ?? 0);
  expect(after[0]?.peakRssBytes).toBeGreaterThan(10e6);
});

test("the way over ps sees the same process", () => {
  const own = { label: "own", pid: process.pid };
  const [direct] = sampleProcesses([own]);
  const [listed] = sampleWithPs([own, { label: "gone", pid: 4_000_000 }]);
  expect(listed?.label).toBe("own");
  expect((listed?.rssBytes ?? 0) / (direct?.rssBytes ?? 1)).toBeCloseTo(1, 0);
  expect(Math.abs((listed?.cpuSeconds ?? 0) - (direct?.cpuSeconds ?? 0))).toBeLessThan(2);
  expect(sampleWithPs([{ label: "gone", pid: 4_000_000 }])).toEqual([]);
});

test.each([
  ["00:00:07", 7],
  ["0:01.50", 1.5],
  ["02:03:04", 7_384],
  ["3-00:00:01", 259_201],
])("ps time %s is %d s", (text, seconds) => {
  expect(parsePsTime(text)).toBe(seconds);
});

test("the machine's busy time grows and never exceeds its total", async () => {
  const before = sampleMachine();
  child("for (;;) {}");
  await sleep(300);
  const after = sampleMachine();
  expect(after.busySeconds).toBeGreaterThan(before.busySeconds);
  expect(after.totalSeconds).toBeGreaterThanOrEqual(after.busySeconds);
});

test("a process is told from another of the same id, and a zombie is gone", async () => {
  const pid = child("setInterval(() => {}, 1000)");
  const identity = identifyProcess(pid);
  expect(identity !== undefined && isProcessAlive(identity)).toBe(true);
  expect(signalProcess({ pid, startedAt: "another" }, "SIGKILL")).toBe(false);
  expect(identity !== undefined && isProcessAlive(identity)).toBe(true);
});

test("a process that ignores SIGTERM is killed, one that is paused is ended", async () => {
  const script = "process.on('SIGTERM', () => {}); process.send('ready'); setInterval(() => {}, 1000)";
  const stubborn = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  onTestFinished(() => void stubborn.kill("SIGKILL"));
  await once(stubborn, "message");
  const paused = child("setInterval(() => {}, 1000)");
  process.kill(paused, "SIGSTOP");
  const identities = [stubborn.pid ?? 0, paused].flatMap((pid) => identifyProcess(pid) ?? []);
  expect(identities).toHaveLength(2);
  await endProcesses(identities, 300, systemClock);
  expect(identities.filter(isProcessAlive)).toEqual([]);
});
