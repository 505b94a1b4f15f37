import { invalidInput } from "@sheaf/base";
import { drawOrder } from "./graph.ts";
import { leastSurvivors, neighbourhoodSize, reject } from "./round.ts";
import type { MemberId, Rejection, SecaggRound } from "./types.ts";

/**
 * The rounds that follow from an announced one once the keys are committed: one for the whole cohort, or one
 * for each group of at least `size` members, drawn from the graph seed alike by every party. Groups differ
 * by at most one member, and each asks for the announced round's share of a neighbourhood [SECAGG.7].
 *
 * `present`: those whose adverts are committed. `TOO_FEW` when they are fewer than the round's least
 * survivors, or than 3; `UNKNOWN_MEMBER`; `INVALID_INPUT` for a size below 3.
 */
export function drawGroups(
  round: SecaggRound,
  present: readonly MemberId[],
  size: number | "cohort",
  seed: Uint8Array,
): readonly SecaggRound[] | Rejection {
  const stranger = present.find((member) => !round.members.includes(member));
  if (stranger !== undefined) return reject("UNKNOWN_MEMBER", stranger);
  if (size === "cohort") return present.length < leastSurvivors(round) ? reject("TOO_FEW") : [round];
  if (!Number.isInteger(size) || size < 3) throw invalidInput("group size", "must be a whole number from 3");
  if (present.length < 3) return reject("TOO_FEW");
  const count = Math.max(1, Math.floor(present.length / size));
  const order = drawOrder(present, "groups", seed);
  return Array.from({ length: count }, (_, group) => {
    const members = order.filter((_, index) => index % count === group).sort();
    return { ...round, group, members, threshold: groupThreshold(round, members.length) };
  });
}

/** More than the share of a neighbourhood that the announced round does without, and more than half of it. */
function groupThreshold(round: SecaggRound, members: number): number {
  const announced = neighbourhoodSize(round.members.length, round.neighbours);
  const size = neighbourhoodSize(members, round.neighbours);
  return 1 + Math.floor(Math.max(size / 2, (size * (round.threshold - 1)) / announced));
}
