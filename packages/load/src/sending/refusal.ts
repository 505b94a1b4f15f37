import type { Rejection } from "@sheaf/measure";
import { RPC_ERROR, type RpcErrorObject } from "@sheaf/protocol";

/**
 * What a node's refusal of a transaction means for its lane.
 *
 * - `known`: the node has it already. No refusal at all.
 * - `busy`: no room now, or an earlier nonce is missing. The same bytes are sent again later.
 * - `stale`: the nonce is used up, or taken by another transaction.
 * - `final`: never to be taken. Its nonce needs a filler, or the lane stands still.
 */
export type RefusalKind = "known" | "busy" | "stale" | "final";

/** In order: the first that fits decides. */
const patterns: readonly (readonly [RefusalKind, RegExp])[] = [
  ["known", /already (known|imported|exists|in\b)|known transaction|alreadyknown|same hash/i],
  ["stale", /nonce (is )?too (low|small)|oldnonce|replacement|underpriced to replace/i],
  ["busy", /nonce (is )?too (high|big|far)|nonce gap|gapped|future nonce/i],
  ["final", /gas limit|intrinsic|oversized|size limit|code size/i],
  ["busy", /\bfull\b|limit|too many|busy|overload|timed? ?out|capacity|try again|syncing/i],
];

/** The meaning of an error object, by the words that the common nodes use. */
export function classifyRefusal({ code, message }: RpcErrorObject): RefusalKind {
  const found = patterns.find(([, pattern]) => pattern.test(message));
  if (found !== undefined) return found[0];
  return code === RPC_ERROR.limitExceeded || code === RPC_ERROR.internal ? "busy" : "final";
}

/** The class of a refusal: its message without what differs from one transaction to the next. */
export function toRejection({ code, message }: RpcErrorObject): Rejection {
  return { code, message: message.replaceAll(/0x[0-9a-f]+|\d+/gi, "#").slice(0, 120) };
}
