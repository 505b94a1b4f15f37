import { RPC_ERROR, type RpcErrorObject } from "@sheaf/protocol";

/**
 * What a node's refusal of a transaction means.
 *
 * - `known`: the node has it already. No refusal at all.
 * - `busy`: no room now. The same bytes are sent again later.
 * - `stale`: the nonce is used up, or taken by another transaction.
 * - `unfunded`: the account cannot pay.
 * - `final`: never to be taken.
 */
export type RefusalKind = "known" | "busy" | "stale" | "unfunded" | "final";

/** In order: the first that fits decides. The words of Geth, and of those that differ. */
const patterns: readonly (readonly [RefusalKind, RegExp])[] = [
  ["known", /already (known|imported|exists|in\b)|known transaction/i],
  ["stale", /nonce (is )?too low|replacement|underpriced to replace/i],
  ["unfunded", /insufficient funds|insufficient balance|exceeds balance/i],
  ["final", /gas limit|intrinsic|oversized|code size/i],
  ["busy", /nonce (is )?too high|gapped|\bfull\b|limit|too many|busy|timed? ?out|try again|syncing/i],
];

/** The meaning of an error object. */
export function classifyRefusal({ code, message }: RpcErrorObject): RefusalKind {
  const found = patterns.find(([, pattern]) => pattern.test(message));
  if (found !== undefined) return found[0];
  return code === RPC_ERROR.limitExceeded ? "busy" : "final";
}
