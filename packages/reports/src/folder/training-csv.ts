import { join } from "node:path";
import type { TrainingRecord } from "@sheaf/measure";
import { type CsvCell, toCsv } from "./csv.ts";
import { runFiles } from "./run-files.ts";
import { writeFileAtomically } from "./write-file.ts";

const columns =
  "job,round,attempt,analyst,start_ms,end_ms,invited,cohort,survivors,loss,validation_loss,validation_accuracy,validation_rmse,test_loss,test_accuracy,test_rmse,aggregation_error,error_bound,epsilon_max,open_block,open_hash,close_block,close_hash";

/** Writes `rounds.csv`, one row for each closed round, beside the record and gives its path. */
export async function exportRounds(dir: string, record: TrainingRecord): Promise<string> {
  const target = join(dir, runFiles.roundsCsv);
  await writeFileAtomically(target, toCsv(columns, roundRows(record)));
  return target;
}

function roundRows(record: TrainingRecord): readonly (readonly CsvCell[])[] {
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
