import type { ArmRecord, RunRecord } from "@sheaf/measure";
import { formatCount, formatMb, formatMs, formatRate, plural } from "../page/format.ts";
import { limitsOf } from "./answer.ts";
import { isForeign } from "./observers.ts";
import type { RunView } from "./run-view.ts";

/** The white paper's list for a run, as terms and values. What differs by arm says so. */
export function environmentFacts({
  record,
  arms,
}: RunView): readonly (readonly [term: string, value: string])[] {
  const { hardware, driver, dataStore, signatureRecoveriesPerSecond } = record.environment;
  const byArm = (value: (arm: ArmRecord) => string): string => perArm(record, value);
  return [
    ["Consensus", byArm((arm) => arm.consensus)],
    [
      arms.length > 0 && arms.every(isForeign) ? "Observed endpoints" : "Validators",
      byArm((arm) => `${arm.chains} × ${arm.validatorsPerChain}`),
    ],
    ["Protocol limits", byArm(limitsOf)],
    ["Emulated links", byArm((arm) => arm.topology)],
    [
      "Hardware",
      `${hardware.cpuModel}, ${hardware.cores} cores, ${formatMb(hardware.memoryMb)}, ${hardware.platform} ${hardware.architecture}`,
    ],
    [
      "Software",
      Object.entries(record.environment.software)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ],
    ["Driver", `${driver.location}; ${driver.client}`],
    ["Entry points", record.environment.entryPoints],
    ["Observation points", record.environment.observationPoints],
    ["Data store", `${dataStore.engine}; ${dataStore.durability}`],
    ["Workload", byArm((arm) => workloadOf(arm))],
    [
      "Sender recovery",
      signatureRecoveriesPerSecond === null
        ? "not measured"
        : `${formatRate(signatureRecoveriesPerSecond)} a second on one core`,
    ],
    [
      "Peak memory",
      arms
        .map(({ record: arm, analysis }) => `${arm.name}: ${peaks(analysis.resources.peakRssMb)}`)
        .join("; "),
    ],
    ["Clock audit", byArm(clockOf)],
    ["Started", record.createdAt],
    ["Seed", record.seed],
  ];
}

/** One value where all arms agree, else each arm's own. */
function perArm(record: RunRecord, value: (arm: ArmRecord) => string): string {
  const values = record.arms.map((arm) => [arm.name, value(arm)] as const);
  const distinct = [
    ...new Map(values.map(([name, text]) => [`${name}${text}`, `${name}: ${text}`])).values(),
  ];
  const first = values[0]?.[1] ?? "";
  return values.every(([, text]) => text === first) ? first : distinct.join("; ");
}

function workloadOf({ workload }: ArmRecord): string {
  const parts = [
    `${workload.name} (${workload.description})`,
    plural(workload.senders, "sender"),
    workload.transactionBytes === null
      ? null
      : `${formatCount(workload.transactionBytes)} bytes a transaction`,
    workload.gasPerTransaction === null ? null : `${formatCount(workload.gasPerTransaction)} gas`,
    workload.gasLimitPerTransaction === null
      ? null
      : `gas limit ${formatCount(workload.gasLimitPerTransaction)}`,
    workload.input === null ? null : `input ${workload.input}`,
    workload.codeHash === null ? null : `code hash ${workload.codeHash}`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

function clockOf({ clockAudit }: ArmRecord): string {
  const { source, resolutionMs, driftMs, maxStallMs } = clockAudit;
  return `${source}, resolution ${resolutionMs} ms, drift ${formatMs(driftMs)}, longest stall ${formatMs(maxStallMs)}`;
}

function peaks(peak: { readonly driver: number | null; readonly validatorMax: number | null }): string {
  return `driver ${formatMb(peak.driver)}, largest validator ${formatMb(peak.validatorMax)}`;
}
