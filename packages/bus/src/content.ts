import { bigintToBytes, bytesToBigint, concatBytes, utf8 } from "@sheaf/base";
import { isOwnKind, KIND, MAX_JOB_BYTES, MAX_KIND_BYTES } from "./envelope.ts";
import { SEAL_BYTES } from "./seal.ts";

/** What a message is about; under the seal when it has one. */
export interface Subject {
  readonly job: bigint;
  readonly kind: string;
}

/** A sealed body is longer than the body by no more than this. */
export const MAX_SEALING_BYTES = MAX_JOB_BYTES + MAX_KIND_BYTES + 2 + SEAL_BYTES;

/** What follows the body under the seal [BUS.17]: job (big-endian), kind, and the length of each in a byte. */
export function encodeSubject({ job, kind }: Subject): Uint8Array {
  const [jobBytes, kindBytes] = [bigintToBytes(job), utf8(kind)];
  return concatBytes(jobBytes, kindBytes, Uint8Array.of(jobBytes.length, kindBytes.length));
}

/** Body, as a view, and subject of a content that was opened; `undefined` when it has none. */
export function decodeContent(content: Uint8Array): (Subject & { readonly body: Uint8Array }) | undefined {
  const lengths = content.length - 2;
  if (lengths < 0) return undefined;
  const kindStart = lengths - (content[lengths + 1] as number);
  const jobStart = kindStart - (content[lengths] as number);
  if (jobStart < 0 || kindStart - jobStart > MAX_JOB_BYTES) return undefined;
  const kind = Buffer.from(content.subarray(kindStart, lengths)).toString("latin1");
  if (!KIND.test(kind) || isOwnKind(kind)) return undefined;
  return {
    job: bytesToBigint(content.subarray(jobStart, kindStart)),
    kind,
    body: content.subarray(0, jobStart),
  };
}
