import { join } from "node:path";
import type { TrainingRecord } from "@sheaf/measure";
import { runFiles } from "./run-files.ts";
import { writeFileAtomically } from "./write-file.ts";

type Cell = string | number | null;

const columns =
  "job,round,attempt,analyst,start_ms,end_ms,invited,cohort,survivors,loss,validation_loss,validation_accuracy,validation_rmse,test_loss,test_accuracy,test_rmse,aggregation_error,error_bound,epsilon_max,open_block,open_hash,close_block,close_hash";

/** Writes `rounds.csv`, one row for each closed round, beside the record and gives its path. */
export async function exportRounds(dir: string, record: TrainingRecord): Promise<string> {
  const target = join(dir, runFiles.roundsCsv);
  const lines = [columns, ...roundRows(record).map((row) => row.map(csvCell).join(","))];
  await writeFileAtomically(target, `${lines.join("\n")}\n`);
  return target;
}

function roundRows(record: TrainingRecord): readonly (readonly Cell[])[] {
  return record.jobs.flatMap((job) =>
    job.rounds.map((own) => [
      job.id,
      own.round,
      own.attempt,
      own.analyst,
      own.startMs,
      own.endMs,
      own.invited.length,
      own.cohort.length,
      own.survivors.length,
      own.loss,
      ...[own.validation, own.test].flatMap((test) => [
        test?.loss ?? null,
        test?.accuracy ?? null,
        test?.rmse ?? null,
      ]),
      own.aggregation.error,
      own.aggregation.errorBound,
      own.epsilon.length === 0 ? null : Math.max(...own.epsilon.map(({ inJob }) => inJob)),
      own.transactions.open.block,
      own.transactions.open.hash,
      own.transactions.close.block,
      own.transactions.close.hash,
    ]),
  );
}

/** A cell after RFC 4180; nothing is empty. */
function csvCell(value: Cell): string {
  const text = value === null ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
