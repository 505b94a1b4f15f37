/** The files of a run's folder. The first four are the run itself (of a training and of coalitions, the first); the rest is made from them. */
export const runFiles = {
  record: "run.json",
  transactions: "transactions.parquet",
  blocks: "blocks.parquet",
  samples: "samples.parquet",
  summary: "summary.json",
  markdown: "summary.md",
  page: "report.html",
  charts: "charts",
  /** Rows as CSV, on demand: of a load run, of a training, of coalitions. */
  csv: "transactions.csv",
  roundsCsv: "rounds.csv",
  stepsCsv: "steps.csv",
} as const;
