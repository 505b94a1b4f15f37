import { errorMessage, invalidInput } from "@sheaf/base";
import { z } from "zod";
import type { CoalitionGame } from "../game/coalition-game.ts";
import { createTableGame, type TableRow } from "./table-game.ts";

const tableSchema = z.strictObject({
  players: z.array(z.string()).min(1),
  utilities: z.record(z.string(), z.union([z.number(), z.array(z.number())])),
});

/**
 * A table game from JSON: `{"players": ["a", "b"], "utilities": {"a": 1, "b": [2], "b+a": [3, 2.5]}}`. A list is
 * aligned with the ids of its key; a single number is what every member gets [VALUE.9]. `at` names the text in
 * messages; `INVALID_INPUT` for anything else, see `createTableGame`.
 */
export function parseTableJson(text: string, at: string): CoalitionGame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidInput(at, `is not JSON: ${errorMessage(error)}`);
  }
  const parsed = tableSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidInput([at, ...(issue?.path ?? [])].join(" "), issue?.message ?? "is not a table");
  }
  refuseKeysTwice(text, 2 + Object.keys(parsed.data.utilities).length, at);
  const rows = Object.entries(parsed.data.utilities).map(([key, utilities]): TableRow => {
    const ids = key.split("+");
    return {
      at: `${at} coalition ${key}`,
      ids,
      utilities: typeof utilities === "number" ? ids.map(() => utilities) : utilities,
    };
  });
  return createTableGame(parsed.data.players, rows, at);
}

/** `JSON.parse` keeps the last of equal keys and says nothing; `distinct` is how many keys it kept in all. */
function refuseKeysTwice(text: string, distinct: number, at: string): void {
  const keys = [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)].flatMap(([, string, colon]) =>
    colon === undefined ? [] : [JSON.parse(string as string) as string],
  );
  if (keys.length === distinct) return;
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  throw invalidInput(at, `has "${twice}" twice`, "keep one");
}

/**
 * A table game from CSV, ids of a coalition joined by `+` [VALUE.9]. Columns are either `coalition,utility` (what
 * each member gets; players in order of first appearance) or `coalition` and one column a player, empty where it
 * is no member. No quoting. `INVALID_INPUT` with the line for anything else, see `createTableGame`.
 */
export function parseTableCsv(text: string, at: string): CoalitionGame {
  const [header, ...lines] = readLines(text, at);
  if (header === undefined) throw invalidInput(at, "is empty");
  const [first, ...columns] = header.cells;
  if (first !== "coalition" || columns.length === 0) {
    throw invalidInput(header.at, "the first line names the columns: coalition, then utility or the players");
  }
  const shared = columns.length === 1 && columns[0] === "utility";
  const rows = lines.map(({ at, cells }): TableRow => {
    if (cells.length !== header.cells.length) {
      throw invalidInput(at, `${cells.length} cells under ${header.cells.length} columns`);
    }
    const ids = (cells[0] as string).split("+");
    if (shared) return { at, ids, utilities: ids.map(() => readNumber(cells[1] as string, at)) };
    return { at, ids, utilities: cellsOf(ids, columns, cells.slice(1), at) };
  });
  const names = shared ? [...new Set(rows.flatMap((row) => row.ids))] : columns;
  return createTableGame(names, rows, at);
}

interface Line {
  readonly at: string;
  readonly cells: readonly string[];
}

function readLines(text: string, at: string): Line[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "") return [];
    if (line.includes('"')) throw invalidInput(`${at} line ${i + 1}`, "quotes are not understood");
    return [{ at: `${at} line ${i + 1}`, cells: line.split(",").map((cell) => cell.trim()) }];
  });
}

/** The members' cells, in the order of `ids`. */
function cellsOf(
  ids: readonly string[],
  columns: readonly string[],
  cells: readonly string[],
  at: string,
): number[] {
  columns.forEach((column, i) => {
    if (cells[i] !== "" && !ids.includes(column)) {
      throw invalidInput(at, `${column} has a utility and is no member`, "leave the cell empty");
    }
  });
  return ids.map((id) => {
    const column = columns.indexOf(id);
    if (column < 0) throw invalidInput(at, `"${id}" is no player`, "give it a column");
    return readNumber(cells[column] as string, at);
  });
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function readNumber(cell: string, at: string): number {
  const value = decimal.test(cell) ? Number(cell) : Number.NaN;
  if (!Number.isFinite(value)) throw invalidInput(at, `"${cell}" is not a finite number`);
  return value;
}
