/** The files of a run's folder. The first four are the run itself; the rest is made from them. */
export const runFiles = {
  record: "run.json",
  transactions: "transactions.parquet",
  blocks: "blocks.parquet",
  samples: "samples.parquet",
  summary: "summary.json",
  markdown: "summary.md",
  page: "report.html",
  charts: "charts",
  csv: "transactions.csv",
} as const;
