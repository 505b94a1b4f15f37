import { basename, dirname } from "node:path";

const quoted = String.raw`'(?:[^']|'\\'')*'`;

/** The command of a run without where and how it put its results: a folder is claimed only once. */
export function runAgain(command: string): string {
  return command
    .replaceAll(new RegExp(String.raw` (?:'--out=(?:[^']|'\\'')*'|--out(?:=| +)(?:${quoted}|\S+))`, "g"), "")
    .replaceAll(/ --json(?= |$)/g, "");
}

/** The command that makes the report of a folder again: by the run's name where it lies in `reports`. */
export function reportAgain({ dir, runId }: { readonly dir: string; readonly runId: string }): string {
  const named = basename(dir) === runId && basename(dirname(dir)) === "reports";
  const folder = named || dir === "" ? runId : dir;
  return `./bench report ${/^[\w@%+=:,./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`}`;
}
