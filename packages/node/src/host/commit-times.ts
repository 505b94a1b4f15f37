import type { NodeStatus } from "../ports.ts";

export type CommitTime = NodeStatus["commitTimes"][number];

/** How many are kept. */
const KEPT = 1_024;

/** When the last blocks were decided and became readable here. */
export interface CommitTimes {
  add(time: CommitTime): void;
  readonly latest: readonly CommitTime[];
}

export function createCommitTimes(): CommitTimes {
  let times: CommitTime[] = [];
  return {
    add(time) {
      times.push(time);
      if (times.length >= 2 * KEPT) times = times.slice(-KEPT);
    },
    get latest() {
      return times.slice(-KEPT);
    },
  };
}
