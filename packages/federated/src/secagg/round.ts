import { concatBytes, invalidInput, utf8 } from "@sheaf/base";
import { degreeOf } from "./graph.ts";
import { digest, memberToBytes, uint32ToBytes } from "./hash.ts";
import type { Abort, MemberId, Rejection, RejectionCode, SecaggRound } from "./types.ts";

const MOST_MEMBERS = 1024;
const MOST_WORDS = 2 ** 28;

/** A refusal; `member` is whose message it is about. */
export function reject(rejected: RejectionCode, member?: MemberId): Rejection {
  return member === undefined ? { rejected } : { rejected, member };
}

export function isRejection(value: object | undefined): value is Rejection {
  return value !== undefined && "rejected" in value;
}

export function abort(aborted: RejectionCode, member?: MemberId): Abort {
  return member === undefined ? { aborted } : { aborted, member };
}

export function isAbort(value: object): value is Abort {
  return "aborted" in value;
}

/** Members that hold shares of one secret: a member and its neighbours. */
export function neighbourhoodSize(members: number, neighbours: number | "all"): number {
  return degreeOf(members, neighbours) + 1;
}

/** The threshold for a share of a neighbourhood in [0, 1]: at least more than half of it [SECAGG.2]. */
export function thresholdFor(fraction: number, members: number, neighbours: number | "all"): number {
  const size = neighbourhoodSize(members, neighbours);
  const majority = Math.floor(size / 2) + 1;
  return Math.min(size, Math.max(majority, Math.ceil(fraction * size - 1e-9)));
}

/**
 * Confirmations of one survivor set that open it: the threshold's share of a neighbourhood, taken of all members
 * announced, so more than half of them, wherever in the graph they are [SECAGG.12].
 */
export function leastConfirmations(round: SecaggRound): number {
  const size = neighbourhoodSize(round.members.length, round.neighbours);
  return Math.ceil((round.members.length * round.threshold) / size);
}

/** Survivors below which a round ends without a sum: as many as must confirm, and never fewer than 3 [SECAGG.3]. */
export function leastSurvivors(round: SecaggRound): number {
  return Math.max(3, leastConfirmations(round));
}

/** `INVALID_INPUT` unless the round keeps [SECAGG.1] and [SECAGG.2]. */
export function checkRound(round: SecaggRound): void {
  const { members, threshold, neighbours, dimension } = round;
  const refuse = (field: string, problem: string): never => {
    throw invalidInput(`secure aggregation: ${field}`, problem);
  };
  if (round.context.length === 0) refuse("context", "must not be empty");
  if (round.modelHash.length !== 32) refuse("modelHash", "must be 32 bytes");
  if (!isWithin(round.group ?? 0, 0, 0xffff)) refuse("group", "must be a whole number below 65,536");
  if (members.length < 3) refuse("members", `at least 3 are needed, there are ${members.length}`);
  if (members.length > MOST_MEMBERS)
    refuse("members", `at most ${MOST_MEMBERS}, there are ${members.length}`);
  members.forEach((member, index) => {
    if (!/^0x[0-9a-f]{40}$/.test(member)) refuse("members", `${member} is no lower-case address`);
    if (index > 0 && member <= (members[index - 1] as MemberId))
      refuse("members", "must be sorted, each once");
  });
  if (!isWithin(dimension, 1, MOST_WORDS)) refuse("dimension", `must be a whole number up to ${MOST_WORDS}`);
  if (neighbours !== "all" && !isWithin(neighbours, 2, MOST_MEMBERS)) {
    refuse("neighbours", `must be "all" or a whole number from 2 to ${MOST_MEMBERS}`);
  }
  const size = neighbourhoodSize(members.length, neighbours);
  if (!Number.isInteger(threshold) || 2 * threshold <= size || threshold > size) {
    refuse("threshold", `must be more than half of a neighbourhood of ${size} and no more than it`);
  }
}

/** 32 bytes that name the round with everything in it; messages carry it [SECAGG.17]. */
export function roundDigest(round: SecaggRound): Uint8Array {
  const numbers = [
    round.group ?? 0,
    round.threshold,
    round.neighbours === "all" ? 0 : round.neighbours,
    round.dimension,
  ];
  return digest(
    "round",
    utf8(round.context),
    round.modelHash,
    ...numbers.map(uint32ToBytes),
    concatBytes(...round.members.map(memberToBytes)),
  );
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
