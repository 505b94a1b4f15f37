import type { ArmRecord } from "./arm-record.ts";
import type { BlockStatistics } from "./block-statistics.ts";
import { leastAchievedShare, type OfferedLoad } from "./offered-load.ts";
import type { ResourceUse } from "./resources.ts";
import type { EnvironmentRecord } from "./run-record.ts";

/**
 * What bound the run.
 *
 * - `protocol`: blocks were full and came at their full rate, or were full while CPUs idled.
 * - `cpu`: the cores were saturated.
 * - `consensus`: blocks came well after their period while CPUs idled: rounds failed, or messages were late.
 * - `generator`: the sender was late, or its process was saturated.
 * - `memory`: the machine had none left.
 * - `load`: nothing else: the network did all that was asked (an open loop it kept up with, or a
 *   window too small to fill the blocks).
 * - `unknown`: nothing was committed, or neither blocks nor CPU were observed.
 */
export type Bottleneck = "protocol" | "cpu" | "consensus" | "generator" | "memory" | "load" | "unknown";

/** Where the lines of [BOTTLENECK.1] are drawn. */
export const bottleneckLimits = {
  /** Share of full blocks from which on the protocol limits bind. */
  fullShare: 0.8,
  /** Share of the protocol's bound from which on nothing else can be what binds. */
  protocolShare: 0.97,
  /** Share of the machine's cores from which on it is saturated. */
  cpuShare: 0.9,
  /** Cores from which on the driver, one thread for all that matters, is saturated. */
  driverCores: 0.95,
  /** Share of the mean latency from which on the sender's own lag is a part of the result. */
  lagShare: 0.1,
  memoryShare: 0.95,
  /** Mean block interval / period from which on agreement itself is late. */
  intervalRatio: 1.2,
} as const;

/** The verdict, why, and the figures it rests on (`null`: not observed). */
export interface BottleneckVerdict {
  readonly verdict: Bottleneck;
  readonly reason: string;
  readonly evidence: {
    readonly fullShare: number | null;
    /** Throughput / what full blocks at the full rate would give. */
    readonly protocolShare: number | null;
    /** Machine-wide cores in use / cores. */
    readonly cpuShare: number | null;
    readonly driverCores: number | null;
    readonly achievedShare: number;
    /** Mean lag of the sender / mean latency. */
    readonly lagShare: number | null;
    readonly memoryShare: number | null;
    /** Mean block interval / block period. */
    readonly intervalRatio: number | null;
    /** Blocks of the window that were decided after the first round. */
    readonly laterRounds: number;
  };
}

/** [BOTTLENECK.1] The first of memory, generator, protocol at its bound, cpu, consensus, protocol, load whose line is crossed. */
export function findBottleneck(
  arm: ArmRecord,
  environment: EnvironmentRecord,
  observed: {
    readonly blocks: BlockStatistics;
    readonly protocolShare: number | null;
    readonly resources: ResourceUse;
    readonly load: OfferedLoad;
    readonly meanLatencyMs: number | null;
    readonly committed: number;
  },
): BottleneckVerdict {
  const { blocks, resources, load, meanLatencyMs } = observed;
  const { cores, memoryMb } = environment.hardware;
  const evidence = {
    fullShare: blocks.fullShare,
    protocolShare: observed.protocolShare,
    cpuShare: share(resources.machineCores, cores),
    driverCores: resources.driverCores,
    achievedShare: load.achievedShare,
    lagShare: share(load.lagMs?.mean ?? null, meanLatencyMs),
    memoryShare: share(resources.peakRssMb.machine, memoryMb),
    intervalRatio: share(blocks.meanIntervalMs, arm.limits.blockPeriodMs),
    laterRounds: blocks.laterRounds,
  };
  if (observed.committed === 0) return { verdict: "unknown", reason: "nothing was committed", evidence };
  return { ...judge(evidence, arm), evidence };
}

function judge(
  evidence: BottleneckVerdict["evidence"],
  arm: ArmRecord,
): Pick<BottleneckVerdict, "verdict" | "reason"> {
  const { fullShare, protocolShare, cpuShare, driverCores, achievedShare, lagShare, memoryShare } = evidence;
  const limit = bottleneckLimits;
  const full = fullShare === null ? "blocks not observed" : `${percent(fullShare)} of blocks full`;
  const busy = cpuShare === null ? "CPU not sampled" : `CPUs ${percent(cpuShare)} busy`;
  if ((memoryShare ?? 0) >= limit.memoryShare) {
    return { verdict: "memory", reason: `memory ${percent(memoryShare ?? 0)} in use` };
  }
  if (achievedShare < leastAchievedShare) {
    return {
      verdict: "generator",
      reason: `only ${percent(achievedShare)} of the offered load was sent in time`,
    };
  }
  if ((lagShare ?? 0) >= limit.lagShare) {
    return {
      verdict: "generator",
      reason: `the sender's lag is ${percent(lagShare ?? 0)} of the mean latency`,
    };
  }
  if ((driverCores ?? 0) >= limit.driverCores && (cpuShare ?? 0) < limit.cpuShare) {
    return { verdict: "generator", reason: `the driver used ${(driverCores ?? 0).toFixed(2)} cores` };
  }
  if ((fullShare ?? 0) >= limit.fullShare && (protocolShare ?? 0) >= limit.protocolShare) {
    return {
      verdict: "protocol",
      reason: `${full}, at ${percent(protocolShare ?? 0)} of the protocol's bound; ${busy}`,
    };
  }
  if ((cpuShare ?? 0) >= limit.cpuShare) return { verdict: "cpu", reason: `${busy}; ${full}` };
  if (isAgreementLate(evidence)) {
    return {
      verdict: "consensus",
      reason: `blocks came at ${percent(evidence.intervalRatio ?? 0)} of their period, ${evidence.laterRounds} after a failed round; ${busy}`,
    };
  }
  if ((fullShare ?? 0) >= limit.fullShare) return { verdict: "protocol", reason: `${full}; ${busy}` };
  if (fullShare === null && cpuShare === null) {
    return { verdict: "unknown", reason: "neither blocks nor CPU were observed in the window" };
  }
  const asked =
    arm.mode.kind === "windowed"
      ? `a window of ${arm.mode.window}`
      : `${arm.mode.ratePerSecond} transactions/s`;
  return { verdict: "load", reason: `${asked} did not fill the network: ${full}; ${busy}` };
}

/** [BOTTLENECK.4] Blocks well after their period, though there was work (full blocks) or a round failed. */
function isAgreementLate(evidence: BottleneckVerdict["evidence"]): boolean {
  const { fullShare, cpuShare, intervalRatio, laterRounds } = evidence;
  if (cpuShare === null || (intervalRatio ?? 0) < bottleneckLimits.intervalRatio) return false;
  return laterRounds > 0 || (fullShare ?? 0) >= bottleneckLimits.fullShare;
}

function share(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

function percent(value: number): string {
  return `${(value * 100).toFixed(value > 0.99 && value < 1 ? 1 : 0)}\u00a0%`;
}
