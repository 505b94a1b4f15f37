import type { ConservationEquation, EquationTerm } from "../training/conservation.ts";
import type { CoalitionChain } from "./coalition-chain-record.ts";

/**
 * [CRECORD.7] What must hold exactly when the contract makes and loses no unit: the pool, what is owed, the account,
 * and that the awards are those of the epochs, in total and by miner.
 */
export function coalitionEquations({
  books,
  epochs,
  miners,
}: CoalitionChain): readonly ConservationEquation[] {
  const total = (amounts: readonly string[]): bigint => amounts.reduce((sum, own) => sum + BigInt(own), 0n);
  const rewards = epochs.flatMap(({ coalitions }) => coalitions.map(({ rewardWei }) => rewardWei));
  const term = (label: string, amount: string | bigint): EquationTerm => ({ label, amount: BigInt(amount) });
  return [
    equation("the pool", term("at genesis and returned", total([books.poolBefore, books.forfeited])), [
      term("now", books.poolAfter),
      term("awarded", books.awarded),
    ]),
    equation(
      "what came to members",
      term("awarded and paid in as bonds", total([books.awarded, books.bondsPaidIn])),
      [
        term("owed", books.credited),
        term("withdrawn", books.withdrawn),
        term("held as bonds", books.bondsHeld),
        term("returned to the pool", books.forfeited),
      ],
    ),
    equation("the contract's account", term("balance", books.balance), [
      term("pool", books.poolAfter),
      term("owed", books.credited),
      term("held as bonds", books.bondsHeld),
    ]),
    equation("the awards", term("awarded", books.awarded), [term("credited to coalitions", total(rewards))]),
    equation("the awards by miner", term("awarded", books.awarded), [
      term("credited to miners", total(miners.map(({ rewardWei }) => rewardWei))),
    ]),
  ];
}

function equation(subject: string, left: EquationTerm, right: readonly EquationTerm[]): ConservationEquation {
  return { subject, left, right, holds: left.amount === right.reduce((sum, { amount }) => sum + amount, 0n) };
}
