import { decode, encode } from "@msgpack/msgpack";
import { bodySchemas, type MessageBody, type MessageKind } from "./bodies.ts";

/** A decoded message: its kind tells its body. */
export type KnownMessage = {
  readonly [K in MessageKind]: { readonly kind: K; readonly body: MessageBody<K> };
}[MessageKind];

export type BodyRejection = { readonly rejected: "UNKNOWN_KIND" | "MALFORMED" };

/** msgpack of the body; its keys are the names in `bodySchemas` [AGENT.3]. */
export function encodeBody<K extends MessageKind>(_kind: K, body: MessageBody<K>): Uint8Array {
  return encode(body, { ignoreUndefined: true });
}

/** The body of a message, checked against its schema: unknown kinds and anything beside the schema are refused [AGENT.3]. */
export function decodeBody(kind: string, bytes: Uint8Array): KnownMessage | BodyRejection {
  const schema = Object.hasOwn(bodySchemas, kind) ? bodySchemas[kind as MessageKind] : undefined;
  if (schema === undefined) return { rejected: "UNKNOWN_KIND" };
  let value: unknown;
  try {
    value = decode(bytes, { maxStrLength: 64, maxArrayLength: 4096, maxMapLength: 16, maxExtLength: 0 });
  } catch {
    return { rejected: "MALFORMED" };
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? ({ kind, body: parsed.data } as KnownMessage) : { rejected: "MALFORMED" };
}

/** The round and attempt that a message is of, for records; empty for messages of no round and for nonsense. */
export function roundOfBody(
  kind: string,
  bytes: Uint8Array,
): { readonly round?: number; readonly attempt?: number } {
  const known = decodeBody(kind, bytes);
  if ("rejected" in known || !("attempt" in known.body)) return {};
  return { round: known.body.round, attempt: known.body.attempt };
}
