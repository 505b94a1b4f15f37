import type { Hex } from "@sheaf/base";
import { createAssemblies } from "./assemblies.ts";
import { decodeContent } from "./content.ts";
import { chunkCount, contextBytes, type Envelope, type SealedEnvelope } from "./envelope.ts";
import { type ChunkFrame, decodeFrame, type EnvelopeFrame } from "./frames.ts";
import { HELLO_KIND } from "./key-requests.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Address, MailboxLimits, MailboxOptions, Message, Rejected } from "./mailbox-types.ts";
import { decodeReceipt, RECEIPT_KIND, type Receipt } from "./receipt.ts";
import { createReplayWindow, type Seen } from "./replay-window.ts";
import { deriveSeal, openContent } from "./seal.ts";
import { type Verdict, verifyEnvelope } from "./verify.ts";

type New = Extract<Verdict, { verdict: "new" }>;

export interface ReceiverPorts {
  reject(rejected: Rejected): void;
  deliver(message: Message): Promise<void>;
  receipt(from: Address, digest: Hex, missing: readonly number[]): void;
  onReceipt(receipt: Receipt, from: Address): void;
  /** The address has shown its first key, or another one [BUS.16]. */
  onKey(from: Address): void;
}

/** Takes what comes over the bus. */
export interface Receiver {
  frame(payload: Uint8Array, topic: string): void;
  close(): void;
}

/** Verifies frames, puts bodies together and opens them, delivers each message once and answers with receipts. */
export function createReceiver(
  self: Address,
  keys: KeyRing,
  options: MailboxOptions,
  limits: MailboxLimits,
  ports: ReceiverPorts,
): Receiver {
  const { keccak256, clock } = options;
  const { publicKey } = keys;
  const window = createReplayWindow(limits.window, (seen) => assemblies.drop(seen.digest));
  const assemblies = createAssemblies(limits, {
    clock,
    keccak256,
    onExpired(assembly) {
      assembly.forget();
      ports.reject({ code: "ASSEMBLY_EXPIRED", from: assembly.envelope.from });
    },
  });

  /** Gives the message to the listener; the receipt follows what the listener does with it [BUS.13]. */
  function complete(envelope: Envelope, seen: Seen, body: Uint8Array, forget: () => void): void {
    if (envelope.kind === HELLO_KIND || envelope.kind === RECEIPT_KIND) {
      seen.state = "delivered";
      if (envelope.kind === HELLO_KIND) answer(envelope, seen);
      else takeReceipt(envelope.from, body);
      return;
    }
    const content = envelope.sealedTo === undefined ? { ...envelope, body } : open(envelope, body);
    if (content === undefined) {
      seen.state = "refused";
      ports.reject({ code: "BAD_SEAL", from: envelope.from });
      return;
    }
    seen.state = "processing";
    const { from, to, sequence, sentAtMs } = envelope;
    const { digest, wireBytes } = seen;
    const message = { from, to, job: content.job, kind: content.kind, body: content.body };
    ports.deliver({ ...message, digest, sequence, sentAtMs, wireBytes }).then(() => {
      seen.state = "delivered";
      answer(envelope, seen);
    }, forget);
  }

  /** What is under the seal [BUS.17]. */
  function open(envelope: SealedEnvelope, sealed: Uint8Array) {
    const peer = keys.peer(envelope.from);
    if (peer === undefined) return undefined;
    const content = openContent(deriveSeal(peer.agreed, keccak256(contextBytes(envelope))), sealed);
    return content && decodeContent(content);
  }

  function takeReceipt(from: Address, body: Uint8Array): void {
    const receipt = decodeReceipt(body);
    if (receipt === undefined) ports.reject({ code: "MALFORMED", from });
    else ports.onReceipt(receipt, from);
  }

  function answer(envelope: Envelope, seen: Seen): void {
    if (envelope.to === "*" || envelope.kind === RECEIPT_KIND) return;
    if (seen.state === "processing" || seen.state === "refused") return;
    ports.receipt(envelope.from, seen.digest, assemblies.missing(seen.digest));
  }

  function takeEnvelope(frame: EnvelopeFrame, frameBytes: number, topic: string): void {
    const result = verifyEnvelope(frame, topic, { self, publicKey, options, limits, window });
    if (result.verdict === "rejected") {
      ports.reject(result.rejected);
    } else if (result.verdict === "repeat") {
      result.seen.wireBytes += frameBytes;
      answer(result.envelope, result.seen);
    } else if (result.verdict === "wrong-key") {
      const { envelope, digest } = result;
      ports.reject({ code: "WRONG_KEY", from: envelope.from });
      ports.receipt(envelope.from, digest, [...Array(chunkCount(envelope)).keys()]);
    } else if (result.verdict === "new") {
      takeNew(frame, frameBytes, topic, result);
    }
  }

  function takeNew(frame: EnvelopeFrame, frameBytes: number, topic: string, { envelope, digest }: New): void {
    const learnt = keys.learn(envelope.from, envelope.fromKey);
    if (learnt === "unusable") {
      ports.reject({ code: "BAD_KEY", from: envelope.from });
      return;
    }
    const seen: Seen = { digest, state: "assembling", wireBytes: frameBytes };
    const { forget } = window.admit(envelope, seen);
    if (learnt === "changed") ports.onKey(envelope.from);
    if (chunkCount(envelope) === 1) {
      complete(envelope, seen, new Uint8Array(frame.body), forget);
    } else if (!assemblies.open({ envelope, digest, seen, topic, forget })) {
      forget();
      ports.reject({ code: "ASSEMBLY_FULL", from: envelope.from });
    } else if (frame.repeated) {
      answer(envelope, seen);
    }
  }

  function takeChunk(frame: ChunkFrame, topic: string): void {
    const assembly = assemblies.get(frame.digest);
    const outcome = assemblies.add(frame.digest, frame.index, frame.bytes, topic);
    if (typeof outcome === "string") {
      const from = assembly?.envelope.from;
      ports.reject(from === undefined ? { code: outcome } : { code: outcome, from });
    } else if (outcome !== undefined && assembly !== undefined) {
      complete(assembly.envelope, assembly.seen, outcome, assembly.forget);
    }
  }

  return {
    frame(payload: Uint8Array, topic: string): void {
      const frame = decodeFrame(payload);
      if (frame === undefined) ports.reject({ code: "MALFORMED" });
      else if (frame.type === "chunk") takeChunk(frame, topic);
      else takeEnvelope(frame, payload.length, topic);
    },
    close: assemblies.close,
  };
}
