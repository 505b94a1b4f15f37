import { freemem, totalmem } from "node:os";
import type { Millis } from "@sheaf/base";
import { type SampledProcess, sampleMachine, sampleProcesses } from "@sheaf/launcher";
import type { ProcessSample } from "@sheaf/measure";

const EVERY_MS: Millis = 1_000;
const MEGABYTE = 1e6;

/** Who a process is in the report. */
export type ProcessIdentity = Pick<ProcessSample, "role" | "chain" | "validator">;

export interface ProcessSampler {
  /** Samples from now on get times relative to `originMs` (of `performance.now()`). */
  begin(originMs: Millis): void;
  /** Ends sampling and gives everything since `begin`; more calls give the same. */
  end(): readonly ProcessSample[];
}

/** Samples CPU and memory of the driver, the validators and the machine, once a second. */
export function startSampling(
  processes: () => readonly SampledProcess[],
  identify: (label: string) => ProcessIdentity,
): ProcessSampler {
  let origin: Millis | undefined;
  let samples: ProcessSample[] = [];
  let ended = false;
  let previousMs = performance.now();
  let previousCpu = new Map<number, number>();
  let previousMachine = sampleMachine();

  function sample(): void {
    const now = performance.now();
    const seconds = (now - previousMs) / 1000;
    if (seconds <= 0) return;
    const used = sampleProcesses([{ label: "driver", pid: process.pid }, ...processes()]);
    const machine = sampleMachine();
    if (origin !== undefined) {
      const timeMs = now - origin;
      for (const { label, pid, cpuSeconds, rssBytes } of used) {
        const before = previousCpu.get(pid);
        if (before === undefined) continue;
        const cpuCores = Math.max(0, cpuSeconds - before) / seconds;
        samples.push({ timeMs, ...identify(label), cpuCores, rssMb: rssBytes / MEGABYTE });
      }
      const busy = machine.busySeconds - previousMachine.busySeconds;
      const total = machine.totalSeconds - previousMachine.totalSeconds;
      const rssMb = (totalmem() - freemem()) / MEGABYTE;
      const cpuCores = total <= 0 ? 0 : (busy / total) * machine.cores;
      samples.push({ timeMs, role: "machine", chain: null, validator: null, cpuCores, rssMb });
    }
    previousMs = now;
    previousCpu = new Map(used.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
    previousMachine = machine;
  }

  const timer = setInterval(sample, EVERY_MS);
  sample();
  return {
    begin(originMs) {
      sample();
      origin = originMs;
      samples = [];
    },
    end() {
      if (!ended) {
        ended = true;
        clearInterval(timer);
        sample();
      }
      return samples;
    },
  };
}
