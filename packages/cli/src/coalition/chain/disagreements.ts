import type { Coalition, SensingGame } from "@sheaf/game";
import type { ChainEpoch } from "@sheaf/measure";
import type { AwardLedger } from "./award-ledger.ts";
import type { ChainFacts } from "./chain-facts.ts";
import { shareByGame } from "./chain-rows.ts";
import type { Participants } from "./participants.ts";
import type { EarnedAwards } from "./take-awards.ts";

/** Where what the contract says that miners won is not what the run computed. A sentence each. */
export function wrongAwards(
  { miners }: Participants,
  ledger: AwardLedger,
  earned: EarnedAwards,
): readonly string[] {
  const problems: string[] = [];
  for (const { roster, seats } of ledger.epochs) {
    for (const { index, address, id } of miners) {
      const seat = seats[roster.miners.indexOf(address)];
      const due = seat === undefined || seat.forfeited ? 0n : seat.awardedWei;
      const said = earned[index]?.[roster.epoch] ?? 0n;
      if (due !== said)
        problems.push(
          `epoch ${roster.epoch}: the contract says ${id} won ${said} wei, by the rules it is ${due}`,
        );
    }
  }
  return problems;
}

/** Shares of a partition may differ in the last bits: the contract computes with integers. */
const SHARE_TOLERANCE = 1e-6;

/** The game of a run, and the partition that it came to. */
interface PlayedGame {
  readonly sensing: SensingGame;
  readonly partition: readonly Coalition[];
}

/** The epochs that had the partition of the game and, from the epoch before, all of its data with its reputations. */
export function epochsAsInGame(
  { sensing, partition }: PlayedGame,
  { workers, miners }: Participants,
  { contributions }: ChainFacts,
  epochs: readonly ChainEpoch[],
): readonly ChainEpoch[] {
  const coalitionsOfGame = new Set(partition.map((members) => members.join(",")));
  const byWorker = new Map(
    workers.map(({ address }, index) => [address, sensing.scenario.workers[index]?.reputation]),
  );
  const picks = miners.reduce((sum, miner) => sum + miner.workers.length, 0);
  return epochs.filter(({ epoch, coalitions }) => {
    const before = contributions.filter((own) => own.epoch === epoch - 1);
    return (
      before.length === picks &&
      before.every(({ worker, reputationBps }) => byWorker.get(worker) === Number(reputationBps) / 10_000) &&
      coalitions.length === partition.length &&
      coalitions.every(({ members }) => coalitionsOfGame.has(members.join(",")))
    );
  });
}

/** Where the contract gives the game's coalitions other shares than the game does, in such epochs. A sentence each. */
export function wrongShares(
  { sensing, partition }: PlayedGame,
  epochs: readonly ChainEpoch[],
): readonly string[] {
  const problems: string[] = [];
  const shares = shareByGame(sensing, partition);
  for (const { epoch, coalitions } of epochs) {
    for (const { members, predictedShare } of coalitions) {
      const share = shares.get(members.join(",")) as number;
      if (Math.abs(share - predictedShare) > SHARE_TOLERANCE)
        problems.push(
          `epoch ${epoch}: the game gives coalition ${members.join(", ")} ${share} of the blocks, the contract ${predictedShare}`,
        );
    }
  }
  return problems;
}
