import { bytesToHex, concatBytes, type Hex } from "@sheaf/base";
import { encodeSubject, type Subject } from "./content.ts";
import {
  chunkCount,
  contextBytes,
  type Envelope,
  encodeHeader,
  type OpenEnvelope,
  type SealedEnvelope,
  signedBytes,
} from "./envelope.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Address, Identity, MailboxLimits, MailboxOptions } from "./mailbox-types.ts";
import { deriveSeal, openContent, SEAL_BYTES, sealContent } from "./seal.ts";
import { inboxTopic, jobTopic } from "./topics.ts";

/** What is to be said to one address. */
export interface Letter extends Subject {
  readonly to: Address;
  readonly body: Uint8Array;
}

/** A signed message, ready to leave. */
export interface Outgoing {
  readonly topic: string;
  readonly digest: Hex;
  readonly digestBytes: Uint8Array;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  /** As it goes over the wire: sealed, when it is for one address. */
  readonly body: Uint8Array;
  readonly chunkBytes: number;
}

/** A letter under its seal. */
export interface SealedLetter extends Outgoing, Subject {
  /** The recipient's key that it is sealed to. */
  readonly key: Uint8Array;
  /** The letter again: who sealed it can open it, so that nothing is held twice. */
  unseal(): Letter;
}

/** Numbers, dates, seals and signs what leaves a mailbox [BUS.7]. */
export interface Writer {
  /** To all of a job, in the open [BUS.14]. */
  toJob(job: bigint, kind: string, body: Uint8Array): Outgoing;
  /** A word from mailbox to mailbox, in the open [BUS.16]; `kind` is one of their own. */
  toMailbox(to: Address, kind: string, body: Uint8Array): Outgoing;
  /** For one address [BUS.17]; `undefined` while no key of it is known. */
  seal(letter: Letter): SealedLetter | undefined;
}

type Draft =
  | Pick<OpenEnvelope, "to" | "job" | "kind" | "bodyBytes">
  | Pick<SealedEnvelope, "to" | "sealedTo" | "bodyBytes">;

export function createWriter(
  identity: Identity,
  keys: KeyRing,
  options: MailboxOptions,
  limits: MailboxLimits,
): Writer {
  const { chainScope, clock, keccak256 } = options;
  const { chunkBytes } = limits;
  const epochMs = Math.floor(clock.wallMs());
  let sequence = 0n;

  /** The envelope but for the digests of its chunks. */
  const begin = (draft: Draft): Envelope => ({
    ...draft,
    scope: chainScope,
    from: identity.address,
    epochMs,
    fromKey: keys.publicKey,
    sequence: sequence++,
    // A clock that was set back must not date a message before its epoch.
    sentAtMs: Math.max(epochMs, Math.floor(clock.wallMs())),
    chunkBytes,
    chunkDigests: new Uint8Array(0),
  });

  function finish(envelope: Envelope, topic: string, body: Uint8Array): Outgoing {
    const digests = Array.from({ length: chunkCount(envelope) }, (_, index) =>
      keccak256(body.subarray(index * chunkBytes, (index + 1) * chunkBytes)),
    );
    const header = encodeHeader({ ...envelope, chunkDigests: concatBytes(...digests) });
    const digestBytes = keccak256(signedBytes(header));
    const signature = identity.sign(digestBytes);
    return { topic, digest: bytesToHex(digestBytes), digestBytes, header, signature, body, chunkBytes };
  }

  return {
    toJob(job, kind, body) {
      const envelope = begin({ to: "*", job, kind, bodyBytes: body.length });
      return finish(envelope, jobTopic(chainScope, job), body);
    },
    toMailbox(to, kind, body) {
      const envelope = begin({ to, job: 0n, kind, bodyBytes: body.length });
      return finish(envelope, inboxTopic(chainScope, to), body);
    },
    seal({ to, job, kind, body }) {
      const peer = keys.peer(to);
      if (peer === undefined) return undefined;
      const subject = encodeSubject({ job, kind });
      const bodyBytes = body.length + subject.length + SEAL_BYTES;
      const envelope = begin({ to, sealedTo: peer.key, bodyBytes });
      const seal = deriveSeal(peer.agreed, keccak256(contextBytes(envelope)));
      const sealed = sealContent(seal, body, subject);
      return {
        ...finish(envelope, inboxTopic(chainScope, to), sealed),
        job,
        kind,
        key: peer.key,
        unseal() {
          const content = openContent(seal, sealed) as Uint8Array;
          return { to, job, kind, body: content.subarray(0, content.length - subject.length) };
        },
      };
    },
  };
}
