import { type CoalitionPartition, type Finding, significance } from "@sheaf/measure";
import { capitalize, formatShare, numberWord, plural } from "../page/format.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { formatP, formatUtility, withUnit } from "./utility-format.ts";

/** The run's answer in one sentence: the coalitions, how stable they are, what they bring. */
export function answerOf(view: CoalitionView): string {
  const { formation, players } = view.record;
  return `${formedPhrase(players.length, formation.final)}, ${stabilityPhrase(view)}, and ${gainPhrase(view)}.`;
}

/** "Twelve miners form three coalitions of 2 to 4 and two stay alone". */
export function formedPhrase(players: number, partition: CoalitionPartition): string {
  const sizes = partition.map(({ length }) => length).filter((size) => size > 1);
  const alone = partition.length - sizes.length;
  const miners = players === 1 ? "One miner" : `${capitalize(numberWord(players))} miners`;
  if (sizes.length === 0) return `${miners} stay${players === 1 ? "s" : ""} alone`;
  if (sizes.length === 1 && alone === 0) return `${miners} form one coalition of all`;
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const range = low === high ? String(low) : `${low} to ${high}`;
  const rest = alone === 0 ? "" : ` and ${numberWord(alone)} stay${alone === 1 ? "s" : ""} alone`;
  return `${miners} form ${numberWord(sizes.length)} coalition${sizes.length === 1 ? "" : "s"} of ${range}${rest}`;
}

function stabilityPhrase({ record }: CoalitionView): string {
  const { verdict, exact, witness } = record.stability.dhp;
  if (verdict === "unstable")
    return `not stable, for a ${(witness?.before.length ?? 2) > 1 ? "merge" : "split"} still applies`;
  if (verdict === "not-refuted") return "with no merge or split that was tried left to make";
  return exact ? "proven stable against every merge and split" : "found stable against merges and splits";
}

function gainPhrase(view: CoalitionView): string {
  const { meanGain } = view.analysis.formation;
  const { utilityUnit } = view.record.model;
  if (formatUtility(meanGain) === "0") return "on average nobody gains";
  const best = shareOfBest(view);
  const amount = withUnit(formatUtility(Math.abs(meanGain)), utilityUnit);
  const beside = best === null ? "" : `, ${formatShare(best)} of what the best partition would bring`;
  return `each ${meanGain > 0 ? "gains" : "loses"} ${amount} on average${beside}`;
}

/** [CRECORD.4] Mean gain over that of the partition of the largest sum; `null` where that is not known or no gain. */
export function shareOfBest({ record, analysis }: CoalitionView): number | null {
  const best = record.comparison.alternatives.find(({ name }) => name === "best-sum");
  if (best === undefined || best.meanGain <= 0 || analysis.formation.meanGain <= 0) return null;
  return analysis.formation.meanGain / best.meanGain;
}

/** Findings that have a sentence of their own. */
const told: readonly Finding["subject"][] = ["stability", "blocks"];

/** Why it can be believed: what was verified, how it came about, what the chain showed. */
export function explanationOf(view: CoalitionView): string {
  const { record, analysis } = view;
  const { problems, findings } = analysis;
  const failed = findings.filter(({ holds, subject }) => holds === false && !told.includes(subject));
  return [
    ...(problems.length === 0 ? [] : [`${capitalize(plural(problems.length, "problem"))}, listed below.`]),
    record.stability.dhp.statement,
    ...failed.map(({ statement }) => statement),
    stepSentence(view),
    ...chainSentence(view),
  ].join(" ");
}

function stepSentence({ record }: CoalitionView): string {
  const merges = record.formation.steps.filter(({ kind }) => kind === "merge").length;
  const splits = record.formation.steps.length - merges;
  const made = [
    ...(merges === 0 ? [] : [plural(merges, "merge")]),
    ...(splits === 0 ? [] : [plural(splits, "split")]),
  ];
  const how = made.length === 0 ? "No step was made" : `It took ${made.join(" and ")}`;
  return `${how}; the search ended because: ${record.formation.stoppedBecause}.`;
}

function chainSentence({ analysis, record }: CoalitionView): readonly string[] {
  const { chain } = analysis;
  if (chain === null) return [];
  const where = `On a chain of ${plural(record.chain?.validators ?? 0, "validator")}, ${plural(chain.blocks, "block")}`;
  if (chain.fit.p === null) return [`${where} were too few to be tested against the predicted shares.`];
  const agree = chain.fit.p >= significance ? "agree" : "do not agree";
  return [`${where} ${agree} with the shares that the weights give (chi-square, ${formatP(chain.fit.p)}).`];
}

/** What p means, in plain words. */
export function meaningOfP(p: number | null): string {
  if (p === null) return "Too few blocks for a test: fewer than two cells would expect 5 blocks.";
  const percent = p < 0.0001 ? "fewer than 1 in 10,000" : `${formatShare(p)} of all`;
  const verdict =
    p >= significance
      ? "So these blocks give no reason to doubt the prediction. That is no proof of it: a small deviation would need more blocks to be seen."
      : "So these blocks speak against the prediction.";
  return `If every block were drawn by exactly the predicted shares, ${percent} such runs would be at least as far from them by chance. ${verdict}`;
}
