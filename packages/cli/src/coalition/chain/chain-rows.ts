import type { Coalition, SensingGame } from "@sheaf/game";
import type {
  ChainCoalition,
  ChainEpoch,
  ChainEvent,
  ChainMiner,
  CoalitionBooks,
  CoalitionChain,
} from "@sheaf/measure";
import type { Address } from "@sheaf/protocol";
import type { ChainSpec } from "../coalition-file.ts";
import { type AwardLedger, type LedgerEpoch, type ProposedBlock, returnedOf } from "./award-ledger.ts";
import { type ChainFacts, type Funds, lower, named } from "./chain-facts.ts";
import type { ContractEvent } from "./coalitions-client.ts";
import type { Participants } from "./participants.ts";

/** Each epoch with its coalitions, as far as it was seen: what was predicted of them and what came. */
export function epochRows(
  facts: ChainFacts,
  ledger: AwardLedger,
  { miners }: Participants,
  epochBlocks: number,
): ChainEpoch[] {
  const players = new Map<Address, number>(miners.map(({ address, index }) => [address, index]));
  return ledger.epochs.map((own): ChainEpoch => {
    const { epoch } = own.roster;
    const firstBlock = epoch * epochBlocks + 1;
    const blocks = facts.blocks.slice(firstBlock - 1, firstBlock - 1 + epochBlocks);
    const total = own.due.seats.reduce((sum, { weight }) => sum + Number(weight), 0);
    return {
      epoch,
      firstBlock,
      lastBlock: firstBlock + blocks.length - 1,
      weights: total > 0 ? "contract" : "genesis",
      rewardPerBlockWei: String(facts.rewards[epoch] ?? 0n),
      predictedRewardPerBlockWei: String(own.due.rewardWei),
      coalitions: coalitionRows(own, blocks, players, total),
    };
  });
}

function coalitionRows(
  { roster, due, awards }: LedgerEpoch,
  blocks: readonly ProposedBlock[],
  players: ReadonlyMap<Address, number>,
  total: number,
): ChainCoalition[] {
  const rows = [...new Set(roster.coalitions)].map((coalition): ChainCoalition => {
    const places = [...roster.miners.keys()]
      .filter((place) => roster.coalitions[place] === coalition)
      .sort((a, b) => playerAt(roster, players, a) - playerAt(roster, players, b));
    const weights = places.map((place) => Number(due.seats[place]?.weight ?? 0n));
    const weight = weights.reduce((sum, each) => sum + each, 0);
    const won = blocks.filter(({ proposer }) => places.some((place) => roster.miners[place] === proposer));
    const award = awards.get(coalition) ?? { wei: 0n, withheldWei: 0n };
    return {
      members: places.map((place) => playerAt(roster, players, place)),
      memberShares: weights.map((own) => (weight === 0 ? 0 : own / weight)),
      value: String(due.seats[places[0] as number]?.value ?? 0n),
      predictedShare: total === 0 ? 0 : weight / total,
      blocksWon: won.length,
      laterRoundBlocks: won.filter(({ round }) => round > 0).length,
      rewardWei: String(award.wei),
      withheldWei: String(award.withheldWei),
    };
  });
  return rows.sort((a, b) => (a.members[0] as number) - (b.members[0] as number));
}

function playerAt(
  { miners }: LedgerEpoch["roster"],
  players: ReadonlyMap<Address, number>,
  place: number,
): number {
  return players.get(miners[place] as Address) as number;
}

/** Every block of these epochs, and everything that miners recorded, as it stands on the chain. */
export function rawRows(
  { blocks, contributions }: ChainFacts,
  { miners, workers }: Participants,
): Pick<CoalitionChain, "blocks" | "contributions"> {
  const players = new Map<Address, number>(miners.map(({ address, index }) => [address, index]));
  const ids = new Map<Address, string>(workers.map(({ address, id }) => [address, id]));
  return {
    blocks: blocks.map(({ proposer, round }) => ({ proposer: players.get(proposer) as number, round })),
    contributions: contributions.map(({ epoch, miner, worker, samples, reputationBps }) => ({
      epoch,
      miner: players.get(miner) as number,
      worker: ids.get(worker) ?? worker,
      samples: Number(samples),
      reputationBps: Number(reputationBps),
    })),
  };
}

