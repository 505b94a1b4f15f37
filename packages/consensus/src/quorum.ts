/** How many of `validators` may fail in any way without harm [QUORUM.1]. */
export function faultsTolerated(validators: number): number {
  return Math.floor((validators - 1) / 3);
}

/**
 * How many of `validators` must say the same [QUORUM.2]: the least number such that any two quorums
 * share a correct validator. The correct ones alone always suffice [QUORUM.3].
 */
export function quorumSize(validators: number): number {
  return Math.floor((validators + faultsTolerated(validators)) / 2) + 1;
}
