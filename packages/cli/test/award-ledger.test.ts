import { coalitionEpoch } from "@sheaf/contracts";
import type { Address } from "@sheaf/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  computeAwards,
  type LedgerFacts,
  returnedOf,
  type Upheld,
} from "../src/coalition/chain/award-ledger.ts";

const address = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const [a, b, c, stranger] = [1, 2, 3, 99].map(address) as [Address, Address, Address, Address];
const EPOCH_BLOCKS = 4;
const rules = { synergyQuarters: 6, split: "proportional", rewardPerBlockWei: 1_000n } as const;

/** What a miner recorded in an epoch of a worker of its own, of full reputation. */
const recorded = (epoch: number, miner: Address, samples: number) => ({
  epoch,
  miner,
  worker: address(1_000 + Number(miner)),
  samples: BigInt(samples),
  reputationBps: 10_000n,
});

/** Three miners, a and b together, all with data in every epoch; `proposers` by block from 1 on. */
function facts(proposers: readonly Address[], changes: Partial<LedgerFacts> = {}): LedgerFacts {
  const epochs = [...Array(Math.ceil(proposers.length / EPOCH_BLOCKS)).keys()];
  return {
    rules,
    epochBlocks: EPOCH_BLOCKS,
    poolWei: 1_000_000n,
    rosters: epochs.map((epoch) => ({ epoch, miners: [a, b, c], coalitions: [1n, 1n, 2n] })),
    contributions: epochs.flatMap((epoch) => [
      recorded(epoch, a, 100),
      recorded(epoch, b, 300),
      recorded(epoch, c, 200),
    ]),
    upheld: [],
    blocks: proposers.map((proposer, i) => ({ number: i + 1, proposer, round: 0 })),
    ...changes,
  };
}

/** What the contract fixes when each of these epochs begins. */
const due = coalitionEpoch(
  [
    { coalition: 1n, data: [recorded(0, a, 100)] },
    { coalition: 1n, data: [recorded(0, b, 300)] },
    { coalition: 2n, data: [recorded(0, c, 200)] },
  ],
  rules,
);
const [partA, partB, partC] = due.seats.map(({ partWei }) => partWei) as [bigint, bigint, bigint];
const idle = [a, a, a, a];

