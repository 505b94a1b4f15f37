import { invalidInput } from "@sheaf/base";
import type { Column } from "@sheaf/federated";

type Cell = Column["values"][number];

/** A column while it is read. */
export interface CsvColumn {
  add(text: string, line: number): void;
  /** Numbers when all its cells are, booleans when all are, else texts; `INVALID_INPUT` when a few are no numbers. */
  finish(): Column;
}

/** How files write that there is no value. */
const MISSING: ReadonlySet<string> = new Set(["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"]);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** With fewer cells that are no numbers than this share, a column is one of numbers with mistakes in it. */
const MISTAKES = 0.1;

export function createCsvColumn(file: string, name: string): CsvColumn {
  const values: Cell[] = [];
  let numbers = 0;
  let texts = 0;
  let firstText: { readonly text: string; readonly line: number } | undefined;

  return {
    add(text, line) {
      const trimmed = text.trim();
      if (MISSING.has(trimmed)) {
        values.push(null);
      } else if (NUMBER.test(trimmed)) {
        numbers += 1;
        values.push(Number(trimmed));
      } else {
        texts += 1;
        firstText ??= { text: trimmed, line };
        values.push(trimmed);
      }
    },
    finish() {
      if (firstText === undefined) return { name, values };
      if (texts < MISTAKES * numbers) {
        throw invalidInput(
          `${file}, line ${firstText.line}, column "${name}"`,
          `"${firstText.text.slice(0, 40)}" is not a number, as the other cells of the column are`,
          "correct the cell or remove the line",
        );
      }
      return {
        name,
        values: booleans(values) ?? values.map((value) => (value === null ? null : String(value))),
      };
    },
  };
}

function booleans(values: readonly Cell[]): Cell[] | undefined {
  const converted: Cell[] = [];
  for (const value of values) {
    const lower = typeof value === "string" ? value.toLowerCase() : value;
    if (lower === "true" || lower === "false") converted.push(lower === "true");
    else if (value === null) converted.push(null);
    else return undefined;
  }
  return converted;
}
