import type { Partition } from "./coalition-game.ts";

/**
 * Every partition of `players` players, canonical, by restricted growth strings (Knuth 7.2.1.5): everybody
 * together first, everybody alone last. Their number is `bellNumber(players)`.
 */
export function* setPartitions(players: number): Generator<Partition> {
  const block = new Array<number>(players).fill(0);
  for (;;) {
    yield toPartition(block);
    let last = players - 1;
    while (last > 0 && (block[last] as number) > highest(block, last)) last -= 1;
    if (last <= 0) return;
    block[last] = (block[last] as number) + 1;
    block.fill(0, last + 1);
  }
}

/** Number of partitions of a set of `size`, by the Bell triangle; exact up to 22. */
export function bellNumber(size: number): number {
  let row = [1];
  for (let n = 0; n < size; n++) {
    const next = [row.at(-1) as number];
    for (const above of row) next.push((next.at(-1) as number) + above);
    row = next;
  }
  return row[0] as number;
}

function highest(block: readonly number[], end: number): number {
  let out = 0;
  for (let i = 0; i < end; i++) out = Math.max(out, block[i] as number);
  return out;
}

function toPartition(block: readonly number[]): Partition {
  const coalitions: number[][] = [];
  block.forEach((index, player) => {
    const members = coalitions[index];
    if (members === undefined) coalitions[index] = [player];
    else members.push(player);
  });
  return coalitions;
}
