import { CodedError } from "@sheaf/base";
import { memoise } from "./memoised-utility.ts";
import type { ContributionErrorDetail, Utility, Valuation } from "./utility.ts";

/** Largest game that `exactShapley` takes: 2^12 = 4,096 evaluations. */
export const exactShapleyLimit = 12;

/** v(all) - v(all but i) for each member: n + 1 evaluations [CONTRIBUTION.1]. */
export async function leaveOneOut(members: number, utility: Utility): Promise<Valuation> {
  const known = memoise(members, utility);
  const everybody = Array.from({ length: members }, (_, i) => i);
  const whole = await known.value(everybody);
  const values: number[] = [];
  for (const member of everybody) {
    values.push(whole - (await known.value(everybody.filter((other) => other !== member))));
  }
  return { values, evaluations: known.evaluations };
}

/**
 * Shapley values by all 2^n coalitions [CONTRIBUTION.3]: a member's marginal to a coalition of size s weighs
 * s! (n - s - 1)! / n!. `TOO_MANY_MEMBERS` above `exactShapleyLimit`.
 */
export async function exactShapley(members: number, utility: Utility): Promise<Valuation> {
  if (members > exactShapleyLimit) {
    const detail: ContributionErrorDetail = { code: "TOO_MANY_MEMBERS", members, limit: exactShapleyLimit };
    throw new CodedError(`exact Shapley values of ${members} members need 2^${members} evaluations`, detail, {
      advice: "Use truncated-monte-carlo or gtg, or value groups instead of members.",
    });
  }
  const known = memoise(members, utility);
  const worth: number[] = [];
  for (let set = 0; set < 2 ** members; set++) worth.push(await known.value(membersOf(set, members)));
  const weights = marginalWeights(members);
  const values = new Array<number>(members).fill(0);
  for (let set = 0; set < worth.length; set++) {
    const weight = weights[membersOf(set, members).length] ?? 0;
    for (let member = 0; member < members; member++) {
      if ((set >> member) & 1) continue;
      const marginal = (worth[set | (1 << member)] as number) - (worth[set] as number);
      values[member] = (values[member] as number) + weight * marginal;
    }
  }
  return { values, evaluations: known.evaluations };
}

/** s! (n - s - 1)! / n! for s = 0..n-1. */
function marginalWeights(members: number): number[] {
  const weights = [1 / members];
  for (let s = 1; s < members; s++) weights.push(((weights[s - 1] as number) * s) / (members - s));
  return weights;
}

function membersOf(set: number, members: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < members; i++) if ((set >> i) & 1) out.push(i);
  return out;
}
