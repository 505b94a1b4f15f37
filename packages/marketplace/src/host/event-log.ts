import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Clock, Hex, Millis } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { AgentEvent } from "../agents/events.ts";
import type { ComputeRequest } from "../agents/ports.ts";
import type { MarketCall } from "../chain/types.ts";

/** What the host adds to the events of its agent. */
export type HostEvent =
  | { readonly kind: "host-start"; readonly role: string; readonly name: string; readonly address: Address }
  /** `bytes` are those of all frames; `peer` is who sent or who is to receive, `*` for all of a job. */
  | {
      readonly kind: "sent" | "received";
      readonly job: bigint;
      readonly message: string;
      /** Of messages that belong to a round. */
      readonly round?: number;
      readonly attempt?: number;
      readonly bytes: number;
      readonly peer: Address | "*";
    }
  /** The mailbox refused a frame, or gave a message up [BUS.9] [BUS.12]. */
  | { readonly kind: "refused"; readonly code: string; readonly peer: Address | undefined }
  | {
      readonly kind: "undelivered";
      readonly job: bigint;
      readonly message: string;
      readonly code: string;
      readonly peer: Address | "*";
    }
  | {
      readonly kind: "transacted";
      readonly job: bigint;
      readonly method: MarketCall["method"];
      readonly hash: Hex;
      readonly block: number;
    }
  | {
      readonly kind: "transaction-failed";
      readonly job: bigint;
      readonly method: MarketCall["method"];
      readonly code: string;
    }
  | {
      readonly kind: "compute";
      readonly work: ComputeRequest["kind"];
      readonly ms: Millis;
      readonly code?: string;
    }
  /** A connection was lost or is back. */
  | { readonly kind: "link"; readonly link: "bus" | "chain"; readonly up: boolean }
  | { readonly kind: "host-end"; readonly busBytes: { readonly sent: number; readonly received: number } };

/** `events.jsonl`: one event a line, as it happened; `at` is wall time, `mono` the process's monotonic clock. */
export interface EventLog {
  /** Written at once; `agoMs`: when it happened. */
  record(event: AgentEvent | HostEvent, agoMs?: Millis): void;
  close(): void;
}

/** Opens the file to append; half a line that a killed process left is removed. */
export function openEventLog(path: string, clock: Clock): EventLog {
  const file = openSync(path, "a+");
  const content = readFileSync(path);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end < content.length) ftruncateSync(file, end);
  let open = true;
  return {
    record(event, agoMs = 0) {
      if (!open) return;
      const at = Math.round(clock.wallMs() - agoMs);
      const line = { at, mono: Math.round((clock.now() - agoMs) * 1000) / 1000, ...event };
      writeSync(file, `${JSON.stringify(line, plainValue)}\n`);
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** Big integers as decimal digits, bytes as hexadecimal. */
function plainValue(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
