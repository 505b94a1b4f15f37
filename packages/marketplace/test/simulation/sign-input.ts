import { bytesToHex, hexToBytes } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import type { MessageBody } from "../../src/agents/messages/bodies.ts";
import { decodeBody, encodeBody } from "../../src/agents/messages/codec.ts";
import type { AgentMessage } from "../../src/agents/ports.ts";
import { contextOf } from "../../src/agents/round/attempt.ts";
import { inputDigest } from "../../src/agents/round/signed-input.ts";
import { updateBytes } from "../../src/agents/round/update-hash.ts";
import type { Address } from "../../src/chain/types.ts";
import type { ToyIdentity } from "./identities.ts";

type Change<K extends "round.update" | "round.masked"> = (body: MessageBody<K>) => MessageBody<K>;

/** What becomes of an update in the open, and of a masked one; left out, it stays as it is. */
export interface InputChanges {
  readonly update?: Change<"round.update">;
  readonly masked?: Change<"round.masked">;
}

/** Two bytes, version, kind, and 32 bytes that name the round: what comes before the words [SECAGG.17]. */
export const FRAME_BYTES = 36;

/**
 * The body of an input with something changed in it, signed by `signer` as an owner signs what it sends to
 * `analyst`; the body as it is, of any other message.
 */
export function rewriteInput(
  signer: ToyIdentity,
  place: { readonly scope: string; readonly analyst: Address },
  { kind, job, body: bytes }: Pick<AgentMessage, "kind" | "job" | "body">,
  changes: InputChanges,
): Uint8Array {
  const decoded = decodeBody(kind, bytes);
  if ("rejected" in decoded) return bytes;
  const hash = (part: Uint8Array) => bytesToHex(keccak256(part));
  const sign = ({ round, attempt }: MessageBody<"round.masked" | "round.update">, input: Uint8Array) => {
    const context = contextOf(place.scope, { job, analyst: place.analyst, round, attempt });
    return signer.sign(hexToBytes(inputDigest({ keccak256: hash }, context, hash(input))));
  };
  if (decoded.kind === "round.update" && changes.update !== undefined) {
    const body = changes.update(decoded.body);
    return encodeBody(decoded.kind, { ...body, signature: sign(body, updateBytes(body)) });
  }
  if (decoded.kind === "round.masked" && changes.masked !== undefined) {
    const body = changes.masked(decoded.body);
    return encodeBody(decoded.kind, { ...body, signature: sign(body, body.words.subarray(FRAME_BYTES)) });
  }
  return bytes;
}
