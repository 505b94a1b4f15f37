import type { Hex } from "@sheaf/base";
import { type Address, decodeTransaction, type Transaction } from "@sheaf/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createMempool } from "../../src/mempool/mempool.ts";
import { accountState, signedTransfer } from "../support/accounts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { createPoolModel, type ModelTransaction } from "./pool-model.ts";

const BASE_FEE = 2;
const LIMITS = {
  maxTransactions: 9,
  maxBytes: 1_250,
  maxPerSender: 4,
  replacementPercent: 10,
  baseFee: BASE_FEE,
};
const senders = ["a", "b", "c", "d", "e"].map(testAccount);
const genesis = testGenesis({ baseFeePerGasWei: String(BASE_FEE) });
const known = new Map<Hex, ModelTransaction>();
const signed = new Map<string, { readonly raw: Uint8Array; readonly model: ModelTransaction }>();

/** What happened in any run: a model test that never meets a rule does not test it. */
const met = new Set<string>();

interface Offer {
  readonly sender: number;
  /** Relative to the account's nonce when it is added; else the next nonce of the lane. */
  readonly ahead: number | "next";
  readonly feeCap: number;
  readonly tip: number;
  readonly extraGas: number;
  readonly value: number;
  readonly dataBytes: number;
}

function sign(offer: Offer, nonce: number) {
  const key = JSON.stringify([offer, nonce]);
  const cached = signed.get(key);
  if (cached !== undefined) return cached;
  const account = senders[offer.sender] as (typeof senders)[number];
  const gas = 21_000 + offer.extraGas;
  const raw = signedTransfer(account, {
    nonce: BigInt(nonce),
    maxFeePerGas: BigInt(offer.feeCap),
    maxPriorityFeePerGas: BigInt(offer.tip),
    gasLimit: BigInt(gas),
    value: BigInt(offer.value),
    data: new Uint8Array(offer.dataBytes),
  });
  const { hash } = decodeTransaction(raw) as Transaction;
  const { feeCap, tip, value } = offer;
  const model = { hash, sender: account.address, nonce, feeCap, tip, gas, value, bytes: raw.length };
  known.set(hash, model);
  signed.set(key, { raw, model });
  return { raw, model };
}

const anOffer: fc.Arbitrary<Offer> = fc
  .record({
    sender: fc.nat(senders.length - 1),
    ahead: fc.oneof(fc.constant("next" as const), fc.integer({ min: -1, max: 5 })),
    feeCap: fc.integer({ min: 1, max: 5 }),
    tip: fc.nat(5),
    extraGas: fc.constantFrom(0, 0, 40_000),
    value: fc.constantFrom(0, 0, 0, 800_000),
    dataBytes: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 300),
  })
  .map((offer) => ({ ...offer, tip: Math.min(offer.tip, offer.feeCap) }));

const aStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      offers: fc.array(anOffer, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      count: fc.nat(5),
      share: fc.nat(100),
      deposit: fc.nat(400_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("foreign" as const), offer: anOffer, cost: fc.nat(1_500_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("select" as const),
      transactions: fc.nat(12),
      gas: fc.nat(300_000),
      bytes: fc.nat(1_200),
    }),
  },
);

