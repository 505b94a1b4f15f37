import { invalidInput } from "@sheaf/base";
import { type CoalitionGame, utilityLimit } from "../game/coalition-game.ts";
import { checkNames } from "./player-names.ts";

/** Largest table: 2^16 - 1 coalitions. */
export const tablePlayersLimit = 16;

/** One coalition of a table: its ids in any order and a utility for each of them, aligned. */
export interface TableRow {
  /** Where it was written, for messages. */
  readonly at: string;
  readonly ids: readonly string[];
  readonly utilities: readonly number[];
}

/**
 * The game of a characteristic function written down: one row for each of the 2^n - 1 coalitions of `names`
 * [VALUE.9]. `INVALID_INPUT` for a coalition that is missing or there twice, an id that is unknown or there twice,
 * a utility that is not finite or beyond `utilityLimit`, or more than 16 players.
 */
export function createTableGame(
  names: readonly string[],
  rows: readonly TableRow[],
  at = "table",
): CoalitionGame {
  checkNames(names, at);
  if (names.length > tablePlayersLimit) {
    throw invalidInput(at, `${names.length} players need 2^${names.length} - 1 rows`, "at most 16 players");
  }
  const places = new Map(names.map((name, player) => [name, player]));
  const table: Float64Array[] = [];
  for (const row of rows) {
    const { set, utilities } = readRow(row, places);
    if (table[set] !== undefined) throw invalidInput(row.at, "the coalition is there twice", "keep one row");
    table[set] = utilities;
  }
  for (let set = 1; set < 2 ** names.length; set++) {
    if (table[set] !== undefined) continue;
    const missing = names.filter((_, player) => (set >> player) & 1).join("+");
    throw invalidInput(at, `coalition ${missing} is missing`, "give one row for each non-empty coalition");
  }
  return {
    players: names.length,
    names: [...names],
    utilities: (members) => table[members.reduce((set, player) => set | (1 << player), 0)] as Float64Array,
  };
}

function readRow(row: TableRow, places: ReadonlyMap<string, number>) {
  if (row.ids.length !== row.utilities.length) {
    throw invalidInput(row.at, `${row.utilities.length} utilities for ${row.ids.length} members`);
  }
  const members = row.ids.map((id, i) => {
    const player = places.get(id);
    if (player === undefined) throw invalidInput(row.at, `"${id}" is no player`);
    const utility = row.utilities[i] as number;
    if (!Number.isFinite(utility)) throw invalidInput(row.at, `the utility of ${id} is not a finite number`);
    if (Math.abs(utility) > utilityLimit) {
      throw invalidInput(row.at, `the utility of ${id} is beyond ${utilityLimit}`, "choose a larger unit");
    }
    return { player, utility };
  });
  members.sort((a, b) => a.player - b.player);
  let set = 0;
  for (const { player } of members) {
    if ((set >> player) & 1) throw invalidInput(row.at, "a player is there twice");
    set |= 1 << player;
  }
  return { set, utilities: Float64Array.from(members, ({ utility }) => utility) };
}
