import { type ArmRecord, armLabel } from "@sheaf/measure";
import type { Block } from "../page/block.ts";
import { noticeBlock, tableBlock } from "../page/content-blocks.ts";
import { formatCount, formatMs, plural } from "../page/format.ts";
import type { TextTable } from "../page/text-table.ts";
import type { RunView } from "./run-view.ts";

/** The result of each arm's state check in one line; `ok` is undefined when there was none. */
export function stateCheckLine(arm: ArmRecord): { readonly ok: boolean | undefined; readonly text: string } {
  const { stateCheck } = arm;
  if (stateCheck === null)
    return { ok: undefined, text: `${armLabel(arm)}: the final state was not checked` };
  const { ok, checked, description } = stateCheck;
  const verdict = ok ? "as expected" : "not as expected";
  return { ok, text: `${armLabel(arm)}: ${verdict} (${plural(checked, "value")} compared: ${description})` };
}

/** State checks, and tables of rejections, faults and repairs where there were any. */
export function checkBlocks(view: RunView): readonly Block[] {
  const checks = view.record.arms.map((arm) => {
    const { ok, text } = stateCheckLine(arm);
    const tone = ok === undefined ? "warning" : ok ? "good" : "alert";
    return noticeBlock(tone, `Final state, ${text}`, arm.stateCheck?.mismatches ?? []);
  });
  const tables = [rejectionTable(view), faultTable(view), repairTable(view)].filter(
    ({ rows }) => rows.length > 0,
  );
  return [...checks, ...tables.map((table) => tableBlock(table))];
}

function rejectionTable({ record, analysis }: RunView): TextTable {
  return {
    caption: "Rejected transactions",
    columns: [
      { title: "Arm" },
      { title: "Code" },
      { title: "Message" },
      { title: "Transactions", numeric: true },
    ],
    rows: analysis.arms.flatMap((arm, index) =>
      arm.audit.rejections.map(({ code, message, count }) => [
        nameAt(record.arms, index),
        String(code),
        message,
        formatCount(count),
      ]),
    ),
  };
}

/** The faults that were injected; empty when there were none. */
export function faultTable({ record }: RunView): TextTable {
  return {
    caption: "Faults injected",
    columns: [
      { title: "Arm" },
      { title: "Fault" },
      { title: "From", numeric: true },
      { title: "To", numeric: true },
      { title: "What was done" },
    ],
    rows: record.arms.flatMap((arm) =>
      arm.faults.map((fault) => [
        armLabel(arm),
        fault.kind,
        formatMs(fault.startMs),
        fault.endMs === null ? "end" : formatMs(fault.endMs),
        fault.description,
      ]),
    ),
  };
}

function repairTable({ record }: RunView): TextTable {
  return {
    caption: "Nonce gaps repaired",
    columns: [
      { title: "Arm" },
      { title: "Chain", numeric: true },
      { title: "Sender", numeric: true },
      { title: "Nonce", numeric: true },
      { title: "At", numeric: true },
      { title: "Sent again", numeric: true },
    ],
    rows: record.arms.flatMap((arm) =>
      arm.nonceRepairs.map((repair) => [
        armLabel(arm),
        String(repair.chain),
        String(repair.sender),
        String(repair.nonce),
        formatMs(repair.timeMs),
        formatCount(repair.resent),
      ]),
    ),
  };
}

function nameAt(arms: readonly ArmRecord[], index: number): string {
  const arm = arms[index];
  return arm === undefined ? "" : armLabel(arm);
}
