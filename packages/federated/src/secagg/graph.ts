import { compareBytes } from "@sheaf/base";
import { digest, memberToBytes } from "./hash.ts";
import type { MemberId } from "./types.ts";

/** Who shares a mask with whom. */
export type Graph = ReadonlyMap<MemberId, ReadonlySet<MemberId>>;

/** Neighbours each member gets: one more than asked when both numbers are odd, at most all others. */
export function degreeOf(members: number, neighbours: number | "all"): number {
  if (neighbours === "all" || neighbours >= members - 1) return members - 1;
  return neighbours % 2 === 1 && members % 2 === 1 ? neighbours + 1 : neighbours;
}

/**
 * Members in an order that follows from the seed alone: by SHA-256 of the seed and the member's address.
 * Everybody who has the seed draws the same, whatever the order of `members`.
 */
export function drawOrder(members: readonly MemberId[], label: string, seed: Uint8Array): MemberId[] {
  return members
    .map((member) => ({ member, rank: digest(label, seed, memberToBytes(member)) }))
    .sort((a, b) => compareBytes(a.rank, b.rank))
    .map(({ member }) => member);
}

/**
 * The graph of masks: a ring in drawn order in which each member meets the next k/2 on both sides, and the
 * one opposite when k is odd; the complete graph when k reaches all others (Bell et al. 2020) [SECAGG.6].
 */
export function drawGraph(members: readonly MemberId[], neighbours: number | "all", seed: Uint8Array): Graph {
  const size = members.length;
  const degree = degreeOf(size, neighbours);
  if (degree === size - 1) {
    return new Map(members.map((member) => [member, new Set(members.filter((other) => other !== member))]));
  }
  const order = drawOrder(members, "graph", seed);
  const at = (index: number): MemberId => order[index % size] as MemberId;
  return new Map(
    order.map((member, index) => {
      const around = new Set<MemberId>();
      for (let step = 1; step <= degree >> 1; step++)
        around.add(at(index + step)).add(at(index + size - step));
      if (degree % 2 === 1) around.add(at(index + size / 2));
      return [member, around];
    }),
  );
}

/** Whether a path through `members` alone leads from each of them to every other [SECAGG.11]. */
export function isConnected(graph: Graph, members: readonly MemberId[]): boolean {
  const unseen = new Set(members);
  const open = members.slice(0, 1);
  for (const first of open) unseen.delete(first);
  for (let member = open.pop(); member !== undefined; member = open.pop()) {
    for (const next of graph.get(member) ?? []) {
      if (unseen.delete(next)) open.push(next);
    }
  }
  return unseen.size === 0;
}
