import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { analyseCoalition, type CoalitionRecord, parseCoalitionRecord } from "@sheaf/measure";

export async function readCoalition(out: string): Promise<CoalitionRecord> {
  return parseCoalitionRecord(JSON.parse(await readFile(join(out, "run.json"), "utf8")));
}

/** Ids of the members of each final coalition. */
export function namedCoalitions({ formation, players }: CoalitionRecord): readonly (readonly string[])[] {
  return formation.final.map((members) => members.map((player) => players[player]?.id ?? ""));
}

/** Findings of the record that do not hold, by subject. */
export function refuted(record: CoalitionRecord): readonly string[] {
  return analyseCoalition(record)
    .findings.filter(({ holds }) => holds === false)
    .map(({ subject }) => subject);
}

/** A table game of three players in which a and b gain by each other and c by nobody. */
export const tableJson = JSON.stringify({
  players: ["a", "b", "c"],
  utilities: { a: 1, b: [2], c: 1, "a+b": [3, 2.5], "a+c": 0, "b+c": 0, "c+b+a": 0.5 },
});

/** The same as CSV. */
export const tableCsv = `coalition,a,b,c
a,1,,
b,,2,
c,,,1
a+b,3,2.5,
a+c,0,,0
b+c,,0,0
a+b+c,0.5,0.5,0.5
`;
