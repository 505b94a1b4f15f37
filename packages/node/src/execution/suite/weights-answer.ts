import type { Address } from "@sheaf/protocol";
import { addressWord, type Part } from "./assemble.ts";

/** Returns these words. */
export const answering = (...words: readonly (readonly Part[])[]): Part[] => [
  ...words.flatMap((value, index): Part[] => [...value, index * 32, "MSTORE"]),
  ...[words.length * 32, 0, "RETURN"],
];

/** The answer of `proposerWeights` that gives `miners` these weights. */
export const giving = (miners: readonly Address[], weights: readonly (readonly Part[])[]): Part[] =>
  answering(
    ...[[64], [96 + 32 * miners.length], [miners.length], ...miners.map((each) => [addressWord(each)])],
    ...[[weights.length], ...weights],
  );
