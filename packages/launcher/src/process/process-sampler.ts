import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { ByteCount } from "@sheaf/base";

/** A process to sample, and the name that it has in the report. */
export interface SampledProcess {
  readonly label: string;
  readonly pid: number;
}

/** What a process has used so far. */
export interface ProcessSample extends SampledProcess {
  /** CPU time of all its threads since it started, user and system. */
  readonly cpuSeconds: number;
  /** Memory that it holds now. */
  readonly rssBytes: ByteCount;
  /** Most memory that it ever held; equal to `rssBytes` where the system does not say. */
  readonly peakRssBytes: ByteCount;
}

/** One sample of each process that still runs; the others are left out. */
export function sampleProcesses(processes: readonly SampledProcess[]): readonly ProcessSample[] {
  if (processes.length === 0) return [];
  if (process.platform !== "linux") return sampleWithPs(processes);
  return processes.flatMap((each) => {
    const sample = readProc(each);
    return sample === undefined ? [] : [sample];
  });
}

/** What the whole machine has used since it started, over all cores. */
export interface MachineSample {
  readonly cores: number;
  readonly busySeconds: number;
  readonly totalSeconds: number;
}

export function sampleMachine(): MachineSample {
  let idle = 0;
  let total = 0;
  const cores = cpus();
  for (const { times } of cores) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { cores: cores.length, busySeconds: (total - idle) / 1_000, totalSeconds: total / 1_000 };
}

/** USER_HZ, in which `/proc/<pid>/stat` counts: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

function readProc({ label, pid }: SampledProcess): ProcessSample | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return {
      label,
      pid,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      rssBytes: kilobytes("VmRSS") * 1_024,
      peakRssBytes: kilobytes("VmHWM") * 1_024,
    };
  } catch {
    return undefined;
  }
}

/** `ps` knows CPU time in whole or hundredths of seconds, by system. */
export function sampleWithPs(processes: readonly SampledProcess[]): readonly ProcessSample[] {
  const labels = new Map(processes.map(({ pid, label }) => [pid, label]));
  return psLines([...labels.keys()]).flatMap((line) => {
    const [pid, rss, time] = line.trim().split(/\s+/);
    const label = labels.get(Number(pid));
    if (label === undefined || time === undefined) return [];
    const rssBytes = Number(rss) * 1_024;
    return [{ label, pid: Number(pid), cpuSeconds: parsePsTime(time), rssBytes, peakRssBytes: rssBytes }];
  });
}

function psLines(pids: readonly number[]): readonly string[] {
  try {
    const output = execFileSync("ps", ["-o", "pid=,rss=,time=", "-p", pids.join(",")], { encoding: "utf8" });
    return output.split("\n").filter((line) => line !== "");
  } catch {
    // `ps` fails when none of the processes is there.
    return [];
  }
}

/** Seconds of `[[days-]hours:]minutes:seconds[.hundredths]`. */
export function parsePsTime(text: string): number {
  const [clock = "", days] = text.split("-").reverse();
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number(days ?? 0) * 86_400 + seconds;
}
