import type { Hex } from "@sheaf/base";
import type { Prepared } from "./messages.ts";

/**
 * What a validator must find again after a crash, and all it needs, never to contradict a vote that
 * it has sent [PERSIST.1]. Later records replace earlier ones. `recordToBytes` and `parseRecord`
 * convert it.
 */
export interface VoteRecord {
  readonly height: number;
  readonly round: number;
  /** The digest it proposed or prepared in this round, if any. */
  readonly accepted: Hex | undefined;
  /** The lock. When its round is `round`, a commit for it has been signed. */
  readonly prepared: Prepared | undefined;
}
