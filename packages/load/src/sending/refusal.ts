import type { Rejection } from "@sheaf/measure";
import { RPC_ERROR, type RpcErrorObject } from "@sheaf/protocol";

/**
 * What a node's refusal of a transaction means for its lane.
 *
 * - `known`: the node already has it. No refusal at all.
 * - `busy`: no room now. The same bytes are sent again later.
 * - `gap`: an earlier nonce is missing. Sent again later, too.
 * - `stale`: the nonce is used up.
 * - `final`: never to be taken. Its nonce needs a filler, or the lane stands still.
 */
export type RefusalKind = "known" | "busy" | "gap" | "stale" | "final";

const patterns: readonly (readonly [RefusalKind, RegExp])[] = [
  ["known", /already (known|imported|exists|in)|known transaction|alreadyknown|same hash/i],
  ["stale", /nonce (is )?too (low|small)|oldnonce|nonce .*already|replacement|underpriced to replace/i],
  ["gap", /nonce (is )?too (high|big|far)|nonce gap|gapped|future nonce/i],
  ["busy", /full|limit|too many|rate|busy|overload|timed? ?out|capacity|try again/i],
];

/** The meaning of an error object, by the words that the common clients use. */
export function classifyRefusal({ code, message }: RpcErrorObject): RefusalKind {
  if (/gas limit|intrinsic|size limit|oversized/i.test(message)) return "final";
  const found = patterns.find(([, pattern]) => pattern.test(message));
  if (found !== undefined) return found[0];
  return code === RPC_ERROR.limitExceeded || code === RPC_ERROR.internal ? "busy" : "final";
}

/** The class of a refusal: its message without what differs from one transaction to the next. */
export function toRejection({ code, message }: RpcErrorObject): Rejection {
  return { code, message: message.replaceAll(/0x[0-9a-f]+|\d+/gi, "#").slice(0, 120) };
}
