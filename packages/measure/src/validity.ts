import type { ArmAnalysis } from "./arm-analysis.ts";
import type { ArmRecord } from "./arm-record.ts";
import { leastAchievedShare } from "./offered-load.ts";

type Derived = Omit<ArmAnalysis, "problems" | "warnings">;

/** [CLOCK.2] The wall clock may drift so far from the monotonic one before a run says so. */
const driftWarningMs = 100;
/** [CLOCK.2] A driver that was away so long may have stamped that much too late. */
const stallWarningMs = 250;

/** [VALID.1] A run of which a larger share reverted or was rejected did not measure its workload. */
const mostRefusedShare = 0.01;
/** [EFFICIENCY.2] Throughput so far above a hard bound comes from a window of too few block periods. */
const boundTolerance = 1.02;
/** [BOTTLENECK.3] So large a share of all cores, used by others, disturbs a run. */
const foreignCpuShare = 0.1;

/** [VALID.1] What makes the figures of an arm invalid, each as one readable line. */
export function armProblems(arm: ArmRecord, derived: Derived): readonly string[] {
  const { counts, audit, load } = derived;
  const problems: string[] = [];
  const report = (when: boolean, text: string): void => {
    if (when) problems.push(`${armLabel(arm)}: ${text}`);
  };
  report(
    arm.interrupted,
    `interrupted before its load was over${counts.inFlight > 0 ? `, with ${many(counts.inFlight)} in flight` : ""}`,
  );
  report(counts.committed === 0, "nothing was committed");
  report(
    counts.lost > 0,
    `${many(counts.lost)} lost: sent, and neither committed nor rejected when the drain time was over`,
  );
  report(
    audit.committedNotOnAll > 0,
    `${many(audit.committedNotOnAll)} committed, but not seen on every validator`,
  );
  report(audit.outOfOrder > 0, `${many(audit.outOfOrder)} with times out of order: a clock or driver defect`);
  report(
    load.achievedShare < leastAchievedShare,
    `only ${(load.achievedShare * 100).toFixed(1)} % of the offered load was sent in time, so it is no open loop`,
  );
  report(
    counts.unsent > 0 && !arm.interrupted,
    `${many(counts.unsent)} never sent, though the load was not interrupted`,
  );
  report(
    counts.failed + counts.rejected > mostRefusedShare * counts.offered,
    `${many(counts.failed + counts.rejected)} reverted or rejected: more than 1 % of what was offered`,
  );
  report(arm.stateCheck?.ok === false, `the final state is not what the workload must have produced`);
  return problems;
}

/** What a reader should know although the figures stand. */
export function armWarnings(arm: ArmRecord, derived: Derived, cores: number): readonly string[] {
  const { counts, window, audit, efficiency } = derived;
  const foreignCores = derived.resources.foreignCores ?? 0;
  const warnings: string[] = arm.warnings.map((warning) => `${armLabel(arm)}: ${warning.message}`);
  const report = (when: boolean, text: string): void => {
    if (when) warnings.push(`${armLabel(arm)}: ${text}`);
  };
  report(
    window.basis === "whole-run",
    "too short for a steady window: the figures are over the whole run, ramp and drain included",
  );
  report(counts.failed > 0, `${many(counts.failed)} reverted on chain`);
  report(counts.rejected > 0, `${many(counts.rejected)} rejected by the entry validator`);
  report(counts.unsent > 0 && arm.interrupted, `${many(counts.unsent)} never sent`);
  report(
    audit.committedWhileDown > 0,
    `${many(audit.committedWhileDown)} committed before a validator that was down had shown the block: "all validators" are those that were up`,
  );
  report(
    (efficiency.protocolShare ?? 0) > boundTolerance,
    `the throughput is ${((efficiency.protocolShare ?? 0) * 100).toFixed(0)} % of what the protocol allows: measured over too few block periods`,
  );
  report(arm.nonceRepairs.length > 0, `${many(arm.nonceRepairs.length, "nonce gap")} repaired`);
  report(
    foreignCores > foreignCpuShare * cores,
    `other processes of this machine used ${foreignCores.toFixed(2)} of its ${cores} cores: the figures may be off`,
  );
  report(arm.stateCheck === null, "the final state was not checked");
  report(
    Math.abs(arm.clockAudit.driftMs) > driftWarningMs,
    `the wall clock moved ${arm.clockAudit.driftMs.toFixed(0)} ms against the monotonic clock`,
  );
  report(
    arm.clockAudit.maxStallMs > stallWarningMs,
    `the driver was away for up to ${arm.clockAudit.maxStallMs.toFixed(0)} ms`,
  );
  return warnings;
}

/** "multi", or "multi, repetition 2" (counted from 1) where it was repeated. */
export function armLabel(arm: Pick<ArmRecord, "name" | "repetition">): string {
  return arm.repetition === 0 ? arm.name : `${arm.name}, repetition ${arm.repetition + 1}`;
}

function many(count: number, noun = "transaction"): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
