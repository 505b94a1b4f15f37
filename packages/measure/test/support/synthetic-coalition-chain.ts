import type { Random } from "@sheaf/base";
import type { ChainBlock, ChainEpoch, CoalitionChain } from "../../src/index.ts";
import type { Scenario } from "./small-game.ts";

const rate = 1_000_000_000_000_000_000n;

/** A chain whose proposers are drawn by the value of coalitions, and whose money is conserved. */
export function syntheticCoalitionChain(
  { players, value }: Scenario,
  partition: readonly (readonly number[])[],
  options: {
    readonly epochs: number;
    readonly events: boolean;
    readonly biased: boolean;
    readonly random: Random;
  },
): CoalitionChain {
  const { random, epochs: count } = options;
  const epochBlocks = 40;
  const perMiner = players.map(() => ({ reward: 0n }));
  const blocks: ChainBlock[] = [];
  const epochs: ChainEpoch[] = [];
  for (let epoch = 0; epoch < count; epoch++) {
    const coalitions = options.events && epoch > count / 2 ? withoutLast(partition) : partition;
    const isPaid = epoch > 0;
    const perBlock = isPaid ? rate : 0n;
    const values = coalitions.map((members) => value(members));
    const total = values.reduce((sum, own) => sum + own, 0);
    const won = coalitions.map(() => ({ blocks: 0, reward: 0n }));
    for (let block = 0; block < epochBlocks; block++) {
      const winner = options.biased ? 0 : draw(values, random);
      const members = coalitions[winner] as readonly number[];
      const parts = shares(members, players);
      const proposer = members[draw(parts, random)] as number;
      blocks.push({ proposer, round: 0 });
      const mine = won[winner] as { blocks: number; reward: bigint };
      mine.blocks++;
      mine.reward += perBlock;
      let left = perBlock;
      for (const [i, member] of members.entries()) {
        const part =
          i === members.length - 1 ? left : BigInt(Math.floor(Number(perBlock) * (parts[i] as number)));
        left -= part;
        (perMiner[member] as { reward: bigint }).reward += part;
      }
    }
    epochs.push({
      epoch,
      firstBlock: epoch * epochBlocks + 1,
      lastBlock: (epoch + 1) * epochBlocks,
      weights: isPaid ? "contract" : "genesis",
      rewardPerBlockWei: perBlock.toString(),
      predictedRewardPerBlockWei: perBlock.toString(),
      coalitions: coalitions.map((members, i) => ({
        members: [...members],
        memberShares: shares(members, players),
        value: String(Math.round(values[i] as number)),
        predictedShare: (values[i] as number) / total,
        blocksWon: won[i]?.blocks ?? 0,
        laterRoundBlocks: 0,
        rewardWei: String(won[i]?.reward ?? 0n),
        withheldWei: "0",
      })),
    });
  }
  const awarded = perMiner.reduce((sum, { reward }) => sum + reward, 0n);
  return {
    validators: players.length,
    consensus: "QBFT",
    contract: `0x${"c0".repeat(20)}`,
    epochBlocks,
    currency: { symbol: "ETH", decimals: 18 },
    epochs,
    blocks,
    contributions: epochs.flatMap(({ epoch }) =>
      players.flatMap(({ workers }, miner) =>
        workers.map((worker) => ({ epoch, miner, worker, samples: 100, reputationBps: 7_500 })),
      ),
    ),
    epochsAsInGame: epochs.flatMap(({ epoch, weights }) => (weights === "contract" ? [epoch] : [])),
    miners: perMiner.map(({ reward }, miner) => ({
      miner,
      address: `0x${(miner + 1).toString(16).padStart(40, "0")}`,
      rewardWei: reward.toString(),
    })),
    events: options.events ? events(players.length, epochBlocks, count) : [],
    books: books(awarded, count * epochBlocks, options.events ? rate : 0n),
    agreement: { validators: players.length, height: count * epochBlocks, holds: true },
  };
}

/** The last coalition of several loses its last member, who goes on alone. */
function withoutLast(partition: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const at = partition.findLastIndex((members) => members.length > 1);
  const members = partition[at];
  if (members === undefined) return partition;
  return [...partition.slice(0, at), members.slice(0, -1), ...partition.slice(at + 1), members.slice(-1)];
}

function books(awarded: bigint, block: number, forfeited: bigint): CoalitionChain["books"] {
  const pool = 10n ** 22n;
  const credited = (awarded - forfeited) / 3n;
  const poolAfter = pool - awarded + forfeited;
  return {
    block,
    poolBefore: pool.toString(),
    poolAfter: poolAfter.toString(),
    awarded: awarded.toString(),
    forfeited: forfeited.toString(),
    credited: credited.toString(),
    withdrawn: (awarded - forfeited - credited).toString(),
    bondsPaidIn: "5",
    bondsHeld: "5",
    balance: (poolAfter + credited + 5n).toString(),
  };
}

function events(players: number, epochBlocks: number, count: number): CoalitionChain["events"] {
  const epoch = Math.floor(count / 2);
  const at = (offset: number, kind: string, miner: number | null, detail: string) => ({
    epoch,
    block: epoch * epochBlocks + offset,
    kind,
    miner,
    detail,
    transactionHash: `0x${offset.toString(16).padStart(64, "0")}`,
  });
  return [
    at(2, "left", players - 1, "Leaves at the end of the epoch and keeps what it has earned."),
    at(5, "challenged", 0, "Its statement of 180 samples of worker-3, by miner-2."),
    at(
      25,
      "expelled",
      0,
      "No answer in 20 blocks: its credit returns to the pool, and it has no weight for 2 epochs.",
    ),
    at(26, "settled", null, "The bond of the challenge is back with miner-2."),
  ];
}

function shares(members: readonly number[], players: Scenario["players"]): number[] {
  const own = members.map((member) => players[member]?.ownValue ?? 1);
  const total = own.reduce((sum, part) => sum + part, 0);
  return own.map((part) => part / total);
}

function draw(weights: readonly number[], random: Random): number {
  let left = random.float() * weights.reduce((sum, weight) => sum + weight, 0);
  const at = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return at < 0 ? weights.length - 1 : at;
}
