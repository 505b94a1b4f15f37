import { invalidInput } from "@sheaf/base";

/** Names of the columns that make a reading, where detection by their names would be wrong: `load.columns` of a benchmark file. */
export interface ColumnNames {
  readonly device?: string;
  readonly kind?: string;
  readonly value?: string;
  readonly timestamp?: string;
}

/** Positions of the columns. Without `kind`, all readings are of one; without `value`, all other cells are it. */
export interface ColumnPositions {
  readonly device: number;
  readonly kind: number | undefined;
  readonly value: number | undefined;
  readonly timestamp: number;
}

/** Header names by which a column is found, best first; case, blanks and punctuation do not matter. */
const knownNames = {
  device: [
    "device",
    "deviceid",
    "devicename",
    "sensor",
    "sensorid",
    "station",
    "stationid",
    "node",
    "nodeid",
    "moteid",
    "meter",
    "meterid",
    "location",
    "city",
    "site",
    "id",
  ],
  kind: ["kind", "type", "metric", "parameter", "quantity", "variable", "property", "sensortype", "channel"],
  value: ["value", "reading", "measurement", "val", "result", "observation", "temp", "temperature"],
  timestamp: [
    "timestamp",
    "datetime",
    "time",
    "date",
    "ts",
    "observedat",
    "recordedat",
    "measuredat",
    "createdat",
  ],
} as const;

/**
 * The columns of a file by its header.
 *
 * @throws CodedError `INVALID_INPUT` at `file:1`: a named column is missing, or no column of devices
 * or times is found.
 */
export function findColumns(file: string, header: readonly string[], names: ColumnNames): ColumnPositions {
  const normal = header.map(normalise);
  const find = (role: keyof typeof knownNames): number | undefined => {
    const wanted = names[role];
    if (wanted !== undefined) {
      const exact = header.indexOf(wanted);
      const at = exact >= 0 ? exact : normal.indexOf(normalise(wanted));
      if (at >= 0) return at;
      throw invalidInput(
        `${file}:1`,
        `there is no column "${wanted}"`,
        `Mend load.columns in the benchmark file; the columns are ${listOf(header)}.`,
      );
    }
    const found = knownNames[role].map((name) => normal.indexOf(name)).find((at) => at >= 0);
    return found;
  };
  const require = (role: "device" | "timestamp"): number => {
    const at = find(role);
    if (at !== undefined) return at;
    throw invalidInput(
      `${file}:1`,
      `no column is known to hold the ${role}`,
      `Name it under load.columns in the benchmark file (${role}: ...); the columns are ${listOf(header)}.`,
    );
  };
  return {
    device: require("device"),
    kind: find("kind"),
    value: find("value"),
    timestamp: require("timestamp"),
  };
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function listOf(header: readonly string[]): string {
  return header.map((name) => `"${name}"`).join(", ");
}
