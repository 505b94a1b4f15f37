import type { Hex } from "@sheaf/base";
import type { Message, Output, Prepared, VoteRecord } from "../../src/index.ts";

/* One-line descriptions for traces. */

export function messageSummary(message: Message): string {
  const slot = `${message.type} ${message.height}/${message.round}`;
  switch (message.type) {
    case "pre-prepare": {
      const claims = message.justification?.roundChanges.map(({ prepared }) => prepared?.round ?? "-");
      return `${slot} ${short(message.value.digest)}${claims === undefined ? "" : ` because ${claims.join(",")}`}`;
    }
    case "prepare":
    case "commit":
      return `${slot} ${short(message.digest)}`;
    case "round-change":
      return `${slot} ${preparedSummary(message.prepared)}`;
  }
}

export function outputSummary(output: Output): string {
  switch (output.type) {
    case "broadcast":
      return `sends ${messageSummary(output.message)}`;
    case "persist":
      return `persists ${recordSummary(output.record)}`;
    case "validate":
      return `validates ${short(output.value.digest)}`;
    case "commit":
      return `DECIDES ${output.height}/${output.round} ${short(output.value.digest)}`;
    case "schedule-timeout":
      return `waits ${Math.round(output.delayMs)} ms in ${output.height}/${output.round}`;
    case "ignored":
    case "rejected":
      return `${output.type} ${output.code} of ${output.sender?.slice(-2)}`;
    case "behind":
      return `behind ${output.height}`;
    default:
      return output.type;
  }
}

export function recordSummary(record: VoteRecord | undefined): string {
  if (record === undefined) return "nothing";
  const { height, round, accepted, prepared } = record;
  return `${height}/${round} accepted ${short(accepted)} prepared ${preparedSummary(prepared)}`;
}

function preparedSummary(prepared: Prepared | undefined): string {
  return prepared === undefined ? "-" : `${short(prepared.value.digest)}@${prepared.round}`;
}

function short(digest: Hex | undefined): string {
  return digest === undefined ? "-" : `v${Number.parseInt(digest.slice(-6), 16)}`;
}
