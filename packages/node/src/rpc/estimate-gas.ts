import type { CallOutcome } from "../ports.ts";

export interface GasRange {
  /** What the message needs at least: its intrinsic gas. */
  readonly least: bigint;
  /** What it may have at most. */
  readonly most: bigint;
}

export type GasEstimate =
  | { readonly gas: bigint }
  /** It fails even with all the gas it may have. */
  | { readonly failed: CallOutcome };

/** Gas that a value transfer within a call gives along, and that must be there though it comes back. */
const CALL_STIPEND = 2_300n;

/**
 * A gas limit with which `run` succeeds, at most 1.5 % above the smallest such one (as Geth searches) [RPC.7]:
 * bisection, begun where the gas that was used points to.
 */
export async function estimateGas(
  run: (gasLimit: bigint) => Promise<CallOutcome>,
  { least, most }: GasRange,
): Promise<GasEstimate> {
  const whole = await run(most);
  if (!whole.succeeded) return { failed: whole };
  let high = most;
  let low = (whole.gasUsed > least ? whole.gasUsed : least) - 1n;
  const likely = ((whole.gasUsed + CALL_STIPEND) * 64n) / 63n;
  for (const guess of [low + 1n, likely]) {
    if (guess <= low || guess >= high) continue;
    if ((await run(guess)).succeeded) high = guess;
    else low = guess;
  }
  while (high - low > 1n && (high - low) * 1_000n > high * 15n) {
    const middle = (high + low) / 2n;
    const guess = middle > low * 2n ? low * 2n : middle;
    if ((await run(guess)).succeeded) high = guess;
    else low = guess;
  }
  return { gas: high };
}