function run(steps: readonly (typeof aStep extends fc.Arbitrary<infer T> ? T : never)[]): void {
  const { state, set } = accountState();
  const pool = createMempool({ genesis, config: LIMITS, state, executor: { intrinsicGas: () => 21_000n } });
  const model = createPoolModel(LIMITS, met);
  const setAccount = (address: Address, value: { nonce: number; balance: number }): void => {
    model.setAccount(address, value);
    set(address, { nonce: BigInt(value.nonce), balance: BigInt(value.balance) });
  };
  for (const { address } of senders) setAccount(address, { nonce: 0, balance: 1_500_000 });
  const admitted = new Set<Hex>();
  const included = new Set<Hex>();
  const dropped = new Map<Hex, string>();
  const offeredFresh = new Set<Hex>();
  pool.onAdmitted(({ transaction }) => {
    admitted.add(transaction.hash);
    dropped.delete(transaction.hash);
    offeredFresh.delete(transaction.hash);
  });
  pool.onDropped(({ transaction }, reason) => {
    expect(dropped.has(transaction.hash)).toBe(false);
    dropped.set(transaction.hash, reason);
    met.add(reason);
  });

  function commit(hashes: readonly Hex[], taken: (each: ModelTransaction) => number): void {
    const block = hashes.map((hash) => known.get(hash) as ModelTransaction);
    for (const each of block) {
      const { balance } = model.account(each.sender);
      setAccount(each.sender, { nonce: each.nonce + 1, balance: Math.max(0, balance - taken(each)) });
      included.add(each.hash);
    }
    pool.onCommitted(block.map(({ hash, sender }) => ({ sender, transaction: { hash } as Transaction })));
    model.committed(block.map(({ sender }) => sender));
  }

  function nonceOf({ sender, ahead }: Offer): number {
    const { address } = senders[sender] as { address: Address };
    return ahead === "next" ? model.pendingNonce(address) : Math.max(0, model.account(address).nonce + ahead);
  }

  for (const step of steps) {
    if (step.kind === "add") {
      const batch = step.offers.map((offer) => sign(offer, nonceOf(offer)));
      const expected = batch.map(({ model: offer }) => model.add(offer));
      const got = pool.add(batch.map(({ raw }) => raw));
      expect(got.map((each) => (each.ok ? "admitted" : each.refusal))).toEqual(expected);
      for (const outcome of expected) met.add(outcome);
    } else if (step.kind === "commit") {
      const hashes = model.select({ transactions: step.count, gas: 1e9, bytes: 1e9 });
      const [first] = senders;
      const { nonce, balance } = model.account((first as { address: Address }).address);
      setAccount((first as { address: Address }).address, { nonce, balance: balance + step.deposit });
      commit(hashes, (each) => (((each.value + each.gas * each.feeCap) * step.share) / 100) | 0);
    } else if (step.kind === "foreign") {
      const { model: other } = sign({ ...step.offer, value: 7 }, nonceOf({ ...step.offer, ahead: 0 }));
      commit([other.hash], () => step.cost);
    } else {
      const limits = { transactions: step.transactions, gas: BigInt(step.gas), bytes: step.bytes };
      const got = pool.select(limits).map((each) => each.transaction.hash);
      expect(got).toEqual(model.select(step));
    }
    checkSame();
  }

  function checkSame(): void {
    const lanes = new Map(
      [...pool.lanes()].map(({ sender, pending, queued }) => [
        sender,
        { pending: pending.length, hashes: [...pending, ...queued].map((each) => each.transaction.hash) },
      ]),
    );
    expect(lanes).toEqual(model.lanes());
    const pooled = new Set(model.hashes);
    const pending = [...model.lanes().values()].reduce((sum, lane) => sum + lane.pending, 0);
    expect(pool.size).toEqual({ pending, queued: pooled.size - pending });
    expect(pooled.size).toBeLessThanOrEqual(LIMITS.maxTransactions);
    const held = [...pool.lanes()].flatMap((lane) => [...lane.pending, ...lane.queued]);
    const bytes = held.reduce((sum, { transaction }) => sum + transaction.raw.length, 0);
    expect(bytes).toBe(model.bytes);
    expect(bytes).toBeLessThanOrEqual(LIMITS.maxBytes);
    for (const { address } of senders) {
      expect(pool.pendingNonce(address)).toBe(BigInt(model.pendingNonce(address)));
    }
    for (const hash of admitted) {
      expect(pool.get(hash) !== undefined).toBe(pooled.has(hash));
      expect(pooled.has(hash) || included.has(hash) || dropped.has(hash)).toBe(true);
    }
    for (const { transaction } of pool.takeFresh()) {
      expect(pooled.has(transaction.hash)).toBe(true);
      expect(offeredFresh.has(transaction.hash)).toBe(false);
      offeredFresh.add(transaction.hash);
    }
    for (const hash of pooled) expect(offeredFresh.has(hash)).toBe(true);
  }
}

test("any run of additions and blocks leaves what the rules say [POOL.1] [POOL.3] [POOL.4] [POOL.5] [POOL.6] [POOL.7] [POOL.9] [POOL.10] [POOL.11]", () => {
  fc.assert(fc.property(fc.array(aStep, { minLength: 1, maxLength: 40 }), run), { numRuns: 400 });
  expect([...met].sort()).toEqual([
    "admitted",
    "already-known",
    "evicted",
    "eviction-undone",
    "fee-cap-below-base-fee",
    "insufficient-funds",
    "nonce-too-high",
    "nonce-too-low",
    "pool-full",
    "replaced",
    "replacement-underpriced",
    "sender-full",
    "several-evicted",
    "stale",
    "unaffordable",
  ]);
});
