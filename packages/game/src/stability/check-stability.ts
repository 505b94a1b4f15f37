import type { Coalition, CoalitionGame } from "../game/coalition-game.ts";
import { type Blocking, checkCore } from "./check-core.ts";
import { checkDc, type DcWitness } from "./check-dc.ts";
import { checkDhp, type StabilityOptions } from "./check-dhp.ts";
import { checkIndividual, checkNash, type Move } from "./check-moves.ts";
import type { Check, DhpCheck } from "./checks.ts";

/** Every notion of stability, each with its own verdict. */
export interface StabilityReport {
  readonly dhp: DhpCheck;
  readonly dc: Check<DcWitness>;
  readonly nash: Check<Move>;
  readonly individual: Check<Move>;
  readonly core: Check<Blocking>;
}

/** All checks of one partition; it may come from anywhere. `INVALID_INPUT` for what is no partition. */
export function checkStability(
  game: CoalitionGame,
  coalitions: readonly Coalition[],
  options: StabilityOptions = {},
): StabilityReport {
  return {
    dhp: checkDhp(game, coalitions, options),
    dc: checkDc(game, coalitions, options),
    nash: checkNash(game, coalitions, options),
    individual: checkIndividual(game, coalitions, options),
    core: checkCore(game, coalitions, options),
  };
}
