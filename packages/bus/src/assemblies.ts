import { asBuffer, bytesEqual, type Cancel, type Clock, concatBytes, type Hex } from "@sheaf/base";
import { chunkCount, type Envelope } from "./envelope.ts";
import type { Address, MailboxLimits, RejectionCode } from "./mailbox-types.ts";
import type { Seen } from "./replay-window.ts";

/** A chunked message whose envelope was verified, and the chunks of it that have come [BUS.8]. */
export interface Assembly {
  readonly envelope: Envelope;
  readonly digest: Hex;
  readonly seen: Seen;
  readonly topic: string;
  /** Makes the message unknown again, so that it can be sent anew. */
  forget(): void;
}

export interface Assemblies {
  /** Makes room for a message; `false` when the sender's share or the whole is taken. */
  open(assembly: Assembly): boolean;
  /** Takes a chunk. The body when it was the last one. */
  add(digest: Hex, index: number, bytes: Uint8Array, topic: string): Uint8Array | RejectionCode | undefined;
  get(digest: Hex): Assembly | undefined;
  /** Indices of the chunks that have not come. */
  missing(digest: Hex): readonly number[];
  drop(digest: Hex): void;
  close(): void;
}

interface Entry extends Assembly {
  readonly chunks: (Uint8Array | undefined)[];
  left: number;
  expire: Cancel;
}

interface AssemblyPorts {
  readonly clock: Clock;
  keccak256(bytes: Uint8Array): Uint8Array;
  onExpired(assembly: Assembly): void;
}

export function createAssemblies(limits: MailboxLimits, ports: AssemblyPorts): Assemblies {
  const entries = new Map<Hex, Entry>();
  const shares = new Map<Address, { bytes: number; count: number }>();
  let totalBytes = 0;

  function charge({ envelope }: Assembly, sign: 1 | -1): void {
    const share = shares.get(envelope.from) ?? { bytes: 0, count: 0 };
    share.bytes += sign * envelope.bodyBytes;
    share.count += sign;
    totalBytes += sign * envelope.bodyBytes;
    if (share.count === 0) shares.delete(envelope.from);
    else shares.set(envelope.from, share);
  }

  function fits({ from, bodyBytes }: Envelope): boolean {
    const share = shares.get(from) ?? { bytes: 0, count: 0 };
    return (
      share.count < limits.assembliesPerSender &&
      share.bytes + bodyBytes <= limits.assemblyBytesPerSender &&
      totalBytes + bodyBytes <= limits.assemblyBytes
    );
  }

  function drop(digest: Hex): void {
    const entry = entries.get(digest);
    if (entry === undefined) return;
    entry.expire();
    entries.delete(digest);
    charge(entry, -1);
  }

  const expireLater = (entry: Assembly): Cancel =>
    ports.clock.schedule(limits.assemblyMs, () => {
      drop(entry.digest);
      ports.onExpired(entry);
    });

  return {
    open(assembly) {
      if (!fits(assembly.envelope)) return false;
      const left = chunkCount(assembly.envelope);
      const chunks = new Array<Uint8Array | undefined>(left).fill(undefined);
      entries.set(assembly.digest, { ...assembly, chunks, left, expire: expireLater(assembly) });
      charge(assembly, 1);
      return true;
    },
    add(digest, index, bytes, topic) {
      const entry = entries.get(digest);
      if (entry === undefined || entry.topic !== topic) return "UNKNOWN_CHUNK";
      if (!isChunk(entry.envelope, index, bytes, ports.keccak256)) return "CHUNK_MISMATCH";
      entry.seen.wireBytes += 35 + bytes.length;
      if (entry.chunks[index] !== undefined) return undefined;
      // A view would keep the whole packet that it came in.
      entry.chunks[index] = new Uint8Array(bytes);
      entry.left -= 1;
      entry.expire();
      if (entry.left > 0) {
        entry.expire = expireLater(entry);
        return undefined;
      }
      drop(digest);
      return concatBytes(...entry.chunks.filter((chunk) => chunk !== undefined));
    },
    get: (digest) => entries.get(digest),
    missing(digest) {
      const chunks = entries.get(digest)?.chunks ?? [];
      return [...chunks.keys()].filter((index) => chunks[index] === undefined);
    },
    drop,
    close() {
      for (const digest of [...entries.keys()]) drop(digest);
    },
  };
}

/** Whether these bytes are the chunk that the sender signed. */
export function isChunk(
  envelope: Envelope,
  index: number,
  bytes: Uint8Array,
  keccak256: (bytes: Uint8Array) => Uint8Array,
): boolean {
  const start = index * envelope.chunkBytes;
  const length = Math.min(envelope.chunkBytes, envelope.bodyBytes - start);
  if (index >= chunkCount(envelope) || bytes.length !== length) return false;
  return bytesEqual(keccak256(bytes), asBuffer(envelope.chunkDigests).subarray(32 * index, 32 * index + 32));
}
