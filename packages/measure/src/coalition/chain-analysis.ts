import { combineFits, type FitTest, goodnessOfFit } from "../goodness-of-fit.ts";
import type { ConservationEquation } from "../training/conservation.ts";
import { coalitionEquations } from "./coalition-books.ts";
import type { ChainCoalition, ChainEpoch, CoalitionChain } from "./coalition-chain-record.ts";
import { type Coalition, partitionKey } from "./partition.ts";

/** What was predicted of a coalition or a miner, and what came. Amounts are smallest units. */
export interface Prediction {
  readonly expectedBlocks: number;
  readonly blocksWon: number;
  readonly expectedReward: number;
  readonly reward: bigint;
}

/** The chain's part of a run. Predictions are over epochs whose weights came from the contract. */
export interface ChainAnalysis {
  /** Blocks of the epochs that were predicted. */
  readonly blocks: number;
  readonly epochs: number;
  /** [CRECORD.6] The test of first-round blocks against shares, over all predicted epochs. */
  readonly fit: FitTest;
  /** Sets of epochs with the same coalitions; each was one set of counts. */
  readonly settings: number;
  /** Blocks of predicted epochs that took more than one round: not in the test. */
  readonly laterRoundBlocks: number;
  /** `possibleBlocks`: those of the epochs in which the coalition was there. */
  readonly coalitions: readonly (Prediction & {
    readonly members: Coalition;
    readonly epochs: number;
    readonly possibleBlocks: number;
  })[];
  readonly miners: readonly (Prediction & { readonly miner: number; readonly address: string })[];
  /** [CRECORD.7] Every equation of the contract's books. */
  readonly equations: readonly ConservationEquation[];
  /** [CRECORD.7] Epochs whose rate is not the one that the value function gives. */
  readonly wrongRates: readonly number[];
  /** [CRECORD.7] Epochs in which a coalition was credited other than its blocks times the rate. */
  readonly wrongRewards: readonly number[];
}

/** Derives the chain's figures. Pure. */
export function analyseChain(chain: CoalitionChain): ChainAnalysis {
  const predicted = chain.epochs.filter(({ weights }) => weights === "contract");
  const settings = sameSettings(predicted);
  const all = predicted.flatMap(({ coalitions }) => coalitions);
  return {
    blocks: predicted.reduce((sum, epoch) => sum + blocksOf(epoch), 0),
    epochs: predicted.length,
    fit: combineFits(settings.map(fitOf)),
    settings: settings.length,
    laterRoundBlocks: all.reduce((sum, { laterRoundBlocks }) => sum + laterRoundBlocks, 0),
    coalitions: coalitionPredictions(predicted),
    miners: minerPredictions(chain, predicted),
    equations: coalitionEquations(chain),
    wrongRates: predicted
      .filter((epoch) => epoch.rewardPerBlockWei !== epoch.predictedRewardPerBlockWei)
      .map(({ epoch }) => epoch),
    wrongRewards: chain.epochs
      .filter((epoch) => epoch.coalitions.some((own) => !isPaidRight(own, epoch, chain)))
      .map(({ epoch }) => epoch),
  };
}

function blocksOf({ firstBlock, lastBlock }: ChainEpoch): number {
  return lastBlock - firstBlock + 1;
}

/** [CRECORD.7] Blocks times rate, but for what is withheld; less only once the pool cannot pay a whole block. */
function isPaidRight(
  { value, blocksWon, rewardWei, withheldWei }: ChainCoalition,
  { rewardPerBlockWei }: ChainEpoch,
  { books }: CoalitionChain,
): boolean {
  const due = value === "0" ? 0n : BigInt(blocksWon) * BigInt(rewardPerBlockWei);
  const given = BigInt(rewardWei) + BigInt(withheldWei);
  const isPoolEmpty = BigInt(books.poolAfter) < BigInt(rewardPerBlockWei);
  return given === due || (isPoolEmpty && given < due);
}