describe("the ledger of awards", () => {
  it("[AWARD.2] pays the coalition of each proposer by its parts, and nothing to strangers or without data", () => {
    const { epochs, awardedWei } = computeAwards(facts([...idle, a, c, stranger, b]));
    expect(epochs[0]).toMatchObject({ due: { rewardWei: 0n }, awards: new Map() });
    expect(epochs[1]?.due).toEqual(due);
    expect(epochs[1]?.seats.map((seat) => seat.awardedWei)).toEqual([2n * partA, 2n * partB, partC]);
    expect(epochs[1]?.awards).toEqual(
      new Map([
        [1n, { wei: 2n * due.rewardWei, withheldWei: 0n }],
        [2n, { wei: due.rewardWei, withheldWei: 0n }],
      ]),
    );
    expect(awardedWei).toBe(3n * due.rewardWei);
    // So that the above says something: a and b do not get the same, and the reward is not all of it.
    expect(partB).toBeGreaterThan(partA);
    expect(due.rewardWei).toBeLessThan(rules.rewardPerBlockWei);
  });

  it("[CHALLENGE.6] keeps from a cheat what it would win from the block after, and the others' parts for them", () => {
    const upheld = [{ block: 6, accused: a, epoch: 1, suspendedUntil: 3 }];
    const [, epoch] = computeAwards(facts([...idle, a, a, a, b], { upheld })).epochs;
    expect(epoch?.seats).toEqual([
      { awardedWei: 2n * partA, forfeited: true },
      { awardedWei: 4n * partB, forfeited: false },
      { awardedWei: 0n, forfeited: false },
    ]);
    expect(epoch?.awards.get(1n)).toEqual({ wei: 2n * partA + 4n * partB, withheldWei: 2n * partA });
  });

  it("[CHALLENGE.5] takes a cheat's data out of the epochs of its suspension, and no other", () => {
    const upheld = [{ block: 6, accused: a, epoch: 1, suspendedUntil: 3 }];
    const weights = computeAwards(facts([...idle, ...idle, ...idle, ...idle], { upheld })).epochs.map(
      ({ due: own }) => own.seats.map(({ weight }) => weight > 0n),
    );
    expect(weights).toEqual([
      [false, false, false],
      [true, true, true],
      [false, true, true],
      [true, true, true],
    ]);
  });

  it("[AWARD.4] shares what is left of the pool, and then pays nothing", () => {
    const poolWei = due.rewardWei + due.rewardWei / 2n;
    const { epochs, awardedWei } = computeAwards(facts([...idle, a, a, a, c], { poolWei }));
    const [shareA = 0n, shareB = 0n] = epochs[1]?.seats.map((seat) => seat.awardedWei) ?? [];
    expect(awardedWei).toBe(poolWei);
    expect(shareA + shareB).toBe(poolWei);
    expect(shareA - (partA + partA / 2n)).toBeLessThanOrEqual(1n);
    expect(epochs[1]?.awards.get(2n)).toEqual({ wei: 0n, withheldWei: 0n });
    expect(computeAwards(facts([...idle, a, b, c, c], { poolWei: 0n })).awardedWei).toBe(0n);
  });

  it("[CHALLENGE.6] pays later awards from what was forfeited, less the challenger's quarter", () => {
    const poolWei = 4n * due.rewardWei;
    const alone = facts([...idle, c, c, c, c, a, a, a, a], {
      poolWei,
      upheld: [{ block: 8, accused: c, epoch: 1, suspendedUntil: 3 }],
    });
    const { epochs } = computeAwards(alone);
    const fine = 4n * partC;
    expect(epochs[1]?.seats[2]).toEqual({ awardedWei: fine, forfeited: true });
    const paid = [...(epochs[2]?.awards.values() ?? [])].reduce((sum, { wei }) => sum + wei, 0n);
    expect(paid).toBe(returnedOf(fine));
    // Within the epoch it is there from the block after.
    const soon = computeAwards(
      facts([...idle, c, c, c, a], {
        poolWei: 2n * due.rewardWei,
        upheld: [{ block: 7, accused: c, epoch: 1, suspendedUntil: 3 }],
      }),
    );
    expect(soon.epochs[1]?.seats[2]).toEqual({ awardedWei: 2n * partC, forfeited: true });
    expect(soon.epochs[1]?.awards.get(1n)?.wei).toBe(
      returnedOf(2n * partC) < due.rewardWei ? returnedOf(2n * partC) : due.rewardWei,
    );
    expect([returnedOf(7n), returnedOf(8n), returnedOf(0n)]).toEqual([6n, 6n, 0n]);
  });

  it("[CHALLENGE.6] takes what was won in the epoch of the challenge, though it is over when that is upheld", () => {
    const { epochs } = computeAwards(
      facts([...idle, c, c, a, a, c, c, a, a], {
        poolWei: 6n * due.rewardWei,
        upheld: [{ block: 10, accused: c, epoch: 1, suspendedUntil: 4 }],
      }),
    );
    expect(epochs.map(({ seats }) => seats[2])).toEqual([
      { awardedWei: 0n, forfeited: false },
      { awardedWei: 2n * partC, forfeited: true },
      { awardedWei: 2n * partC, forfeited: false },
    ]);
    // The pool was empty at block 10: what comes after is paid from the fine.
    expect(epochs[2]?.awards.get(1n)?.wei).toBe(
      returnedOf(2n * partC) < 2n * due.rewardWei ? returnedOf(2n * partC) : 2n * due.rewardWei,
    );
    expect(epochs[2]?.awards.get(2n)).toEqual({ wei: 2n * due.rewardWei, withheldWei: 0n });
  });

  it("[AWARD.3] is what the contract fixes, times the blocks won, where nobody cheats and the pool lasts", () => {
    fc.assert(
      fc.property(chains({ cheats: false }), (chain) => {
        const { epochs } = computeAwards({ ...chain, poolWei: 10n ** 30n });
        for (const { roster, seats } of epochs) {
          const { epoch, miners, coalitions } = roster;
          const fixed = coalitionEpoch(
            miners.map((miner, i) => ({
              coalition: coalitions[i] as bigint,
              data: chain.contributions.filter((own) => own.epoch === epoch - 1 && own.miner === miner),
            })),
            chain.rules,
          );
          const own = chain.blocks.slice(epoch * chain.epochBlocks, (epoch + 1) * chain.epochBlocks);
          miners.forEach((_, i) => {
            const won = own.filter(({ proposer }) => coalitions[miners.indexOf(proposer)] === coalitions[i]);
            expect(seats[i]?.awardedWei).toBe(BigInt(won.length) * (fixed.seats[i]?.partWei ?? 0n));
          });
        }
      }),
    );
  });

  it("[AWARD.7] never gives more than the pool has, block by block, and members get all that leaves it", () => {
    fc.assert(
      fc.property(chains({ cheats: true }), (chain) => {
        let before = 0n;
        for (let height = 0; height <= chain.blocks.length; height++) {
          // The chain as it stood when this block was the newest, before its transactions.
          const upheld = chain.upheld.filter(({ block }) => block < height);
          const { epochs, awardedWei } = computeAwards({
            ...chain,
            upheld,
            blocks: chain.blocks.slice(0, height),
          });
          const seats = epochs.flatMap((own) => own.seats);
          const fines = seats.filter(({ forfeited }) => forfeited).map((seat) => returnedOf(seat.awardedWei));
          expect(awardedWei).toBe(sum(seats.map((seat) => seat.awardedWei)));
          expect(awardedWei).toBe(
            sum(epochs.flatMap(({ awards }) => [...awards.values()].map(({ wei }) => wei))),
          );
          expect(awardedWei - sum(fines)).toBeLessThanOrEqual(chain.poolWei);
          const rate = epochs[Math.floor((height - 1) / chain.epochBlocks)]?.due.rewardWei ?? 0n;
          expect(awardedWei - before).toBeGreaterThanOrEqual(0n);
          expect(awardedWei - before).toBeLessThanOrEqual(rate);
          before = awardedWei;
        }
      }),
    );
  });
});

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** Short chains with any partitions, records, proposers and, where asked for, cheats, over pools that may not last. */
function chains({ cheats }: { readonly cheats: boolean }): fc.Arbitrary<LedgerFacts> {
  const miners = [a, b, c, address(4)];
  const epochCount = 3;
  const blockCount = epochCount * EPOCH_BLOCKS;
  const partition = fc.array(fc.bigInt(1n, 3n), { minLength: miners.length, maxLength: miners.length });
  const contribution = fc.record({
    epoch: fc.nat(epochCount - 1),
    miner: fc.constantFrom(...miners),
    worker: fc.integer({ min: 1_000, max: 1_003 }).map(address),
    samples: fc.bigInt(1n, 400n),
    reputationBps: fc.bigInt(0n, 10_000n),
  });
  // A worker's statement of an epoch is the same for all, and recorded by a miner once [SENSE.4].
  const contributions = fc
    .uniqueArray(contribution, { selector: ({ epoch, miner, worker }) => `${epoch}/${miner}/${worker}` })
    .map((rows) =>
      rows.map((row) => ({
        ...row,
        ...(({ samples, reputationBps }) => ({ samples, reputationBps }))(
          rows.find(({ epoch, worker }) => epoch === row.epoch && worker === row.worker) ?? row,
        ),
      })),
    );
  const upheld = fc
    .uniqueArray(
      fc.record({
        block: fc.integer({ min: EPOCH_BLOCKS + 1, max: blockCount }),
        accused: fc.constantFrom(...miners),
        // Epochs that the challenge outlasted.
        late: fc.nat(1),
      }),
      { selector: ({ accused }) => accused, maxLength: cheats ? 3 : 0 },
    )
    .map((rows) =>
      rows.map(
        ({ block, accused, late }): Upheld => ({
          block,
          accused,
          epoch: Math.max(1, Math.floor((block - 1) / EPOCH_BLOCKS) - late),
          suspendedUntil: Math.floor((block - 1) / EPOCH_BLOCKS) + 2,
        }),
      ),
    );
  return fc.record({
    rules: fc.record({
      synergyQuarters: fc.integer({ min: 1, max: 6 }),
      split: fc.constantFrom("proportional" as const, "equal" as const),
      rewardPerBlockWei: fc.bigInt(1n, 5_000n),
    }),
    epochBlocks: fc.constant(EPOCH_BLOCKS),
    poolWei: fc.bigInt(0n, 12_000n),
    rosters: fc
      .array(partition, { minLength: epochCount, maxLength: epochCount })
      .map((all) => all.map((coalitions, epoch) => ({ epoch, miners, coalitions }))),
    contributions,
    upheld,
    blocks: fc
      .array(fc.constantFrom(...miners, stranger), { minLength: blockCount, maxLength: blockCount })
      .map((proposers) => proposers.map((proposer, i) => ({ number: i + 1, proposer, round: 0 }))),
  });
}
