import {
  type Coalition,
  type CoalitionGame,
  checkPartition,
  type Partition,
  partitionUtilities,
} from "../game/coalition-game.ts";
import { acceptance, acceptanceOf, defaultTolerance } from "../game/pareto.ts";
import type { Deviation, DhpCheck, SplitScope } from "./checks.ts";
import { findSplit } from "./find-split.ts";
import { defaultEvaluationLimit, growSets } from "./grow-sets.ts";

export interface StabilityOptions {
  /** Most sets looked at for merges (beyond pairs), and for the splits of one coalition; default 2^17. */
  readonly evaluationLimit?: number;
  /** Relative gain below which "better" does not count [GAME.4]; default 1e-9. */
  readonly tolerance?: number;
}

/**
 * Whether no merge of any coalitions and no split of any one is accepted by the Pareto order [STABLE.1]. Exact
 * while coalitions and members of the largest one are at most 17, and beyond that where ceilings rule out the
 * rest; else `bounded`, and it says what was looked at [STABLE.2]. `INVALID_INPUT` for what is no partition.
 */
export function checkDhp(
  game: CoalitionGame,
  coalitions: readonly Coalition[],
  options: StabilityOptions = {},
): DhpCheck {
  const { evaluationLimit: limit = defaultEvaluationLimit, tolerance = defaultTolerance } = options;
  const partition = checkPartition(coalitions, game.players);
  const before = partitionUtilities(game, partition);
  const splits = checkSplits(game, partition, before, limit, tolerance);
  const merges = growSets({
    game,
    coalitions: partition,
    accepts: (members) => acceptanceOf(game, members, before, tolerance) === 2,
    couldAccept: (members, ceilings) => acceptance(members, ceilings, before, 0) !== 0,
    fromWidth: 2,
    toWidth: splits.witness === null ? partition.length : 1,
    limit,
  });
  const witness = splits.witness ?? toMerge(game, partition, before, merges.found);
  const complete = merges.complete && splits.scope.complete;
  const check = {
    verdict: witness === null ? (complete ? "stable" : "bounded") : "unstable",
    witness,
    merges: { complete: merges.complete, width: merges.width },
    splits: splits.scope,
    evaluations: merges.evaluations + splits.evaluations,
  } as const;
  return { ...check, statement: inWords(check) };
}

function checkSplits(
  game: CoalitionGame,
  partition: Partition,
  before: Float64Array,
  limit: number,
  tolerance: number,
): { witness: Deviation | null; scope: SplitScope; evaluations: number } {
  const bounded: { coalition: Coalition; smallerPart: number }[] = [];
  let evaluations = 0;
  for (const members of partition) {
    const split = findSplit({ game, ordered: members, before, parts: "any", limit, tolerance });
    evaluations += split.evaluations;
    if (split.parts !== null) {
      const witness = deviation(game, "split", [members], split.parts, before);
      return { witness, scope: { complete: false, bounded }, evaluations };
    }
    if (!split.complete) bounded.push({ coalition: members, smallerPart: split.smallerPart });
  }
  return { witness: null, scope: { complete: bounded.length === 0, bounded }, evaluations };
}

function toMerge(
  game: CoalitionGame,
  partition: Partition,
  before: Float64Array,
  found: readonly number[] | null,
): Deviation | null {
  if (found === null) return null;
  const from = found.map((index) => partition[index] as Coalition);
  return deviation(game, "merge", from, [from.flat().sort((a, b) => a - b)], before);
}

/** The step from `from` to `to`, both canonical, with everybody's utilities; `before` is by player. */
export function deviation(
  game: CoalitionGame,
  rule: "merge" | "split",
  from: readonly Coalition[],
  to: readonly Coalition[],
  before: ArrayLike<number>,
): Deviation {
  const after = new Map<number, number>();
  for (const members of to) {
    const utilities = game.utilities(members);
    members.forEach((player, i) => {
      after.set(player, utilities[i] as number);
    });
  }
  const members = to.flat().sort((a, b) => a - b);
  return {
    rule,
    from,
    to,
    members,
    before: members.map((player) => before[player] as number),
    after: members.map((player) => after.get(player) as number),
  };
}

function inWords({ verdict, witness, merges, splits }: Omit<DhpCheck, "statement">): string {
  if (witness !== null) {
    const gain = witness.rule === "merge" ? `${witness.from.length} coalitions gain by merging` : "";
    return `not D_hp-stable: ${gain || `a coalition gains by splitting into ${witness.to.length}`}`;
  }
  if (verdict === "stable") {
    return "D_hp-stable: no set of coalitions gains by merging, none by splitting into any parts";
  }
  const merging = merges.complete
    ? "no set of coalitions gains by merging"
    : `no set of up to ${merges.width} coalitions gains by merging, larger sets were not looked at`;
  const smallest = Math.min(...splits.bounded.map((bound) => bound.smallerPart));
  const splitting = splits.complete
    ? "none by splitting into any parts"
    : `of ${splits.bounded.length} large coalitions only splits in two with a part of at most ${smallest} were looked at`;
  return `weaker than D_hp-stable: ${merging}; ${splitting}`;
}
