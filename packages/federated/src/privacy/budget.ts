import { invalidInput } from "@sheaf/base";
import { z } from "zod";
import { checkDelta } from "./accountant.ts";
import { epsilonOfCurve } from "./conversion.ts";
import { mechanismSchema, parseMechanism } from "./mechanism.ts";
import { defaultOrders, rdpOfRelease } from "./rdp.ts";

const spendingSchema = z.strictObject({
  job: z.string(),
  mechanism: mechanismSchema,
  /** Releases so far. */
  steps: z.number().int().min(1),
});

/** One owner's privacy over all its jobs: plain data that is stored between them [PRIVACY.12]. */
export const privacyBudgetSchema = z.strictObject({
  version: z.literal(1),
  epsilonLimit: z.number().positive(),
  delta: z.number().gt(0).lt(1),
  spendings: z.array(spendingSchema),
});

export type PrivacyBudget = z.infer<typeof privacyBudgetSchema>;

export interface Spending {
  /** Identifies the job; one market's jobs and another's must differ. */
  readonly job: string;
  readonly mechanism: z.input<typeof mechanismSchema>;
  /** Releases; 1 unless given. */
  readonly steps?: number;
}

export type SpendOutcome =
  | { readonly budget: PrivacyBudget; readonly epsilon: number }
  | { readonly rejected: "PRIVACY_BUDGET_EXHAUSTED"; readonly epsilon: number; readonly limit: number };

/** A budget of which nothing is spent. `INVALID_INPUT` for a limit or delta out of range. */
export function createBudget(options: {
  readonly epsilonLimit: number;
  readonly delta: number;
}): PrivacyBudget {
  const { epsilonLimit, delta } = options;
  checkDelta(delta);
  if (!(epsilonLimit > 0 && Number.isFinite(epsilonLimit))) {
    throw invalidInput("epsilonLimit", `${epsilonLimit} is not positive`);
  }
  return { version: 1, epsilonLimit, delta, spendings: [] };
}

/** A stored budget; `INVALID_INPUT` when it is none. */
export function parseBudget(json: unknown): PrivacyBudget {
  const parsed = privacyBudgetSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidInput(["budget", ...(issue?.path ?? [])].join("."), issue?.message ?? "invalid");
}

/** Epsilon spent so far, the Rényi divergences of all jobs added up [PRIVACY.12]. */
export function epsilonSpent(budget: PrivacyBudget): number {
  return epsilonOf(budget, curveOf(budget));
}

/** What is left of the limit, never below 0. */
export function epsilonRemaining(budget: PrivacyBudget): number {
  return Math.max(0, budget.epsilonLimit - epsilonSpent(budget));
}

/** By how much epsilon would grow: the price of a next round is less than its price alone. */
export function costOf(budget: PrivacyBudget, spending: Spending): number {
  return epsilonSpent(withSpending(budget, spending)) - epsilonSpent(budget);
}

/**
 * The budget after `spending`, or the refusal when that would pass the limit; a refusal spends nothing. To be
 * stored before the release leaves the owner [PRIVACY.13].
 */
export function spend(budget: PrivacyBudget, spending: Spending): SpendOutcome {
  const next = withSpending(budget, spending);
  const epsilon = epsilonSpent(next);
  if (epsilon <= budget.epsilonLimit) return { budget: next, epsilon };
  return { rejected: "PRIVACY_BUDGET_EXHAUSTED", epsilon, limit: budget.epsilonLimit };
}

/** How many more releases of this mechanism fit, at most `atMost` (1,000,000 unless given) [PRIVACY.13]. */
export function releasesLeft(
  budget: PrivacyBudget,
  mechanism: Spending["mechanism"],
  atMost = 1_000_000,
): number {
  const spent = curveOf(budget);
  const step = curveOfMechanism(parseMechanism(mechanism));
  const fits = (steps: number): boolean =>
    epsilonOf(budget, addCurves(spent, step, steps)) <= budget.epsilonLimit;
  let low = 0;
  let high = atMost + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** One entry a job and mechanism, so that a budget grows with jobs, not with rounds. */
function withSpending(budget: PrivacyBudget, { job, mechanism: input, steps = 1 }: Spending): PrivacyBudget {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw invalidInput("steps", `${steps} is no positive integer`);
  const mechanism = parseMechanism(input);
  const isSame = (entry: z.infer<typeof spendingSchema>): boolean =>
    entry.job === job && keyOf(entry.mechanism) === keyOf(mechanism);
  const known = budget.spendings.some(isSame);
  const spendings = known
    ? budget.spendings.map((entry) => (isSame(entry) ? { ...entry, steps: entry.steps + steps } : entry))
    : [...budget.spendings, { job, mechanism, steps }];
  return { ...budget, spendings };
}

function keyOf(mechanism: z.infer<typeof mechanismSchema>): string {
  const { noiseMultiplier, sampleRate, sampling, deviation } = mechanism;
  return JSON.stringify([noiseMultiplier, sampleRate, sampling, deviation]);
}

function curveOf(budget: PrivacyBudget): readonly number[] {
  const curves = new Map<string, readonly number[]>();
  let sum: readonly number[] = defaultOrders.map(() => 0);
  for (const { mechanism, steps } of budget.spendings) {
    const key = keyOf(mechanism);
    const curve = curves.get(key) ?? curveOfMechanism(mechanism);
    curves.set(key, curve);
    sum = addCurves(sum, curve, steps);
  }
  return sum;
}

function curveOfMechanism(mechanism: z.infer<typeof mechanismSchema>): readonly number[] {
  return defaultOrders.map((order) => rdpOfRelease(mechanism, order));
}

function addCurves(a: readonly number[], b: readonly number[], times: number): readonly number[] {
  return times === 0 ? a : a.map((value, i) => value + (b[i] as number) * times);
}

function epsilonOf(budget: PrivacyBudget, curve: readonly number[]): number {
  return epsilonOfCurve(curve, defaultOrders, budget.delta).epsilon;
}