/** Epochs with the same coalitions: their counts add up, and so do the counts expected of them. */
function sameSettings(epochs: readonly ChainEpoch[]): readonly (readonly ChainEpoch[])[] {
  const groups = new Map<string, ChainEpoch[]>();
  for (const epoch of epochs) {
    const key = partitionKey(epoch.coalitions.map(({ members }) => members));
    groups.set(key, [...(groups.get(key) ?? []), epoch]);
  }
  return [...groups.values()];
}

/** [CRECORD.6] First-round blocks of epochs of one setting against what their shares let expect. */
function fitOf(epochs: readonly ChainEpoch[]): FitTest {
  const counts = new Map<string, { readonly drawn: number; readonly expected: number }>();
  for (const { coalitions } of epochs) {
    const drawn = coalitions.map(({ blocksWon, laterRoundBlocks }) => blocksWon - laterRoundBlocks);
    const blocks = drawn.reduce((sum, own) => sum + own, 0);
    for (const [i, { members, predictedShare }] of coalitions.entries()) {
      const key = partitionKey([members]);
      const own = counts.get(key) ?? { drawn: 0, expected: 0 };
      counts.set(key, {
        drawn: own.drawn + (drawn[i] as number),
        expected: own.expected + blocks * predictedShare,
      });
    }
  }
  const cells = [...counts.values()];
  const blocks = cells.reduce((sum, { expected }) => sum + expected, 0);
  return goodnessOfFit(
    cells.map(({ drawn }) => drawn),
    cells.map(({ expected }) => (blocks === 0 ? 1 / cells.length : expected / blocks)),
  );
}

/** A coalition that was there in several epochs is one row. */
function coalitionPredictions(epochs: readonly ChainEpoch[]): ChainAnalysis["coalitions"] {
  const rows = new Map<string, ChainAnalysis["coalitions"][number]>();
  for (const epoch of epochs) {
    for (const own of epoch.coalitions) {
      const key = partitionKey([own.members]);
      const row = rows.get(key) ?? { ...nothing, members: own.members, epochs: 0, possibleBlocks: 0 };
      rows.set(key, {
        ...row,
        ...added(row, own, epoch),
        epochs: row.epochs + 1,
        possibleBlocks: row.possibleBlocks + blocksOf(epoch),
      });
    }
  }
  return [...rows.values()].sort((a, b) => b.expectedBlocks - a.expectedBlocks);
}

const nothing: Prediction = { expectedBlocks: 0, blocksWon: 0, expectedReward: 0, reward: 0n };

function added(row: Prediction, own: ChainCoalition, epoch: ChainEpoch): Prediction {
  const expected = own.predictedShare * blocksOf(epoch);
  return {
    expectedBlocks: row.expectedBlocks + expected,
    blocksWon: row.blocksWon + own.blocksWon,
    expectedReward: row.expectedReward + expected * Number(epoch.predictedRewardPerBlockWei),
    reward: row.reward + BigInt(own.rewardWei),
  };
}

/** Within a coalition a member proposes, and is paid, by its share. */
function minerPredictions(
  { miners, blocks: all }: CoalitionChain,
  epochs: readonly ChainEpoch[],
): ChainAnalysis["miners"] {
  return miners.map(({ miner, address, rewardWei }) => {
    let [expectedBlocks, blocksWon, expectedReward] = [0, 0, 0];
    for (const epoch of epochs) {
      const proposed = all.slice(epoch.firstBlock - 1, epoch.lastBlock);
      blocksWon += proposed.filter(({ proposer }) => proposer === miner).length;
      const own = epoch.coalitions.find(({ members }) => members.includes(miner));
      const share = own?.memberShares[own.members.indexOf(miner)] ?? 0;
      const blocks = (own?.predictedShare ?? 0) * share * blocksOf(epoch);
      expectedBlocks += blocks;
      expectedReward += blocks * Number(epoch.predictedRewardPerBlockWei);
    }
    return { miner, address, expectedBlocks, blocksWon, expectedReward, reward: BigInt(rewardWei) };
  });
}
