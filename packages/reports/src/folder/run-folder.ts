import { join } from "node:path";
import { parseRunRecord, type RunData, type RunRecord } from "@sheaf/measure";
import { readBlocks, readSamples, writeBlocks, writeSamples } from "./events-parquet.ts";
import { copyParquetToCsv } from "./parquet.ts";
import { readRecord } from "./read-record.ts";
import { runFiles } from "./run-files.ts";
import { readTransactions, writeTransactions } from "./transactions-parquet.ts";
import { writeFileAtomically } from "./write-file.ts";

/** A run in memory. */
export interface OpenRun {
  readonly dir: string;
  readonly record: RunRecord;
  readonly data: RunData;
}

/**
 * Writes the run itself: the record, every transaction row, every block, every sample.
 *
 * @throws CodedError `REPORT_WRITE_FAILED`
 */
export async function writeRunData({ dir, record, data }: OpenRun): Promise<void> {
  await writeFileAtomically(join(dir, runFiles.record), `${JSON.stringify(record, null, 2)}\n`);
  await writeTransactions(join(dir, runFiles.transactions), record, data);
  await writeBlocks(join(dir, runFiles.blocks), data);
  await writeSamples(join(dir, runFiles.samples), data);
}

/**
 * Reads a run's folder back.
 *
 * @throws CodedError `RUN_UNREADABLE` when a file is missing, `INVALID_INPUT` when `run.json` does not fit.
 */
export async function openRun(dir: string): Promise<OpenRun> {
  const record = parseRunRecord(await readRecord(dir), join(dir, runFiles.record));
  const count = record.arms.length;
  const transactions = await readTransactions(join(dir, runFiles.transactions), count);
  const blocks = await readBlocks(join(dir, runFiles.blocks), count);
  const samples = await readSamples(join(dir, runFiles.samples), count);
  const arms = transactions.map((table, index) => ({
    transactions: table,
    blocks: blocks[index] ?? [],
    samples: samples[index] ?? [],
  }));
  return { dir, record, data: { arms } };
}

/** Writes `transactions.csv` beside the Parquet file and gives its path. Hashes are hex. */
export async function exportTransactions(dir: string): Promise<string> {
  const target = join(dir, runFiles.csv);
  await copyParquetToCsv(
    join(dir, runFiles.transactions),
    target,
    "* REPLACE ('0x' || lower(hex(hash)) AS hash)",
  );
  return target;
}
