import type { Column } from "./content-blocks.ts";

/** A table as plain text, for a page and for Markdown alike. */
export interface TextTable {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns of numbers. */
export function numeric(...titles: readonly string[]): Column[] {
  return titles.map((title) => ({ title, numeric: true }));
}
