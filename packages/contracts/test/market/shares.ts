/** [PAYMENT.2] written as it is defined: exact shares, rounded down; the rest to the largest remainders, then the lowest index. */
export function shareOut(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  const parts = weights.map((weight) => (amount * weight) / sum);
  const order = weights
    .map((weight, index) => ({ index, remainder: (amount * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  const left = Number(amount - parts.reduce((total, part) => total + part, 0n));
  for (const { index } of order.slice(0, left)) parts[index] = (parts[index] as bigint) + 1n;
  return parts;
}
