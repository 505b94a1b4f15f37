import { randomBytes } from "node:crypto";
import { bytesToBigint, bytesToHex, concatBytes } from "@sheaf/base";
import { chunkCount, encodeHeader, signedBytes } from "./envelope.ts";
import type { Address, Identity, MailboxLimits, MailboxOptions } from "./mailbox-types.ts";
import type { Outgoing } from "./outbox.ts";
import { inboxTopic, jobTopic } from "./topics.ts";

/** Makes a message that is ready to leave. */
export type Write = (to: Address | "*", job: bigint, kind: string, body: Uint8Array) => Outgoing;

/** Numbers, dates and signs messages [BUS.7]. */
export function createWriter(identity: Identity, options: MailboxOptions, limits: MailboxLimits): Write {
  const epochMs = Math.floor(options.clock.wallMs());
  const epochNonce = options.epochNonce ?? bytesToBigint(randomBytes(8));
  let sequence = 0n;
  return (to, job, kind, body) => {
    const { chunkBytes } = limits;
    const count = chunkCount({ bodyBytes: body.length, chunkBytes });
    const digests = Array.from({ length: count }, (_, index) =>
      options.keccak256(body.subarray(index * chunkBytes, (index + 1) * chunkBytes)),
    );
    const header = encodeHeader({
      scope: options.chainScope,
      from: identity.address,
      to,
      job,
      kind,
      epochMs,
      epochNonce,
      sequence: sequence++,
      // A clock that was set back must not date a message before its epoch.
      sentAtMs: Math.max(epochMs, Math.floor(options.clock.wallMs())),
      bodyBytes: body.length,
      chunkBytes,
      chunkDigests: concatBytes(...digests),
    });
    const digestBytes = options.keccak256(signedBytes(header));
    const topic = to === "*" ? jobTopic(options.chainScope, job) : inboxTopic(options.chainScope, to);
    const signature = identity.sign(digestBytes);
    return {
      to,
      job,
      kind,
      digest: bytesToHex(digestBytes),
      digestBytes,
      topic,
      header,
      signature,
      body,
      chunkBytes,
    };
  };
}
