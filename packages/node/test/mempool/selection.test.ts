import { expect, test } from "vitest";
import { createMempool } from "../../src/mempool/mempool.ts";
import type { SenderTransaction } from "../../src/ports.ts";
import { accountState, signedTransfer } from "../support/accounts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";

const config = { maxTransactions: 1_000, maxBytes: 1_000_000, maxPerSender: 100, replacementPercent: 10 };
const NO_LIMIT = { transactions: 1_000, gas: 10n ** 9n, bytes: 1e9 };

function openPool() {
  const { state, set } = accountState();
  const executor = { intrinsicGas: () => 21_000n };
  return { pool: createMempool({ genesis: testGenesis(), config, state, executor }), set };
}

const nonces = (selected: readonly SenderTransaction[]) =>
  selected.map(({ sender, transaction }) => [sender, Number(transaction.nonce)]);

test("one that does not fit is passed over with its followers, smaller ones of others are still taken [POOL.8]", () => {
  const { pool } = openPool();
  const [a, b] = [testAccount("a"), testAccount("b")];
  pool.add([
    signedTransfer(a, { gasLimit: 21_000n }),
    signedTransfer(a, { nonce: 1n, gasLimit: 90_000n }),
    signedTransfer(a, { nonce: 2n, gasLimit: 21_000n }),
    signedTransfer(b, { gasLimit: 21_000n }),
    signedTransfer(b, { nonce: 1n, data: new Uint8Array(500), gasLimit: 30_000n }),
  ]);
  expect(nonces(pool.select({ ...NO_LIMIT, gas: 100_000n }))).toEqual([
    [a.address, 0],
    [b.address, 0],
    [b.address, 1],
  ]);
  expect(nonces(pool.select({ ...NO_LIMIT, gas: 10n ** 6n, bytes: 600 }))).toHaveLength(4);
  expect(pool.select(NO_LIMIT)).toHaveLength(5);
  expect(pool.select({ ...NO_LIMIT, transactions: 2 })).toHaveLength(2);
});

test("the search for one that fits ends after 64 that do not [POOL.8]", () => {
  const { pool } = openPool();
  const large = Array.from({ length: 64 }, (_, index) => testAccount(`large ${index}`));
  pool.add(large.map((account) => signedTransfer(account, { gasLimit: 90_000n })));
  pool.add([signedTransfer(testAccount("small"))]);
  expect(pool.select({ ...NO_LIMIT, gas: 50_000n })).toHaveLength(0);
});

test("the host is told once when an empty pool gets something executable", () => {
  const { pool } = openPool();
  let calls = 0;
  pool.onReady(() => {
    calls += 1;
  });
  const account = testAccount("a");
  pool.add([signedTransfer(account, { nonce: 1n })]);
  expect(calls).toBe(0);
  pool.add([signedTransfer(account, { nonce: 0n })]);
  pool.add([signedTransfer(account, { nonce: 2n })]);
  expect(calls).toBe(1);
  expect(pool.size).toEqual({ pending: 3, queued: 0 });
});
