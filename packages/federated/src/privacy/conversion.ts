/** An epsilon and the Rényi order that gave it. */
export interface Conversion {
  readonly epsilon: number;
  readonly order: number;
}

/**
 * The least epsilon over the orders: rdp + log(1 - 1/order) - (log(delta) + log(order)) / (order - 1)
 * (Canonne, Kamath, Steinke 2020, proposition 12), 0 when a divergence is so small that it bounds the total
 * variation distance below delta [PRIVACY.3]. Infinite when every order is.
 */
export function epsilonOfCurve(
  curve: readonly number[],
  orders: readonly number[],
  delta: number,
): Conversion {
  let best: Conversion = { epsilon: Number.POSITIVE_INFINITY, order: orders[0] ?? 2 };
  for (let i = 0; i < orders.length; i++) {
    const order = orders[i] as number;
    const epsilon = epsilonAt(curve[i] as number, order, delta);
    if (epsilon < best.epsilon) best = { epsilon, order };
  }
  return best;
}

function epsilonAt(rdp: number, order: number, delta: number): number {
  // Total variation <= sqrt(1 - exp(-KL)), and KL <= rdp (Bretagnolle and Huber).
  if (delta ** 2 + Math.expm1(-rdp) >= 0) return 0;
  const epsilon = rdp + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
  return Math.max(0, epsilon);
}
