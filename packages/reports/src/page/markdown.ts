import { invariant } from "@sheaf/base";
import type { Column } from "./content-blocks.ts";

/** A Markdown table whose columns line up in a terminal; empty without rows. */
export function markdownTable(table: {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}): string {
  const { caption, columns, rows } = table;
  if (rows.length === 0) return "";
  for (const row of rows) {
    invariant(row.length === columns.length, `each row of "${caption}" has a cell for every column`);
  }
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(escapeCell));
  const widths = columns.map((_, i) => Math.max(3, ...cells.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.numeric === true)).join(" | ")} |`;
  const rule = columns.map(({ numeric }, i) => {
    const dashes = "-".repeat((widths[i] ?? 3) - 1);
    return numeric === true ? `${dashes}:` : `-${dashes}`;
  });
  const [head, ...body] = cells;
  return [`${caption}:`, "", line(head ?? []), `| ${rule.join(" | ")} |`, ...body.map(line)].join("\n");
}

/** Terms and values as a table of two columns. */
export function factTable(facts: readonly (readonly [term: string, value: string])[]): string {
  return [
    "| | |",
    "| --- | --- |",
    ...facts.map(([term, value]) => `| ${escapeCell(term)} | ${escapeCell(value)} |`),
  ].join("\n");
}

/** A list of lines. */
export function bulletList(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** A command in a fence. */
export function codeFence(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
