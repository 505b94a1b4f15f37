import type { ByteCount, Millis } from "@sheaf/base";
import type { TransactionTable } from "./transaction-table.ts";

/** One block of one chain, as the driver saw it. Times as in `TransactionRow`. */
export interface BlockEvent {
  readonly chain: number;
  readonly number: number;
  /** `0x` and 64 hex digits. */
  readonly hash: string;
  readonly transactions: number;
  readonly gasUsed: number;
  readonly gasLimit: number;
  /** The header's own time, milliseconds since the Unix epoch: never used as an end time. */
  readonly timestampMs: Millis;
  /** Address of the proposer; `null` when the chain does not tell. */
  readonly proposer: string | null;
  /** Consensus round in which it was decided; `null` when the chain does not tell. */
  readonly round: number | null;
  readonly sizeBytes: ByteCount | null;
  /** When each observed validator showed it, by validator index; `null` where it was not seen. */
  readonly seenMs: readonly (Millis | null)[];
}

/** Who a sample of CPU and memory is about. `machine` is the whole computer. */
export type ProcessRole = "driver" | "validator" | "machine";

/** CPU and memory of one process over the interval that ended at `timeMs`. */
export interface ProcessSample {
  readonly timeMs: Millis;
  readonly role: ProcessRole;
  /** For validators. */
  readonly chain: number | null;
  readonly validator: number | null;
  /** Mean cores used in the interval: 1 is one core, fully. */
  readonly cpuCores: number;
  /** Resident memory in MB (10^6 bytes); for `machine`, memory in use. */
  readonly rssMb: number;
}

/** Everything an arm produced, in the order of the record's `arms`. */
export interface ArmData {
  readonly transactions: TransactionTable;
  readonly blocks: readonly BlockEvent[];
  readonly samples: readonly ProcessSample[];
}

/** Everything a run produced: one entry for each of the record's `arms`, in their order. */
export interface RunData {
  readonly arms: readonly ArmData[];
}

/** "driver", "machine" or "chain 1 / validator 2". */
export function processLabel(sample: Pick<ProcessSample, "role" | "chain" | "validator">): string {
  return sample.role === "validator"
    ? `chain ${sample.chain ?? 0} / validator ${sample.validator ?? 0}`
    : sample.role;
}
