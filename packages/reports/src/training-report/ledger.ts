import type { ConservationEquation, Trade } from "@sheaf/measure";
import { formatCount, formatMs } from "../page/format.ts";
import { exactAmount, shortHash } from "../page/money.ts";
import { type Part, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import type { JobView, TrainingView } from "./training-view.ts";

/** What stands on chain: the trades, where they stand, and that no unit was made or lost. */
export function ledgerSection(view: TrainingView): ReportSection {
  return {
    id: "ledger",
    title: "Trades",
    lead: "The way of the money over the chain. Every trade is a row of the market contract that anybody licensed can read.",
    parts: [
      ...conservationParts(view),
      ...view.jobs.flatMap((own) => [
        ...tablePart(stepTable(own)),
        ...tablePart(tradeTable(view, own)),
        ...tablePart(transactionTable(own), { folded: true }),
      ]),
    ],
  };
}

/** The equation of a check in one line: "price 100 = to owners 90 + to the analyst 10 + back to the consumer 0". */
export function equationText({ record }: TrainingView, { left, right, holds }: ConservationEquation): string {
  const term = ({ label, amount }: ConservationEquation["left"]): string =>
    `${label} ${exactAmount(amount, record.currency)}`;
  return `${term(left)} ${holds ? "=" : "≠"} ${right.map(term).join(" + ")}`;
}

function conservationParts(view: TrainingView): readonly Part[] {
  const { conserved } = view.summary;
  return [
    {
      kind: "notice",
      tone: conserved ? "good" : "alert",
      title: conserved
        ? `Value is conserved, to the last unit (in ${view.record.currency.symbol})`
        : "Value is not known to be conserved",
      lines: view.analysis.conservation.map((own) => `${own.subject}: ${equationText(view, own)}`),
    },
  ];
}

function stepTable({ job, of }: JobView): TextTable {
  return {
    caption: `The job's way over the chain${of}`,
    columns: [
      { title: "Event" },
      { title: "By" },
      ...numeric("Block", "Seen at", "Gas"),
      { title: "Transaction" },
    ],
    rows: job.steps.map(({ event, agent, transaction, timeMs }) => [
      event,
      agent,
      formatCount(transaction.block),
      formatMs(timeMs),
      transaction.gasUsed === null ? "" : formatCount(transaction.gasUsed),
      shortHash(transaction.hash),
    ]),
  };
}

const tradeNames: Readonly<Record<Trade["kind"], string>> = {
  "owner-analyst": "owner to analyst",
  "analyst-consumer": "analyst to consumer",
};

function tradeTable({ record, label }: TrainingView, { job, of }: JobView): TextTable {
  return {
    caption: `Trades${of}`,
    columns: [
      { title: "Trade" },
      { title: "Kind" },
      { title: "Seller" },
      { title: "Buyer" },
      ...numeric(record.currency.symbol, "Block"),
      { title: "Transaction" },
    ],
    rows: job.trades.map(({ id, kind, seller, buyer, amount, transaction }) => [
      `#${id}`,
      tradeNames[kind],
      label(seller),
      label(buyer),
      exactAmount(amount, record.currency),
      formatCount(transaction.block),
      shortHash(transaction.hash),
    ]),
  };
}

/** Steps, rounds and payments: each transaction once, by block. */
function transactionTable({ job, of }: JobView): TextTable {
  const all = [
    ...job.steps.map(({ event, transaction }) => [event, transaction] as const),
    ...job.rounds.flatMap(({ round, transactions: { open, close } }) => [
      [`round ${round} opened`, open] as const,
      [`round ${round} closed`, close] as const,
    ]),
    ...job.disputes.flatMap(({ votes }) => votes.map(({ transaction }) => ["vote", transaction] as const)),
    ...job.payments.map(({ transaction }) => ["payment", transaction] as const),
    ...job.trades.map(({ transaction }) => ["trade", transaction] as const),
  ];
  const seen = new Map(
    all.toReversed().map(([what, transaction]) => [transaction.hash, { what, transaction }]),
  );
  return {
    caption: `Transactions with their whole hashes${of}`,
    columns: [{ title: "What" }, ...numeric("Block", "Gas"), { title: "Hash" }],
    rows: [...seen.values()]
      .sort((a, b) => a.transaction.block - b.transaction.block)
      .map(({ what, transaction }) => [
        what,
        formatCount(transaction.block),
        transaction.gasUsed === null ? "" : formatCount(transaction.gasUsed),
        transaction.hash,
      ]),
  };
}
