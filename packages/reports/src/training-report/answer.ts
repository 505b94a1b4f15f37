import { centralQuality, finalQuality, localMean, qualityMeasure } from "@sheaf/measure";
import { capitalize, formatCount, formatShare, numberWord, plural } from "../page/format.ts";
import { shortAmount } from "../page/money.ts";
import { formatQuality } from "./quality.ts";
import type { JobView, TrainingView } from "./training-view.ts";

/** The training's answer in one sentence. */
export function answerOf({ jobs }: TrainingView): string {
  const [first] = jobs;
  if (first === undefined) return "Nothing was trained.";
  const { job } = first;
  const rounds = plural(job.rounds.length, "round");
  const owners = ownerCount(first);
  const final = finalQuality(job);
  if (job.outcome === "refunded")
    return "No model was delivered, and the whole price went back to the consumer.";
  const quality = final === null ? "a model" : `a model to ${qualityPhrase(first)}`;
  if (job.outcome === "open") return `The run ended after ${rounds}, before its job was over.`;
  if (job.outcome !== "settled") {
    const until = final === null ? "" : `, at ${qualityPhrase(first)}`;
    return `Training stopped after ${rounds}${until}: what was closed was paid for, and the rest of the price returned.`;
  }
  const isOpen = first.job.privacy.mode === "none" || first.job.privacy.mode === "dp";
  const kept = isOpen
    ? "the data stayed with them, while the analyst saw their updates"
    : "none of them showed its data";
  return `${capitalize(numberWord(owners))} owners trained ${quality} in ${rounds}, and ${kept}.`;
}

/** Why it can be believed: the baselines, what was hidden, where the money went. */
export function explanationOf(view: TrainingView): string {
  const [first] = view.jobs;
  if (first === undefined) return "";
  const { problems } = view.analysis;
  return [
    ...(problems.length === 0 ? [] : [`${capitalize(plural(problems.length, "problem"))}, listed below.`]),
    ...(first.job.outcome === "settled" ? [] : [first.job.outcomeReason]),
    ...baselineSentence(first),
    ...(first.job.rounds.length === 0 ? [] : [hidingSentence(first)]),
    ...attackSentence(first),
    moneySentence(view, first),
    ...(view.jobs.length === 1 ? [] : [`The run had ${plural(view.jobs.length, "job")}; this is the first.`]),
  ].join(" ");
}

/** Owners that were in a sum, or else were selected. */
export function ownerCount({ job }: JobView): number {
  const trained = new Set(job.rounds.flatMap(({ survivors }) => survivors));
  return trained.size > 0
    ? trained.size
    : job.candidates.filter(({ answer }) => answer === "selected").length;
}

/** "94.1 % accuracy", "an error of 3.21 (RMSE)". */
function qualityPhrase({ job }: JobView): string {
  const value = formatQuality(job, finalQuality(job));
  return qualityMeasure(job) === "accuracy" ? `${value} accuracy` : `an error of ${value} (RMSE)`;
}

function baselineSentence({ job }: JobView): readonly string[] {
  const [central, alone] = [centralQuality(job), localMean(job)];
  const figure = (value: number): string => formatQuality(job, value);
  const parts = [
    ...(central === null ? [] : [`trained in one place, the same data gives ${figure(central)}`]),
    ...(alone === null ? [] : [`an owner alone reaches ${figure(alone)} on average`]),
  ];
  return parts.length === 0 ? [] : [`${capitalize(parts.join("; "))}.`];
}

function hidingSentence({ job, analysis }: JobView): string {
  const { mode, dp } = job.privacy;
  const size = analysis.sums.smallest ?? 0;
  const noise = dp === null ? "" : ` Noise limits what the models tell of one owner.`;
  if (mode === "none") return "The analyst saw the update of every owner: no mode of privacy was on.";
  if (mode === "dp")
    return `The analyst saw the updates${dp?.noise === "distributed" ? ", each with a little noise" : ""}.${noise}`;
  const how = mode === "paillier" ? "encrypted" : "masked";
  return `Updates were ${how}: nothing but sums of ${formatCount(size)} owners or more could be opened.${noise}`;
}

function attackSentence({ analysis }: JobView): readonly string[] {
  const detection = analysis.contributions?.detection ?? null;
  if (detection === null) return [];
  const { attackers, amongLowest, paidShare } = detection;
  const have = amongLowest === 1 ? "has" : "have";
  const lowest = attackers === 1 ? "score" : "scores";
  return [
    `${amongLowest} of ${plural(attackers, "attacker")} ${have} the lowest ${lowest}; ${formatShare(paidShare)} of the owners' pay went to attackers.`,
  ];
}

function moneySentence(view: TrainingView, first: JobView): string {
  const { currency } = view.record;
  const { price, toOwners, toAnalyst, refund } = view.summary.payments;
  const part = (amount: string, to: string): readonly string[] =>
    amount === "0" ? [] : [`${shortAmount(amount, currency)} ${to}`];
  const parts = [
    ...part(
      toOwners,
      `to ${plural(first.job.payments.filter(({ kind }) => kind === "owner-share").length, "owner")}`,
    ),
    ...part(toAnalyst, "to the analyst"),
    ...part(refund, "back to the consumer"),
  ];
  const where = parts.length === 0 ? "nothing of it was paid out yet" : parts.join(", ");
  const proof = view.summary.conserved ? "; every unit is accounted for" : "";
  return `The price of ${shortAmount(price, currency)} was locked on chain: ${where}${proof}.`;
}
