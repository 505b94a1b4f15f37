import type { CoalitionsClient } from "./coalitions-client.ts";
import { type ChainStage, tolerated } from "./drive-epochs.ts";

/** What the contract says that each miner has won in each epoch, by miner, then epoch; read before anybody takes it out. */
export type EarnedAwards = readonly (readonly bigint[])[];

/** [AWARD.6] Reads what everybody has won, then has everybody take it out. */
export async function takeAwards(stage: ChainStage, epochs: number): Promise<EarnedAwards> {
  const { participants, clients, views } = stage;
  const phase = stage.progress.phase("taking awards out", participants.miners.length);
  let done = 0;
  const earned = await Promise.all(
    participants.miners.map(async ({ address }) => {
      const amounts: bigint[] = [];
      for (let epoch = 0; epoch < epochs; epoch++) {
        const [amountWei] = await views.read("earned", [epoch, address]);
        amounts.push(amountWei as bigint);
      }
      return amounts;
    }),
  );
  await Promise.all(
    participants.miners.map(async (miner) => {
      const won = [...(earned[miner.index] ?? []).entries()]
        .filter(([, wei]) => wei > 0n)
        .map(([epoch]) => epoch);
      const [credit] = await views.read("creditOf", [miner.address]);
      if (won.length > 0 || credit !== 0n) {
        await tolerated(stage, miner, "could not take its award out", () =>
          (clients[miner.index] as CoalitionsClient).send(miner, "withdraw", [won]),
        );
      }
      phase.update(++done);
    }),
  );
  phase.finish("done");
  return earned;
}
