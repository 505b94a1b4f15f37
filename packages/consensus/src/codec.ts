import { RLP } from "@ethereumjs/rlp";
import { hexToBytes } from "@sheaf/base";
import {
  integerToBytes,
  readBytes,
  readDigest,
  readEach,
  readInteger,
  readList,
  readOptional,
  readSignature,
} from "./fields.ts";
import type {
  Justification,
  Message,
  PrePrepare,
  PrepareCertificate,
  Prepared,
  RoundChange,
  RoundChangeClaim,
} from "./messages.ts";
import type { VoteRecord } from "./record.ts";
import { type RlpItem, readRlp } from "./rlp-reader.ts";
import { MESSAGE_CODES } from "./signing.ts";

type Encodable = Uint8Array | Encodable[];

/** The wire form of a message [CODEC.1]. */
export function messageToBytes(message: Message): Uint8Array {
  const head = [MESSAGE_CODES[message.type], message.height, message.round].map(integerToBytes);
  const { signature } = message;
  switch (message.type) {
    case "pre-prepare": {
      const { value, justification } = message;
      const why = justification === undefined ? [] : writeJustification(justification);
      return RLP.encode([...head, hexToBytes(value.digest), value.payload, why, signature]);
    }
    case "prepare":
    case "commit":
      return RLP.encode([...head, hexToBytes(message.digest), signature]);
    case "round-change":
      return RLP.encode([...head, writePrepared(message.prepared), signature]);
  }
}

/**
 * The message that `bytes` are, or `undefined`; never throws [CODEC.4]. A value's payload is a view of
 * `bytes`, which must not change afterwards.
 */
export function parseMessage(bytes: Uint8Array): Message | undefined {
  const items = readList(readRlp(bytes));
  if (items === undefined) return undefined;
  const code = readInteger(items[0]);
  const height = readInteger(items[1]);
  const round = readInteger(items[2]);
  if (height === undefined || round === undefined) return undefined;
  switch (code) {
    case MESSAGE_CODES["pre-prepare"]:
      return readPrePrepare(items, height, round);
    case MESSAGE_CODES.prepare:
      return readVote(items, "prepare", height, round);
    case MESSAGE_CODES.commit:
      return readVote(items, "commit", height, round);
    case MESSAGE_CODES["round-change"]:
      return readRoundChange(items, height, round);
    default:
      return undefined;
  }
}

/** The stored form of a record. */
export function recordToBytes({ height, round, accepted, prepared }: VoteRecord): Uint8Array {
  const digest = accepted === undefined ? [] : hexToBytes(accepted);
  return RLP.encode([integerToBytes(height), integerToBytes(round), digest, writePrepared(prepared)]);
}

/** The record that `bytes` are, or `undefined`; its payload is a view of `bytes`. */
export function parseRecord(bytes: Uint8Array): VoteRecord | undefined {
  const items = readList(readRlp(bytes), 4);
  const height = readInteger(items?.[0]);
  const round = readInteger(items?.[1]);
  const accepted = readOptional(items?.[2], readDigest);
  const prepared = readOptional(items?.[3], readPrepared);
  if (height === undefined || round === undefined || accepted === undefined || prepared === undefined) {
    return undefined;
  }
  return { height, round, accepted: accepted.value, prepared: prepared.value };
}

function readPrePrepare(items: readonly RlpItem[], height: number, round: number): PrePrepare | undefined {
  if (items.length !== 7) return undefined;
  const digest = readDigest(items[3]);
  const payload = readBytes(items[4]);
  const justification = readOptional(items[5], readJustification);
  const signature = readSignature(items[6]);
  if (digest === undefined || payload === undefined) return undefined;
  if (justification === undefined || signature === undefined) return undefined;
  const value = { digest, payload };
  return { type: "pre-prepare", height, round, value, justification: justification.value, signature };
}

function readVote<T extends "prepare" | "commit">(
  items: readonly RlpItem[],
  type: T,
  height: number,
  round: number,
): (Message & { readonly type: T }) | undefined {
  if (items.length !== 5) return undefined;
  const digest = readDigest(items[3]);
  const signature = readSignature(items[4]);
  if (digest === undefined || signature === undefined) return undefined;
  return { type, height, round, digest, signature } as Message & { readonly type: T };
}

function readRoundChange(items: readonly RlpItem[], height: number, round: number): RoundChange | undefined {
  if (items.length !== 5) return undefined;
  const prepared = readOptional(items[3], readPrepared);
  const signature = readSignature(items[4]);
  if (prepared === undefined || signature === undefined) return undefined;
  return { type: "round-change", height, round, prepared: prepared.value, signature };
}

function writePrepared(prepared: Prepared | undefined): Encodable {
  if (prepared === undefined) return [];
  const { round, value, signatures } = prepared;
  return [integerToBytes(round), hexToBytes(value.digest), value.payload, [...signatures]];
}

function readPrepared(item: RlpItem): Prepared | undefined {
  const items = readList(item, 4);
  const round = readInteger(items?.[0]);
  const digest = readDigest(items?.[1]);
  const payload = readBytes(items?.[2]);
  const signatures = readEach(items?.[3], readSignature);
  if (round === undefined || digest === undefined || payload === undefined || signatures === undefined) {
    return undefined;
  }
  return { round, value: { digest, payload }, signatures };
}

function writeJustification({ roundChanges, certificate }: Justification): Encodable {
  const claims = roundChanges.map(({ prepared, signature }) => [
    prepared === undefined ? [] : [integerToBytes(prepared.round), hexToBytes(prepared.digest)],
    signature,
  ]);
  if (certificate === undefined) return [claims, []];
  const { round, digest, signatures } = certificate;
  return [claims, [integerToBytes(round), hexToBytes(digest), [...signatures]]];
}

function readJustification(item: RlpItem): Justification | undefined {
  const items = readList(item, 2);
  const roundChanges = readEach(items?.[0], readClaim);
  const certificate = readOptional(items?.[1], readCertificate);
  if (roundChanges === undefined || certificate === undefined) return undefined;
  return { roundChanges, certificate: certificate.value };
}

function readClaim(item: RlpItem): RoundChangeClaim | undefined {
  const items = readList(item, 2);
  const prepared = readOptional(items?.[0], (claim) => {
    const fields = readList(claim, 2);
    const round = readInteger(fields?.[0]);
    const digest = readDigest(fields?.[1]);
    return round === undefined || digest === undefined ? undefined : { round, digest };
  });
  const signature = readSignature(items?.[1]);
  if (prepared === undefined || signature === undefined) return undefined;
  return { prepared: prepared.value, signature };
}

function readCertificate(item: RlpItem): PrepareCertificate | undefined {
  const items = readList(item, 3);
  const round = readInteger(items?.[0]);
  const digest = readDigest(items?.[1]);
  const signatures = readEach(items?.[2], readSignature);
  if (round === undefined || digest === undefined || signatures === undefined) return undefined;
  return { round, digest, signatures };
}
