/**
 * `amount` shared by weights, as `LargestRemainder.sol` does [PAYMENT.2]: shares rounded down, what is left one by one to
 * the largest remainders, among equal ones to the lowest index. The parts sum to the amount; not all weights are 0.
 */
export function largestRemainder(amount: bigint, weights: readonly bigint[]): readonly bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  const remainders = weights.map((weight) => (amount * weight) % sum);
  const left = remainders.reduce((total, each) => total + each, 0n) / sum;
  const ranked = [...weights.keys()].sort((a, b) => {
    const [ofA, ofB] = [remainders[a] ?? 0n, remainders[b] ?? 0n];
    return ofA === ofB ? a - b : ofA > ofB ? -1 : 1;
  });
  const lucky = new Set(ranked.slice(0, Number(left)));
  return weights.map((weight, i) => (amount * weight) / sum + (lucky.has(i) ? 1n : 0n));
}
