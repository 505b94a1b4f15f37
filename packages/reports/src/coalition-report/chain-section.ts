import { type ChainAnalysis, type CoalitionChain, significance } from "@sheaf/measure";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { formatCount, plural } from "../page/format.ts";
import { exactAmount, shortFigure, shortHash } from "../page/money.ts";
import { chartsPart, type Part, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import { meaningOfP } from "./answer.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { formatP } from "./utility-format.ts";

/** A run with a chain. */
interface OnChain {
  readonly view: CoalitionView;
  readonly chain: CoalitionChain;
  readonly analysis: ChainAnalysis;
}

/** What weights predict of blocks and rewards, and what a real chain gave; `null` without one. */
export function chainSection(view: CoalitionView): ReportSection | null {
  const { chain } = view.record;
  const { chain: analysis } = view.analysis;
  if (chain === null || analysis === null) return null;
  const own: OnChain = { view, chain, analysis };
  return {
    id: "chain",
    title: "On a real chain",
    lead: `The miners as ${plural(chain.validators, "validator")} of a chain whose proposers are drawn, in each epoch of ${plural(chain.epochBlocks, "block")}, by what coalitions hold together; a contract divides each reward.`,
    parts: [
      fitNotice(own),
      ...chartsPart(blockChart(own), rewardChart(own)),
      ...tablePart(coalitionTable(own)),
      ...tablePart(minerTable(own), { folded: chain.miners.length > 16 }),
      ...tablePart(eventTable(own)),
      conservationNotice(own),
      ...tablePart(epochTable(own), { folded: true }),
    ],
  };
}

/** [CRECORD.6] Where the contract's shares were compared with the game's own: a difference would be a problem of the run. */
function gameLine(epochs: readonly number[]): string {
  if (epochs.length === 0)
    return "In no epoch were coalitions, data and reputations those of the game: its own shares were not compared.";
  const named = `${epochs.length === 1 ? "epoch" : "epochs"} ${epochs.join(", ")}`;
  return `In ${named}, coalitions, data and reputations were those of the game: there its own shares were compared, and a difference would make the run invalid.`;
}

function fitNotice({ analysis, chain }: OnChain): Part {
  const { fit, blocks, laterRoundBlocks, settings } = analysis;
  const holds = fit.p !== null && fit.p >= significance;
  return {
    kind: "notice",
    tone: fit.p === null ? "warning" : holds ? "good" : "alert",
    title:
      fit.p === null
        ? "Blocks were not tested against the predicted shares"
        : `Blocks ${holds ? "agree" : "do not agree"} with the predicted shares: chi-square ${fit.statistic.toFixed(2)}, ${plural(fit.degrees, "degree")} of freedom, ${formatP(fit.p)}`,
    lines: [
      meaningOfP(fit.p),
      `Tested: ${plural(blocks - laterRoundBlocks, "block")} decided in the first round, in ${plural(settings, "set")} of epochs with the same coalitions, against the weights that the contract computed from what miners recorded.`,
      gameLine(chain.epochsAsInGame),
      ...(fit.pooled === 0
        ? []
        : [
            `${plural(fit.pooled, "coalition")} expected fewer than 5 blocks, or were needed to reach 5, and share a cell.`,
          ]),
      ...(fit.impossible === 0
        ? []
        : [
            `${plural(fit.impossible, "block")} went to a coalition whose share is 0: that cannot happen by chance.`,
          ]),
    ],
  };
}

/** Coalitions of several epochs in one row: their names are those of the final partition where they are in it. */
function blockChart({ view, analysis }: OnChain): ChartSpec | null {
  const rows = analysis.coalitions;
  if (rows.length === 0 || rows.length > 60) return null;
  return {
    id: "blocks-by-coalition",
    title: "Blocks won by each coalition",
    description: "Bars: blocks won. Dots: what the shares predict; whiskers: where 95 of 100 runs would lie.",
    x: { label: "Coalition", format: "count", names: rows.map(({ members }) => placeName(view, members)) },
    y: { label: "Blocks", format: "count" },
    series: [
      {
        label: "won",
        color: "c1",
        style: "bar",
        points: rows.map(({ blocksWon }, i) => [i, blocksWon] as const),
      },
      {
        label: "predicted",
        color: "c2",
        style: "points",
        points: rows.map(({ expectedBlocks }, i) => [i, compact(expectedBlocks)] as const),
        interval: rows.map((row, i) => [i, ...chanceRange(row)] as const),
      },
    ],
  };
}

/** Mean and 1.96 standard deviations of a binomial count, as far as it can go. */
function chanceRange(row: ChainAnalysis["coalitions"][number]): readonly [number, number] {
  const { expectedBlocks: mean, possibleBlocks } = row;
  const spread = 1.96 * Math.sqrt(mean * (1 - mean / possibleBlocks));
  return [compact(Math.max(0, mean - spread)), compact(Math.min(possibleBlocks, mean + spread))];
}

function placeName(view: CoalitionView, members: readonly number[]): string {
  const name = view.name(members);
  if (name.length <= 20) return name;
  return `${view.id(members[0] as number)} + ${members.length - 1}`;
}

function rewardChart({ view, chain, analysis }: OnChain): ChartSpec | null {
  const rows = analysis.miners;
  if (rows.length === 0 || rows.length > 60) return null;
  const units = (amount: number): number => compact(amount / 10 ** chain.currency.decimals);
  return {
    id: "rewards-by-miner",
    title: "Reward of each miner",
    description: "Bars: credited by the contract. Dots: what the weights predict for as many blocks.",
    x: { label: "Miner", format: "count", names: rows.map(({ miner }) => view.id(miner)) },
    y: { label: chain.currency.symbol, format: "number" },
    series: [
      {
        label: "credited",
        color: "c1",
        style: "bar",
        points: rows.map(({ reward }, i) => [i, units(Number(reward))] as const),
      },
      {
        label: "predicted",
        color: "c2",
        style: "points",
        points: rows.map(({ expectedReward }, i) => [i, units(expectedReward)] as const),
      },
    ],
  };
}

function coalitionTable({ view, chain, analysis }: OnChain): TextTable {
  const { symbol } = chain.currency;
  return {
    caption: "Coalitions: predicted and observed",
    columns: [
      { title: "Coalition" },
      ...numeric("Epochs", "Blocks predicted", "Blocks won", `Predicted, ${symbol}`, `Credited, ${symbol}`),
      { title: "Members" },
    ],
    rows: analysis.coalitions.map((row) => [
      placeName(view, row.members),
      formatCount(row.epochs),
      row.expectedBlocks.toFixed(1),
      formatCount(row.blocksWon),
      expectedAmount(row.expectedReward, chain),
      exactAmount(row.reward, chain.currency),
      view.group(row.members),
    ]),
  };
}

function minerTable({ view, chain, analysis }: OnChain): TextTable {
  const { symbol } = chain.currency;
  return {
    caption: "Miners: predicted and observed",
    columns: [
      { title: "Miner" },
      ...numeric("Blocks predicted", "Blocks proposed", `Predicted, ${symbol}`, `Credited, ${symbol}`),
      { title: "Address" },
    ],
    rows: analysis.miners.map((row) => [
      view.id(row.miner),
      row.expectedBlocks.toFixed(1),
      formatCount(row.blocksWon),
      expectedAmount(row.expectedReward, chain),
      exactAmount(row.reward, chain.currency),
      shortHash(row.address),
    ]),
  };
}

/** An expectation has no exact last unit. */
function expectedAmount(amount: number, { currency }: CoalitionChain): string {
  return shortFigure(BigInt(Math.round(amount)), currency);
}

function eventTable({ view, chain }: OnChain): TextTable {
  return {
    caption: "Who left, who cheated, and what became of it",
    columns: [
      { title: "Event" },
      { title: "Miner" },
      ...numeric("Epoch", "Block"),
      { title: "What happened" },
      { title: "Transaction" },
    ],
    rows: chain.events.map(({ kind, miner, epoch, block, detail, transactionHash }) => [
      kind,
      miner === null ? "" : view.id(miner),
      formatCount(epoch),
      formatCount(block),
      detail,
      transactionHash === null ? "" : shortHash(transactionHash),
    ]),
  };
}

/** [CRECORD.7] Every equation, the broken ones as broken. */
function conservationNotice({ chain, analysis }: OnChain): Part {
  const holds = analysis.equations.every((own) => own.holds);
  const { currency, books, agreement } = chain;
  return {
    kind: "notice",
    tone: holds && agreement.holds ? "good" : "alert",
    title: `${holds ? `Value is conserved, to the last unit (in ${currency.symbol})` : "Value is not conserved"}; validators ${agreement.holds ? "agree" : "do not agree"}`,
    lines: [
      ...analysis.equations.map(({ subject, left, right, holds: isRight }) => {
        const term = ({ label, amount }: typeof left): string => `${label} ${exactAmount(amount, currency)}`;
        return `${subject}: ${term(left)} ${isRight ? "=" : "≠"} ${right.map(term).join(" + ")}`;
      }),
      `Books as of block ${formatCount(books.block)}. ${plural(agreement.validators, "validator")} compared, hash by hash, up to block ${formatCount(agreement.height)}: ${agreement.holds ? "the same everywhere" : "not the same"}.`,
    ],
  };
}

function epochTable({ view, chain }: OnChain): TextTable {
  return {
    caption: "Epochs",
    columns: [
      { title: "Epoch" },
      { title: "Blocks" },
      { title: "Weights from" },
      { title: "Coalition" },
      ...numeric("Value", "Share", "Blocks won", `Credited, ${chain.currency.symbol}`),
    ],
    rows: chain.epochs.flatMap((epoch) =>
      epoch.coalitions.map((own) => [
        formatCount(epoch.epoch),
        `${formatCount(epoch.firstBlock)} to ${formatCount(epoch.lastBlock)}`,
        epoch.weights,
        placeName(view, own.members),
        BigInt(own.value).toLocaleString("en-US"),
        own.predictedShare.toFixed(4),
        formatCount(own.blocksWon),
        exactAmount(own.rewardWei, chain.currency),
      ]),
    ),
  };
}
