import type { Hex } from "@sheaf/base";
import { createAssemblies } from "./assemblies.ts";
import { chunkCount, type Envelope } from "./envelope.ts";
import { type ChunkFrame, decodeFrame, type EnvelopeFrame } from "./frames.ts";
import type { Address, MailboxLimits, MailboxOptions, Message, Rejected } from "./mailbox-types.ts";
import { decodeReceipt, RECEIPT_KIND, type Receipt } from "./receipt.ts";
import { createReplayWindow, type Seen } from "./replay-window.ts";
import { type Verdict, verifyEnvelope } from "./verify.ts";

type New = Extract<Verdict, { verdict: "new" }>;

export interface ReceiverPorts {
  reject(rejected: Rejected): void;
  deliver(message: Message): Promise<void>;
  receipt(from: Address, job: bigint, digest: Hex, missing: readonly number[]): void;
  onReceipt(receipt: Receipt, from: Address): void;
}

/** Takes what comes over the bus. */
export interface Receiver {
  frame(payload: Uint8Array, topic: string): void;
  close(): void;
}

/** Verifies frames, puts bodies together, delivers each message once and answers with receipts. */
export function createReceiver(
  self: Address,
  options: MailboxOptions,
  limits: MailboxLimits,
  ports: ReceiverPorts,
) {
  const { keccak256, clock } = options;
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
    if (envelope.kind === RECEIPT_KIND) {
      seen.state = "delivered";
      const receipt = decodeReceipt(body);
      if (receipt === undefined) ports.reject({ code: "MALFORMED", from: envelope.from });
      else ports.onReceipt(receipt, envelope.from);
      return;
    }
    seen.state = "processing";
    const { from, to, job, kind, sequence, sentAtMs } = envelope;
    const { digest, wireBytes } = seen;
    ports.deliver({ from, to, job, kind, body, digest, sequence, sentAtMs, wireBytes }).then(() => {
      seen.state = "delivered";
      answer(envelope, seen);
    }, forget);
  }

  function answer(envelope: Envelope, seen: Seen): void {
    if (envelope.to === "*" || envelope.kind === RECEIPT_KIND || seen.state === "processing") return;
    ports.receipt(envelope.from, envelope.job, seen.digest, assemblies.missing(seen.digest));
  }

  function takeEnvelope(frame: EnvelopeFrame, frameBytes: number, topic: string): void {
    const result = verifyEnvelope(frame, topic, { self, options, limits, window });
    if (result.verdict === "rejected") {
      ports.reject(result.rejected);
    } else if (result.verdict === "repeat") {
      result.seen.wireBytes += frameBytes;
      answer(result.envelope, result.seen);
    } else if (result.verdict === "new") {
      takeNew(frame, frameBytes, topic, result);
    }
  }

  function takeNew(frame: EnvelopeFrame, frameBytes: number, topic: string, { envelope, digest }: New): void {
    const seen: Seen = { digest, state: "assembling", wireBytes: frameBytes };
    const { forget } = window.admit(envelope, seen);
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
