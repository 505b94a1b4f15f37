import {
  type CoalitionEpoch,
  type CoalitionEpochRules,
  coalitionEpoch,
  largestRemainder,
} from "@sheaf/contracts";
import type { Address } from "@sheaf/protocol";
import type { Contribution } from "./chain-facts.ts";

/** A block, and who proposed it in which round. */
export interface ProposedBlock {
  readonly number: number;
  readonly proposer: Address;
  readonly round: number;
}

/** The miners of an epoch in the contract's order, and the coalition of each. */
export interface EpochRoster {
  readonly epoch: number;
  readonly miners: readonly Address[];
  readonly coalitions: readonly bigint[];
}

/** A challenge that was upheld. */
export interface Upheld {
  readonly block: number;
  readonly accused: Address;
  /** That in which the accused won what it forfeits: after that of the record, and over, perhaps, by this block. */
  readonly epoch: number;
  /** It is suspended in epochs before this one. */
  readonly suspendedUntil: number;
}

export interface LedgerFacts {
  readonly rules: CoalitionEpochRules;
  readonly epochBlocks: number;
  readonly poolWei: bigint;
  readonly rosters: readonly EpochRoster[];
  readonly contributions: readonly Contribution[];
  readonly upheld: readonly Upheld[];
  /** From block 1 on, without a gap. */
  readonly blocks: readonly ProposedBlock[];
}

/** An epoch as the rules say it must have been. */
export interface LedgerEpoch {
  readonly roster: EpochRoster;
  readonly due: CoalitionEpoch;
  /** By place in the roster. */
  readonly seats: readonly LedgerSeat[];
  /** By coalition: what its blocks gave it, and the parts of members who had forfeited. */
  readonly awards: ReadonlyMap<bigint, { readonly wei: bigint; readonly withheldWei: bigint }>;
}

export interface LedgerSeat {
  /** Awarded until the epoch's end, forfeited or not. */
  readonly awardedWei: bigint;
  /** Whether it forfeited that. */
  readonly forfeited: boolean;
}

export interface AwardLedger {
  readonly epochs: readonly LedgerEpoch[];
  readonly awardedWei: bigint;
}

/**
 * The awards of every block, computed from who proposed it and from what was contributed, by the rules of
 * specs/coalition-contract.md and without asking the contract: what it says is compared with this.
 */
export function computeAwards(facts: LedgerFacts): AwardLedger {
  const { rosters, rules, contributions, upheld, epochBlocks } = facts;
  let poolWei = facts.poolWei;
  const won = new Map<number, ReadonlyMap<Address, bigint>>();
  const epochs = rosters.map((roster): LedgerEpoch => {
    const { epoch, miners, coalitions } = roster;
    const firstBlock = epoch * epochBlocks + 1;
    const due = coalitionEpoch(
      miners.map((miner, place) => ({
        coalition: coalitions[place] as bigint,
        data: isSuspended(upheld, miner, epoch, firstBlock)
          ? []
          : contributions
              .filter((own) => own.epoch === epoch - 1 && own.miner === miner)
              .map(({ worker, samples, reputationBps }) => ({ worker, samples, reputationBps })),
      })),
      rules,
    );
    const blocks = facts.blocks.slice(firstBlock - 1, firstBlock - 1 + epochBlocks);
    const paid = payBlocks({ roster, due, blocks, upheld, poolWei, won });
    poolWei = paid.poolWei;
    won.set(epoch, new Map(miners.map((miner, place) => [miner, paid.awardedWei[place] as bigint])));
    const seats = miners.map((miner, place) => ({
      awardedWei: paid.awardedWei[place] as bigint,
      forfeited: hasForfeited(upheld, miner, epoch, Number.POSITIVE_INFINITY),
    }));
    return { roster, due, seats, awards: paid.awards };
  });
  return {
    epochs,
    awardedWei: sum(epochs.flatMap(({ awards }) => [...awards.values()].map(({ wei }) => wei))),
  };
}

interface Payday {
  readonly roster: EpochRoster;
  readonly due: CoalitionEpoch;
  /** Of the epoch, as far as they are known. */
  readonly blocks: readonly ProposedBlock[];
  readonly upheld: readonly Upheld[];
  /** In the pool before the epoch. */
  readonly poolWei: bigint;
  /** What miners won in the epochs before. */
  readonly won: ReadonlyMap<number, ReadonlyMap<Address, bigint>>;
}

/** Pays the blocks of an epoch out of the pool, one after another. `awardedWei` is by place in the roster. */
function payBlocks({ roster, due, blocks, upheld, poolWei, won }: Payday) {
  const { epoch, miners, coalitions } = roster;
  let pool = poolWei;
  const awardedWei = miners.map(() => 0n);
  const awards = new Map<bigint, { wei: bigint; withheldWei: bigint }>();
  for (const { number, proposer } of blocks) {
    const coalition = coalitions[miners.indexOf(proposer)];
    const places = [...miners.keys()].filter((place) => coalitions[place] === coalition);
    if (coalition !== undefined && due.seats[places[0] as number]?.value !== 0n) {
      const parts = places.map((place) => due.seats[place]?.partWei ?? 0n);
      const kept = parts.map((part, i) =>
        hasForfeited(upheld, miners[places[i] as number] as Address, epoch, number) ? 0n : part,
      );
      const wanted = sum(kept);
      const paid = wanted <= pool ? kept : pool === 0n ? kept.map(() => 0n) : largestRemainder(pool, kept);
      const amount = sum(paid);
      pool -= amount;
      places.forEach((place, i) => {
        awardedWei[place] = (awardedWei[place] as bigint) + (paid[i] as bigint);
      });
      const before = awards.get(coalition) ?? { wei: 0n, withheldWei: 0n };
      const withheldWei = before.withheldWei + sum(parts) - wanted;
      awards.set(coalition, { wei: before.wei + amount, withheldWei });
    }
    // Fines are taken by transactions of the block, so after its award [CHALLENGE.6].
    const fined = upheld.filter(({ block }) => block === number);
    const fines = fined.map((each) =>
      each.epoch === epoch
        ? awardedWei[miners.indexOf(each.accused)]
        : won.get(each.epoch)?.get(each.accused),
    );
    pool += sum(fines.map((fine) => returnedOf(fine ?? 0n)));
  }
  return { poolWei: pool, awardedWei, awards };
}

/** What of a fine goes back to the pool: the challenger gets a quarter [CHALLENGE.6]. */
export function returnedOf(fineWei: bigint): bigint {
  return fineWei - fineWei / 4n;
}

/** Suspended by a challenge that was upheld before the epoch began. */
function isSuspended(upheld: readonly Upheld[], miner: Address, epoch: number, firstBlock: number): boolean {
  return upheld.some(
    (each) => each.accused === miner && each.block < firstBlock && epoch < each.suspendedUntil,
  );
}

/** Whether a challenge that was upheld before `block` took what the miner won in `epoch`, and will [CHALLENGE.6]. */
function hasForfeited(upheld: readonly Upheld[], miner: Address, epoch: number, block: number): boolean {
  return upheld.some((each) => each.accused === miner && each.epoch === epoch && each.block < block);
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
