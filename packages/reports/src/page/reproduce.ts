import { basename, dirname } from "node:path";
import type { ReportSection } from "./report-part.ts";

const quoted = String.raw`'(?:[^']|'\\'')*'`;

/** The command of a run without where and how it put its results: a folder is claimed only once. */
export function runAgain(command: string): string {
  return command
    .replaceAll(new RegExp(String.raw` (?:'--out=(?:[^']|'\\'')*'|--out(?:=| +)(?:${quoted}|\S+))`, "g"), "")
    .replaceAll(/ --json(?= |$)/g, "");
}

/** A run and its folder. */
interface RunPlace {
  readonly dir: string;
  readonly runId: string;
}

/** The command that makes the report of a folder again: by the run's name where it lies in `reports`. */
export function reportAgain({ dir, runId }: RunPlace): string {
  const named = basename(dir) === runId && basename(dirname(dir)) === "reports";
  const folder = named || dir === "" ? runId : dir;
  return `./bench report ${/^[\w@%+=:,./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`}`;
}

/** How to run it again, and to make the report again; `rows` says what of the run is in which file. */
export function reproduceSection(
  { record, summary }: { readonly record: { readonly command: string }; readonly summary: RunPlace },
  rows: string,
): ReportSection {
  return {
    id: "reproduce",
    title: "Reproduce",
    parts: [
      { kind: "text", text: "Run it again, on this or another machine:" },
      { kind: "code", text: runAgain(record.command) },
      { kind: "text", text: "Make this report again from the folder, without running:" },
      { kind: "code", text: reportAgain(summary) },
      { kind: "text", text: rows },
    ],
  };
}
