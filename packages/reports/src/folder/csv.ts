/** A cell of a CSV file; `null` is empty. */
export type CsvCell = string | number | null;

/** A CSV file after RFC 4180, one line a row. `columns` are the names of the columns, joined by commas. */
export function toCsv(columns: string, rows: readonly (readonly CsvCell[])[]): string {
  const lines = [columns, ...rows.map((row) => row.map(csvCell).join(","))];
  return `${lines.join("\n")}\n`;
}

function csvCell(value: CsvCell): string {
  const text = value === null ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
