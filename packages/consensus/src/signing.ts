import { type Hex, hexToBytes, utf8 } from "@sheaf/base";
import type { Address, QbftPorts } from "./config.ts";
import type { Message } from "./messages.ts";

/** The codes of message types in what is signed and on the wire [CODEC.2]. */
export const MESSAGE_CODES = {
  "pre-prepare": 0x12,
  prepare: 0x13,
  commit: 0x14,
  "round-change": 0x15,
} as const;

/** What a signature is about. For a round change, `digest` and `preparedRound` are what it claims. */
export interface Statement {
  readonly type: Message["type"];
  readonly height: number;
  readonly round: number;
  readonly digest: Hex | undefined;
  readonly preparedRound: number | undefined;
}

const DOMAIN = utf8("sheaf/qbft/1");

/**
 * The 32 bytes that are signed [CODEC.3]: the hash of domain, message code, chain, height, round,
 * digest (zeros when there is none) and, in a round change, prepared round plus one (0 when there is
 * none). All parts have fixed sizes, so no two statements share an encoding.
 */
export function statementDigest(
  statement: Statement,
  chain: Uint8Array,
  ports: Pick<QbftPorts, "hash">,
): Uint8Array {
  const start = DOMAIN.length + 1 + chain.length;
  const bytes = new Uint8Array(start + 56);
  bytes.set(DOMAIN);
  bytes[DOMAIN.length] = MESSAGE_CODES[statement.type];
  bytes.set(chain, DOMAIN.length + 1);
  const view = new DataView(bytes.buffer);
  setUint64(view, start, statement.height);
  setUint64(view, start + 8, statement.round);
  if (statement.digest !== undefined) bytes.set(hexToBytes(statement.digest), start + 16);
  if (statement.preparedRound !== undefined) setUint64(view, start + 48, statement.preparedRound + 1);
  return ports.hash(bytes);
}

/** What the sender of `message` signed. */
export function statementOf(message: Message): Statement {
  const { type, height, round } = message;
  switch (type) {
    case "pre-prepare":
      return { type, height, round, digest: message.value.digest, preparedRound: undefined };
    case "prepare":
    case "commit":
      return { type, height, round, digest: message.digest, preparedRound: undefined };
    case "round-change": {
      const { prepared } = message;
      return { type, height, round, digest: prepared?.value.digest, preparedRound: prepared?.round };
    }
  }
}

/** Who signed `message`, or `undefined`. */
export function senderOf(message: Message, chain: Uint8Array, ports: QbftPorts): Address | undefined {
  return ports.recover(statementDigest(statementOf(message), chain, ports), message.signature);
}

/** Writes an integer below 2^53, big-endian. */
export function setUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 4, value % 2 ** 32);
}
