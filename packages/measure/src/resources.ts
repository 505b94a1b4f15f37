import { type ProcessRole, type ProcessSample, processLabel } from "./events.ts";
import { average, rankValue } from "./statistics.ts";
import { inWindow, type SteadyWindow } from "./steady-window.ts";

/** CPU of one process in the steady window and its memory over the whole arm. */
export interface ProcessUse {
  readonly label: string;
  readonly role: ProcessRole;
  readonly chain: number | null;
  readonly validator: number | null;
  /** Cores; `null` when no sample fell into the window. */
  readonly meanCores: number | null;
  readonly p95Cores: number | null;
  readonly peakRssMb: number;
}

/** What the processes of an arm used. */
export interface ResourceUse {
  readonly processes: readonly ProcessUse[];
  /** Cores in use on the whole machine; without machine samples, the sum over processes; else `null`. */
  readonly machineCores: number | null;
  readonly driverCores: number | null;
  /** False for foreign endpoints: their validators are no processes of this run. */
  readonly ownValidators: boolean;
  /** Cores in use by processes that are no part of the run [BOTTLENECK.3]; `null` without samples of machine and validators. */
  readonly foreignCores: number | null;
  readonly peakRssMb: {
    readonly driver: number | null;
    readonly validatorMax: number | null;
    readonly machine: number | null;
  };
}

/** Sums the samples up: CPU over the window, peaks of memory over the whole arm. */
export function resourceUse(samples: readonly ProcessSample[], window: SteadyWindow): ResourceUse {
  const byLabel = new Map<string, ProcessSample[]>();
  for (const sample of samples) {
    const label = processLabel(sample);
    const own = byLabel.get(label);
    if (own === undefined) byLabel.set(label, [sample]);
    else own.push(sample);
  }
  const processes = [...byLabel].map(([label, own]) => processUse(label, own, window));
  const machine = processes.find((process) => process.role === "machine");
  const driver = processes.find((process) => process.role === "driver");
  const parts = processes.flatMap(({ role, meanCores }) =>
    role === "machine" || meanCores === null ? [] : [meanCores],
  );
  const own = parts.reduce((sum, part) => sum + part, 0);
  const ownValidators = processes.some((process) => process.role === "validator");
  const machineCores = machine?.meanCores ?? null;
  return {
    processes,
    machineCores: machineCores ?? (parts.length === 0 ? null : own),
    ownValidators,
    foreignCores: machineCores === null || !ownValidators ? null : Math.max(0, machineCores - own),
    driverCores: driver?.meanCores ?? null,
    peakRssMb: {
      driver: driver?.peakRssMb ?? null,
      validatorMax: peak(processes.filter((process) => process.role === "validator")),
      machine: machine?.peakRssMb ?? null,
    },
  };
}

function processUse(label: string, samples: readonly ProcessSample[], window: SteadyWindow): ProcessUse {
  const cores = samples
    .filter((sample) => inWindow(window, sample.timeMs))
    .map((sample) => sample.cpuCores)
    .sort((a, b) => a - b);
  const { role, chain, validator } = samples[0] as ProcessSample;
  return {
    label,
    role,
    chain,
    validator,
    meanCores: cores.length === 0 ? null : average(cores),
    p95Cores: cores.length === 0 ? null : rankValue(cores, 95),
    peakRssMb: samples.reduce((most, sample) => Math.max(most, sample.rssMb), 0),
  };
}

function peak(processes: readonly ProcessUse[]): number | null {
  return processes.length === 0 ? null : Math.max(...processes.map((process) => process.peakRssMb));
}
