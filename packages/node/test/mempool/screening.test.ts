import { decodeTransaction, type Transaction, type TransactionFields } from "@sheaf/protocol";
import { expect, test } from "vitest";
import { createMempool } from "../../src/mempool/mempool.ts";
import type { PoolRefusal } from "../../src/ports.ts";
import { accountState, signedTransfer } from "../support/accounts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";

const alice = testAccount("alice");
const config = { maxTransactions: 100, maxBytes: 1_000_000, maxPerSender: 10, replacementPercent: 10 };

function openPool() {
  const { state, set } = accountState();
  set(alice.address, { balance: 10n ** 18n });
  const genesis = testGenesis({
    baseFeePerGasWei: "5",
    limits: { gasPerBlock: 1_000_000, transactionBytes: 60_000, blockBytes: 100_000 },
  });
  const pool = createMempool({ genesis, config, state, executor: { intrinsicGas: () => 21_000n } });
  return { pool, set };
}

const paid = { maxFeePerGas: 5n } as const;
const cases: readonly [string, Partial<TransactionFields>, PoolRefusal][] = [
  ["of another chain", { ...paid, chainId: 1n }, "wrong-chain"],
  ["without replay protection", { ...paid, type: 0, chainId: undefined }, "unprotected"],
  ["larger than the limit", { ...paid, data: new Uint8Array(60_001) }, "oversized"],
  ["with too long initcode", { ...paid, to: undefined, data: new Uint8Array(49_153) }, "initcode-too-large"],
  ["above the block's gas", { ...paid, gasLimit: 1_000_001n }, "exceeds-block-gas-limit"],
  ["below its intrinsic gas", { ...paid, gasLimit: 20_999n }, "intrinsic-gas-too-low"],
  ["below the base fee", { maxFeePerGas: 4n }, "fee-cap-below-base-fee"],
  ["with a tip above its cap", { ...paid, maxPriorityFeePerGas: 6n }, "tip-above-fee-cap"],
  ["with a nonce beyond 2^53", { ...paid, nonce: 2n ** 53n }, "nonce-too-high"],
  ["that its sender cannot pay", { ...paid, value: 10n ** 18n }, "insufficient-funds"],
];

test.each(cases)("a transaction %s is refused [POOL.2]", (_, fields, refusal) => {
  const { pool } = openPool();
  expect(pool.add([signedTransfer(alice, fields)])).toMatchObject([{ ok: false, refusal }]);
  expect(pool.size).toEqual({ pending: 0, queued: 0 });
});

test("bytes that are no transaction are refused one by one, and do not harm the rest of a batch [POOL.2]", () => {
  const { pool } = openPool();
  const good = signedTransfer(alice, paid);
  const highS = Uint8Array.from(good);
  highS.fill(0xff, highS.length - 32);
  const outcomes = pool.add([
    new Uint8Array(0),
    Uint8Array.of(3, 1, 2),
    Uint8Array.of(0xc1, 0x80),
    good.subarray(0, 50),
    highS,
    good,
    good,
  ]);
  expect(outcomes.map((each) => (each.ok ? "ok" : each.refusal))).toEqual([
    "malformed",
    "unsupported-type",
    "malformed",
    "malformed",
    "invalid-sender",
    "ok",
    "already-known",
  ]);
});

test("all three types are admitted with the sender that signed [POOL.2]", () => {
  const { pool } = openPool();
  const raw = ([0, 1, 2] as const).map((type) =>
    signedTransfer(alice, {
      type,
      nonce: BigInt(type),
      maxFeePerGas: 7n,
      maxPriorityFeePerGas: type === 2 ? 1n : 7n,
    }),
  );
  const outcomes = pool.add(raw);
  for (const [index, outcome] of outcomes.entries()) {
    const { hash } = decodeTransaction(raw[index] as Uint8Array) as Transaction;
    expect(outcome).toEqual({ ok: true, hash });
    expect(pool.get(hash)?.sender).toBe(alice.address);
  }
});

test("an account with code cannot send [POOL.3]", () => {
  const { pool, set } = openPool();
  set(alice.address, { codeHash: `0x${"12".repeat(32)}` });
  expect(pool.add([signedTransfer(alice, paid)])).toMatchObject([{ refusal: "invalid-sender" }]);
});

test("refusals say the numbers that clients show", () => {
  const { pool, set } = openPool();
  set(alice.address, { nonce: 3n });
  const [low, gas] = pool.add([
    signedTransfer(alice, { ...paid, nonce: 2n }),
    signedTransfer(alice, { ...paid, gasLimit: 100n }),
  ]);
  expect(low).toMatchObject({ detail: "next nonce 3, tx nonce 2" });
  expect(gas).toMatchObject({ detail: "gas 100, minimum needed 21000" });
});
