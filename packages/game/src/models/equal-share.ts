import { invalidInput } from "@sheaf/base";
import { type CoalitionGame, utilityLimit } from "../game/coalition-game.ts";
import { checkNames, defaultNames } from "./player-names.ts";

/**
 * The game in which everybody in a coalition of size s gets `perHead[s - 1]` [VALUE.8]; one player for each entry.
 * `INVALID_INPUT` for an empty list, an entry that is not finite or beyond `utilityLimit`, or names that are not one a player.
 */
export function createEqualShareGame(
  perHead: readonly number[],
  names: readonly string[] = defaultNames(perHead.length),
): CoalitionGame {
  checkNames(names, "names");
  if (names.length !== perHead.length) {
    throw invalidInput("names", `${names.length} for ${perHead.length} sizes`, "give one utility a size");
  }
  perHead.forEach((utility, i) => {
    if (!Number.isFinite(utility))
      throw invalidInput(`perHead ${i + 1}`, `${utility} is not a finite number`);
    if (Math.abs(utility) > utilityLimit)
      throw invalidInput(`perHead ${i + 1}`, `${utility} is beyond ${utilityLimit}`, "choose a larger unit");
  });
  const bySize = Float64Array.from(perHead);
  return {
    players: bySize.length,
    names: [...names],
    utilities: (members) => new Float64Array(members.length).fill(bySize[members.length - 1] as number),
  };
}
