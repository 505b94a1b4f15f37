import { justifiers } from "./justification.ts";
import type { Prepared } from "./messages.ts";
import { quorumSize } from "./quorum.ts";

/**
 * The rules that agreement rests on. There is one set, `qbftRules`; the simulation's tests weaken
 * them one at a time, to show that it would notice.
 */
export interface Rules {
  quorumSize(validators: number): number;
  /** What a round change says was prepared. */
  lock(prepared: Prepared | undefined): Prepared | undefined;
  justifiers: typeof justifiers;
}

export const qbftRules: Rules = {
  quorumSize,
  lock: (prepared) => prepared,
  justifiers,
};
