import { invariant } from "@sheaf/base";
import type { Address, Validator } from "./config.ts";

/** The most turns a cycle may have; weights are divided by their common divisor first. */
export const MAX_TURNS = 65_536;

/**
 * One cycle of turns to propose: each validator as often as its weight says, spread evenly (smooth
 * weighted round robin), in list order where weights are equal [PROPOSER.1].
 */
export function proposerTurns(validators: readonly Validator[]): readonly Address[] {
  const divisor = validators.reduce((common, { weight }) => greatestCommonDivisor(weight, common), 0);
  const weights = validators.map(({ weight }) => weight / divisor);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  invariant(total <= MAX_TURNS, `proposer weights add up to ${total}, more than ${MAX_TURNS}`);
  const credit = weights.map(() => 0);
  const turns: Address[] = [];
  while (turns.length < total) {
    let next = 0;
    for (let index = 0; index < weights.length; index++) {
      credit[index] = (credit[index] as number) + (weights[index] as number);
      if ((credit[index] as number) > (credit[next] as number)) next = index;
    }
    credit[next] = (credit[next] as number) - total;
    turns.push((validators[next] as Validator).address);
  }
  return turns;
}

/**
 * Who proposes in (height, round): the cycle's turn of that height, and in each later round the next
 * validator of the cycle that has not had a round of this height [PROPOSER.2]. After a round for
 * each, the order repeats [PROPOSER.3].
 */
export function proposerAt(
  turns: readonly Address[],
  validators: number,
  height: number,
  round: number,
): Address {
  const seen = new Set<Address>();
  const wanted = (round % validators) + 1;
  for (let index = height % turns.length; ; index = (index + 1) % turns.length) {
    const address = turns[index] as Address;
    seen.add(address);
    if (seen.size === wanted) return address;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