/** Each miner over all epochs. */
export function minerRows(ledger: AwardLedger, { miners }: Participants): ChainMiner[] {
  return miners.map(({ index, address }) => ({
    miner: index,
    address,
    rewardWei: String(
      ledger.epochs.reduce((sum, { roster, seats }) => {
        const place = roster.miners.indexOf(address);
        return sum + (seats[place]?.awardedWei ?? 0n);
      }, 0n),
    ),
  }));
}

/** The contract's books: what it says of itself, beside what the run computed and counted. */
export function bookRows(
  funds: Funds,
  events: readonly ContractEvent[],
  ledger: AwardLedger,
  spec: ChainSpec,
): CoalitionBooks {
  const total = (name: string, of: (event: ContractEvent) => bigint): string =>
    String(named(events, name).reduce((sum, event) => sum + of(event), 0n));
  return {
    block: funds.block,
    poolBefore: spec.poolWei,
    poolAfter: String(funds.poolWei),
    awarded: String(ledger.awardedWei),
    forfeited: total("Upheld", ({ args }) => returnedOf(args["fineWei"] as bigint)),
    credited: String(funds.creditedWei),
    withdrawn: total("Withdrawn", ({ args }) => args["amountWei"] as bigint),
    bondsPaidIn: total("Challenged", () => BigInt(spec.bondWei)),
    bondsHeld: String(funds.bondedWei),
    balance: String(funds.balanceWei),
  };
}

/** What miners did, or what was done to them, in the order of the chain. */
export function eventRows(
  events: readonly ContractEvent[],
  { miners, workers }: Participants,
  epochBlocks: number,
): ChainEvent[] {
  const ids = new Map<Address, { readonly id: string; readonly index: number | null }>([
    ...workers.map(({ address, id }) => [address, { id, index: null }] as const),
    ...miners.map(({ address, id, index }) => [address, { id, index }] as const),
  ]);
  const nameOf = (address: unknown): string => ids.get(lower(address))?.id ?? lower(address);
  const told = (event: ContractEvent): { kind: string; of: unknown; detail: string } | undefined => {
    const { args } = event;
    switch (event.name) {
      case "Formed": {
        const members = [...(args["members"] as readonly string[])].map(nameOf).join(", ");
        return {
          kind: "formed",
          of: undefined,
          detail: `${members} form a coalition from epoch ${args["fromEpoch"]} on.`,
        };
      }
      case "Left":
        return {
          kind: "left",
          of: args["miner"],
          detail: `${nameOf(args["miner"])} is alone from epoch ${args["fromEpoch"]} on.`,
        };
      case "Challenged":
        return {
          kind: "challenged",
          of: args["accused"],
          detail: `${nameOf(args["challenger"])} asks ${nameOf(args["accused"])} for a record of ${nameOf(args["worker"])} from epoch ${args["epoch"]}.`,
        };
      case "Answered":
        return {
          kind: "answered",
          of: args["accused"],
          detail: `${nameOf(args["accused"])} showed record ${args["index"]}.`,
        };
      case "Upheld":
        return {
          kind: "suspended",
          of: args["accused"],
          detail: `${nameOf(args["accused"])} had no record to show: what it had won in the epoch is forfeited, and it has no share before epoch ${args["suspendedUntil"]}.`,
        };
      case "Equivocated":
        return {
          kind: "equivocated",
          of: args["worker"],
          detail: `${nameOf(args["worker"])} signed two statements.`,
        };
      default:
        return undefined;
    }
  };
  return events.flatMap((event): readonly ChainEvent[] => {
    const row = told(event);
    if (row === undefined) return [];
    const miner = row.of === undefined ? null : (ids.get(lower(row.of))?.index ?? null);
    const { block, transactionHash } = event;
    const epoch = Math.floor((block - 1) / epochBlocks);
    return [{ epoch, block, kind: row.kind, miner, detail: row.detail, transactionHash }];
  });
}

/** P(S) over the sum of P, as the game has it: the share of blocks that a coalition of the partition is to win. */
export function shareByGame(
  sensing: SensingGame,
  partition: readonly Coalition[],
): ReadonlyMap<string, number> {
  const shares = partition.map((members) => sensing.terms(members).awardProbability);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return new Map(partition.map((members, i) => [members.join(","), (shares[i] as number) / total]));
}
