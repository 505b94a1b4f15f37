import { CodedError, invalidInput } from "@sheaf/base";
import { coordinateMedian, trimmedMean } from "./coordinate-rules.ts";
import { krumScores, lowest } from "./krum.ts";
import type { Aggregate, AggregationRule, Refusal, RobustErrorDetail } from "./rule.ts";
import { weightedMean } from "./weighted-mean.ts";

export interface AggregateOptions {
  /** Length that every update must have; the most frequent length unless given. */
  readonly dimension?: number;
}

/**
 * One update of many. Updates of a wrong length, with NaN or an infinity, or with a weight that is not
 * positive and finite are refused and named. Raises `TOO_FEW_UPDATES` when fewer are left than the rule needs.
 * The result depends on nothing but the arguments, to the bit.
 */
export function aggregate(
  updates: readonly Float32Array[],
  weights: readonly number[],
  rule: AggregationRule,
  options: AggregateOptions = {},
): Aggregate {
  if (weights.length !== updates.length) {
    throw invalidInput("weights", `${weights.length} weights for ${updates.length} updates`);
  }
  const dimension = options.dimension ?? commonLength(updates);
  const refused: Refusal[] = [];
  const sound: number[] = [];
  updates.forEach((update, index) => {
    const code = faultOf(update, weights[index] as number, dimension);
    if (code === undefined) sound.push(index);
    else refused.push({ index, code });
  });
  const needed = updatesNeeded(rule);
  if (sound.length < needed) throw tooFew(rule, needed, sound.length);

  const chosen = choose(updates, sound, rule);
  const rows = chosen.map((index) => updates[index] as Float32Array);
  return {
    update: combine(
      rows,
      chosen.map((index) => weights[index] as number),
      rule,
    ),
    chosen,
    refused,
  };
}

/** The least number of well-formed updates with which the rule works. */
export function updatesNeeded(rule: AggregationRule): number {
  if (rule.kind === "krum") return 2 * rule.byzantine + 3;
  if (rule.kind === "multi-krum") return Math.max(2 * rule.byzantine + 3, rule.keep + rule.byzantine + 2);
  return 1;
}

function choose(
  updates: readonly Float32Array[],
  sound: readonly number[],
  rule: AggregationRule,
): readonly number[] {
  if (rule.kind !== "krum" && rule.kind !== "multi-krum") return sound;
  const scores = krumScores(
    sound.map((index) => updates[index] as Float32Array),
    rule.byzantine,
  );
  return lowest(scores, rule.kind === "krum" ? 1 : rule.keep).map((position) => sound[position] as number);
}

function combine(
  rows: readonly Float32Array[],
  weights: readonly number[],
  rule: AggregationRule,
): Float32Array {
  if (rule.kind === "median") return coordinateMedian(rows);
  if (rule.kind === "trimmed-mean") return trimmedMean(rows, trimCount(rule.trim, rows.length));
  return weightedMean(rows, weights);
}

/** Updates cut at each end; the addend keeps 0.1 * 30 from being 2.9999999999999996. */
function trimCount(trim: number, count: number): number {
  return Math.floor(trim * count + 1e-9);
}

function faultOf(update: Float32Array, weight: number, dimension: number): Refusal["code"] | undefined {
  if (update.length !== dimension) return "WRONG_LENGTH";
  if (!(weight > 0 && Number.isFinite(weight))) return "BAD_WEIGHT";
  let probe = 0; // 0 times NaN or an infinity is NaN, and stays
  for (let i = 0; i < update.length; i++) probe += (update[i] as number) * 0;
  return probe === 0 ? undefined : "NOT_FINITE";
}

/** The most frequent length; of several the one that comes first. */
function commonLength(updates: readonly Float32Array[]): number {
  const counts = new Map<number, number>();
  for (const { length } of updates) counts.set(length, (counts.get(length) ?? 0) + 1);
  let best = 0;
  let most = 0;
  for (const [length, count] of counts) {
    if (count > most) {
      best = length;
      most = count;
    }
  }
  return best;
}

function tooFew(rule: AggregationRule, needed: number, have: number): CodedError<RobustErrorDetail> {
  return new CodedError(
    `the rule ${rule.kind} needs ${needed} well-formed updates and got ${have}`,
    { code: "TOO_FEW_UPDATES", rule: rule.kind, needed, have },
    { advice: "Use a rule that bears fewer Byzantine members, or more updates." },
  );
}
