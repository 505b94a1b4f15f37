export * from "./folder/run-files.ts";
export * from "./folder/run-folder.ts";
export type { ReportErrorDetail } from "./folder/write-file.ts";
