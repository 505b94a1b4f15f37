import { createRandom, invalidInput } from "@sheaf/base";
import { deriveAccounts } from "../accounts.ts";
import { readReadings } from "../records/read-csv.ts";
import type { ColumnNames } from "../records/reading-columns.ts";
import { generateReadings } from "../records/readings.ts";
import { createCpuHeavyWorkload } from "./cpu-heavy.ts";
import { createDoNothingWorkload } from "./do-nothing.ts";
import { createIoHeavyWorkload } from "./io-heavy.ts";
import { createRecordWorkload } from "./record.ts";
import { createTokenWorkload } from "./token.ts";
import { createTransferWorkload } from "./transfer.ts";
import type { Workload, WorkloadInput } from "./workload.ts";

/** The workloads there are. */
export const workloadNames = ["token", "record", "transfer", "do-nothing", "cpu-heavy", "io-heavy"] as const;
export type WorkloadName = (typeof workloadNames)[number];

export interface WorkloadOptions {
  readonly name: WorkloadName;
  /** Logical transactions. */
  readonly transactions: number;
  /** Sender accounts, at least 2; a multiple of the number of chains balances best. */
  readonly senders: number;
  readonly seed: string;
  /** A CSV file for `record`. */
  readonly input?: string;
  readonly columns?: ColumnNames;
}

/**
 * The workload that the options describe. Make it once and give it to every arm of a run.
 *
 * @throws CodedError `INVALID_INPUT`: counts that make no sense, an input that cannot be read, or an
 * input for a workload that takes none.
 */
export async function createWorkload(options: WorkloadOptions): Promise<Workload> {
  const { name, transactions, senders, seed, input, columns } = options;
  checkCount("transactions", transactions, 1);
  checkCount("senders", senders, 2);
  if (input !== undefined && name !== "record") {
    throw invalidInput("input", `the workload ${name} takes no file`, "Use the workload record.");
  }
  const random = createRandom(seed).fork(`workload ${name}`);
  const accounts = deriveAccounts(seed, Math.min(senders, Math.max(2, transactions)));
  const given: WorkloadInput = { count: transactions, accounts, random };
  switch (name) {
    case "token":
      return createTokenWorkload(given);
    case "transfer":
      return createTransferWorkload(given);
    case "do-nothing":
      return createDoNothingWorkload(given);
    case "cpu-heavy":
      return createCpuHeavyWorkload(given);
    case "io-heavy":
      return createIoHeavyWorkload(given);
    case "record": {
      const readings =
        input === undefined
          ? generateReadings(transactions, random)
          : await readReadings(input, transactions, columns);
      return createRecordWorkload(given, { readings, input: input ?? null });
    }
  }
}

function checkCount(at: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least && value < 2 ** 32) return;
  throw invalidInput(at, `${value} is not a count`, `Give a whole number from ${least} on.`);
}
