import { type Coalition, type CoalitionGame, checkPartition } from "../game/coalition-game.ts";
import { defaultTolerance, isBetter } from "../game/pareto.ts";
import type { StabilityOptions } from "./check-dhp.ts";
import type { Check } from "./checks.ts";
import { membersOf, type SubsetUtilities, setOf, subsetUtilities } from "./subset-utilities.ts";

/** Most players of a game whose D_c-stability is checked. */
export const dcPlayersLimit = 16;

/**
 * Why a partition is not D_c-stable. `inside`: `whole` lies in a coalition, and being together is not better for
 * its members than the two `parts`. `across`: it lies in no coalition, and being apart in `parts`, as the partition
 * cuts it, is not better for its members than `whole`.
 */
export interface DcWitness {
  readonly kind: "inside" | "across";
  readonly whole: Coalition;
  readonly parts: readonly Coalition[];
}

/**
 * D_c-stability for the Pareto order [STABLE.3], exact up to 16 players. A D_c-stable partition is the one outcome
 * of merge and split, whatever the order and the start; most games have none. `INVALID_INPUT` for what is no
 * partition.
 */
export function checkDc(
  game: CoalitionGame,
  coalitions: readonly Coalition[],
  options: StabilityOptions = {},
): Check<DcWitness> {
  const partition = checkPartition(coalitions, game.players).map(setOf);
  if (game.players > dcPlayersLimit) {
    const statement = `D_c-stability was not checked: ${game.players} players, at most ${dcPlayersLimit} can be`;
    return { verdict: "not-checked", witness: null, statement };
  }
  const tolerance = options.tolerance ?? defaultTolerance;
  const utilities = subsetUtilities(game);
  const witness = inside(partition, utilities, tolerance) ?? across(partition, utilities, tolerance);
  if (witness === null) {
    return { verdict: "stable", witness, statement: "D_c-stable: merge and split lead here from anywhere" };
  }
  const statement =
    witness.kind === "inside"
      ? "not D_c-stable: a part of a coalition is not better off together than in two"
      : "not D_c-stable: a set across coalitions is not better off apart";
  return { verdict: "unstable", witness, statement };
}

function inside(partition: readonly number[], utilities: SubsetUtilities, tolerance: number) {
  for (const coalition of partition) {
    for (let whole = coalition; whole !== 0; whole = (whole - 1) & coalition) {
      const lowest = whole & -whole;
      for (let part = (whole - 1) & whole; part !== 0; part = (part - 1) & whole) {
        if ((part & lowest) === 0) continue;
        if (dominates([whole], [part, whole & ~part], whole, utilities, tolerance)) continue;
        return witnessOf("inside", whole, [part, whole & ~part]);
      }
    }
  }
  return null;
}

function across(partition: readonly number[], utilities: SubsetUtilities, tolerance: number) {
  for (let whole = 1; whole < 2 ** utilities.players; whole++) {
    const parts = partition.map((coalition) => coalition & whole).filter((part) => part !== 0);
    if (parts.length === 1 || dominates(parts, [whole], whole, utilities, tolerance)) continue;
    return witnessOf("across", whole, parts);
  }
  return null;
}

/** Whether all of `whole` are no worse, and somebody better, in the sets `now` than in the sets `then`. */
function dominates(
  now: readonly number[],
  then: readonly number[],
  whole: number,
  { players, values }: SubsetUtilities,
  tolerance: number,
): boolean {
  let better = false;
  for (let left = whole; left !== 0; left &= left - 1) {
    const bit = left & -left;
    const player = 31 - Math.clz32(bit);
    const after = values[holding(now, bit) * players + player] as number;
    const before = values[holding(then, bit) * players + player] as number;
    if (after < before) return false;
    better ||= isBetter(after, before, tolerance);
  }
  return better;
}

function holding(sets: readonly number[], bit: number): number {
  for (const set of sets) if ((set & bit) !== 0) return set;
  return 0;
}

function witnessOf(kind: DcWitness["kind"], whole: number, parts: readonly number[]): DcWitness {
  return { kind, whole: membersOf(whole), parts: parts.map(membersOf) };
}
