import assert from "node:assert/strict";
import { assemble, word } from "./assemble.ts";
import {
  ALICE,
  BOB,
  CONTRACT,
  createEngine,
  type ExecutorCase,
  FUNDS,
  HELPER,
  onlyReceipt,
  PROPOSER,
  transaction,
} from "./engine.ts";

/** Payments, fees, nonces and void transactions. */
export const transferCases: readonly ExecutorCase[] = [
  {
    title: "a transfer moves value and costs 21,000 gas",
    async check(create) {
      const engine = await createEngine(create);
      const receipt = onlyReceipt(await engine.add(transaction({ to: BOB, value: 5n })));
      assert.equal(receipt.succeeded, true);
      assert.equal(receipt.gasUsed, 21_000n);
      assert.equal(engine.balance(BOB), FUNDS + 5n);
      assert.equal(engine.balance(ALICE), FUNDS - 5n);
      assert.equal(engine.state.account(ALICE).nonce, 1n);
    },
  },
  {
    title: "the whole price of gas goes to the proposer, and no balance is lost [STATE.8]",
    async check(create) {
      const engine = await createEngine(create, { baseFeePerGasWei: "7" });
      const fees = { maxFeePerGas: 100n, maxPriorityFeePerGas: 3n };
      const tipped = await engine.add(transaction({ to: BOB, value: 1n, ...fees }));
      assert.equal(onlyReceipt(tipped).effectiveGasPrice, 10n);
      assert.equal(engine.balance(PROPOSER), 210_000n);
      const capped = transaction({ to: BOB, nonce: 1n, maxFeePerGas: 8n, maxPriorityFeePerGas: 8n });
      assert.equal(onlyReceipt(await engine.add(capped)).effectiveGasPrice, 8n);
      assert.equal(engine.balance(PROPOSER), 378_000n);
      assert.equal(engine.balance(ALICE) + engine.balance(BOB) + engine.balance(PROPOSER), 2n * FUNDS);
    },
  },
  {
    title: "a failing transaction pays for its gas, its effects do not stay [STATE.7]",
    async check(create) {
      const engine = await createEngine(create, {
        codes: { [CONTRACT]: assemble(1, 0, "SSTORE", "INVALID") },
      });
      const failing = transaction({
        value: 9n,
        gasLimit: 100_000n,
        maxFeePerGas: 2n,
        maxPriorityFeePerGas: 2n,
      });
      const receipt = onlyReceipt(await engine.add(failing));
      assert.equal(receipt.succeeded, false);
      assert.equal(receipt.gasUsed, 100_000n);
      assert.equal(engine.balance(PROPOSER), 200_000n);
      assert.equal(engine.balance(CONTRACT), 0n);
      assert.equal(engine.slot(CONTRACT, 0), 0n);
      assert.equal(engine.state.account(ALICE).nonce, 1n);
    },
  },
  {
    title: "a transaction that its sender can no longer pay is void, and the next one goes on [STATE.7]",
    async check(create) {
      const engine = await createEngine(create);
      const { receipts } = await engine.add(
        transaction({ to: BOB, value: FUNDS - 10n }),
        transaction({ to: BOB, value: 11n, nonce: 1n }),
        transaction({ to: BOB, value: 10n, nonce: 2n }),
      );
      assert.deepEqual(
        receipts.map(({ succeeded, gasUsed, cumulativeGasUsed }) => [succeeded, gasUsed, cumulativeGasUsed]),
        [
          [true, 21_000n, 21_000n],
          [false, 0n, 21_000n],
          [true, 21_000n, 42_000n],
        ],
      );
      assert.equal(engine.balance(ALICE), 0n);
      assert.equal(engine.state.account(ALICE).nonce, 3n);
    },
  },
  {
    title: "a wrong nonce, too little gas or too low a fee makes a transaction void [STATE.7]",
    async check(create) {
      const engine = await createEngine(create, { baseFeePerGasWei: "5", gasPerBlock: 100_000 });
      const fair = { to: BOB, maxFeePerGas: 5n, maxPriorityFeePerGas: 0n, gasLimit: 21_000n };
      const { receipts } = await engine.add(
        transaction({ ...fair, nonce: 1n }),
        transaction({ ...fair, nonce: 0n, gasLimit: 20_999n }),
        transaction({ ...fair, nonce: 1n, maxFeePerGas: 4n }),
        transaction({ ...fair, nonce: 2n, gasLimit: 100_001n }),
        transaction({ ...fair, nonce: 3n }),
      );
      assert.deepEqual(
        receipts.map(({ succeeded }) => succeeded),
        [false, false, false, false, true],
      );
      assert.equal(engine.state.account(ALICE).nonce, 4n);
      assert.equal(engine.balance(ALICE), FUNDS - 21_000n * 5n);
    },
  },
  {
    title: "intrinsic gas counts data, initialisation code and the access list [STATE.9]",
    async check(create) {
      const { executor } = await createEngine(create);
      const data = Uint8Array.of(0, 1, 2, 0);
      assert.equal(executor.intrinsicGas({ to: BOB, data, accessList: [] }), 21_000n + 8n + 32n);
      assert.equal(executor.intrinsicGas({ to: undefined, data, accessList: [] }), 53_000n + 8n + 32n + 2n);
      const accessList = [{ address: BOB, storageKeys: [word(1), word(2)] }];
      assert.equal(executor.intrinsicGas({ to: BOB, data, accessList }), 21_040n + 2_400n + 3_800n);
    },
  },
  {
    title: "an account that is touched and stays empty does not come into being [STATE.10]",
    async check(create) {
      const engine = await createEngine(create);
      const { changes } = await engine.add(transaction({ to: HELPER }));
      assert.deepEqual(
        changes.accounts.map(([address]) => address),
        [ALICE],
      );
    },
  },
];
