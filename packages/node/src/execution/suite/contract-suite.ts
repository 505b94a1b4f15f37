import assert from "node:assert/strict";
import { bytesToHex, concatBytes, type Hex } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import { addressWord, assemble, deploying, type Part, RETURN_TOP, word } from "./assemble.ts";
import {
  ALICE,
  BOB,
  CONTRACT,
  createEngine,
  type ExecutorCase,
  HELPER,
  onlyReceipt,
  transaction,
} from "./engine.ts";

const call = (to: Hex, value = 0): Part[] => [0, 0, 0, 0, value, addressWord(to), "GAS", "CALL"];
/** Stores 7 at slot 0 and emits an event with topic 9. */
const STORE_AND_LOG: Part[] = [7, 0, "SSTORE", 9, 0, 0, "LOG1"];

/** Code, storage, logs, creation and destruction. */
export const contractCases: readonly ExecutorCase[] = [
  {
    title: "a creation puts code at the address that sender and nonce give",
    async check(create) {
      const engine = await createEngine(create);
      const code = assemble(42, ...RETURN_TOP);
      const creation = transaction({ to: undefined, data: deploying(code), value: 3n });
      const receipt = onlyReceipt(await engine.add(creation));
      // keccak256(rlp([ALICE, 0])): a list of 22 bytes, a string of 20, the empty string.
      const hashed = keccak256(
        concatBytes(Uint8Array.of(0xd6, 0x94), Buffer.from(ALICE.slice(2), "hex"), Uint8Array.of(0x80)),
      );
      assert.equal(receipt.contractAddress, bytesToHex(hashed.subarray(12)));
      const account = engine.state.account(receipt.contractAddress as Hex);
      assert.deepEqual([account.nonce, account.balance], [1n, 3n]);
      assert.equal(account.codeHash, bytesToHex(keccak256(code)));
      assert.deepEqual(new Uint8Array(engine.state.code(account.codeHash)), code);
      const answer = await engine.call({ to: receipt.contractAddress });
      assert.equal(BigInt(bytesToHex(answer.output)), 42n);
    },
  },
  {
    title: "code that is too long, or begins with 0xef, is not deployed",
    async check(create) {
      for (const code of [new Uint8Array(24_577), Uint8Array.of(0xef, 0)]) {
        const engine = await createEngine(create);
        const creation = transaction({ to: undefined, data: deploying(code), gasLimit: 10_000_000n });
        const receipt = onlyReceipt(await engine.add(creation));
        assert.deepEqual([receipt.succeeded, receipt.contractAddress], [false, undefined]);
        assert.equal(receipt.gasUsed, 10_000_000n);
      }
    },
  },
  {
    title: "a revert gives its data and the gas that is left back",
    async check(create) {
      const revert = assemble(5, 0, "MSTORE", 32, 0, "REVERT");
      const engine = await createEngine(create, { codes: { [CONTRACT]: revert } });
      const outcome = await engine.call({});
      assert.deepEqual([outcome.succeeded, outcome.failure], [false, "revert"]);
      assert.equal(BigInt(bytesToHex(outcome.output)), 5n);
      const receipt = onlyReceipt(await engine.add(transaction()));
      assert.equal(receipt.succeeded, false);
      assert.equal(receipt.gasUsed, outcome.gasUsed);
      assert.ok(receipt.gasUsed < 21_100n);
    },
  },
  {
    title: "a nested revert takes back its storage, logs and value, and nothing else",
    async check(create) {
      const engine = await createEngine(create, {
        codes: {
          [CONTRACT]: assemble(...STORE_AND_LOG, ...call(HELPER, 4), 1, "SSTORE"),
          [HELPER]: assemble(...STORE_AND_LOG, 0, 0, "REVERT"),
        },
      });
      const receipt = onlyReceipt(await engine.add(transaction({ value: 10n })));
      assert.equal(receipt.succeeded, true);
      assert.deepEqual(
        receipt.logs.map(({ address, topics }) => [address, topics]),
        [[CONTRACT, [word(9)]]],
      );
      assert.equal(engine.slot(CONTRACT, 0), 7n);
      assert.equal(engine.slot(HELPER, 0), 0n);
      assert.deepEqual([engine.balance(CONTRACT), engine.balance(HELPER)], [10n, 0n]);
    },
  },
  {
    title: "clearing storage refunds 4,800 gas, of all refunds at most a fifth of the gas used [STATE.9]",
    async check(create) {
      const clears = (slots: number) =>
        Array.from({ length: slots }, (_, slot): Part[] => [0, slot, "SSTORE"]).flat();
      const storage = Object.fromEntries(Array.from({ length: 10 }, (_, slot) => [word(slot), word(1)]));
      const one = await createEngine(create, { codes: { [CONTRACT]: assemble(...clears(1)) }, storage });
      assert.equal(onlyReceipt(await one.add(transaction())).gasUsed, 21_000n + 4n + 5_000n - 4_800n);
      const ten = await createEngine(create, { codes: { [CONTRACT]: assemble(...clears(10)) }, storage });
      // Ten times two PUSHes, the first of zero twice, and SSTORE.
      const spent = 21_000n + 10n * 2n + 2n + 9n * 3n + 10n * 5_000n;
      const { gasUsed } = onlyReceipt(await ten.add(transaction()));
      assert.equal(gasUsed, spent - spent / 5n);
      assert.equal(ten.slot(CONTRACT, 9), 0n);
    },
  },
  {
    title: "an access list makes its slots warm [STATE.9]",
    async check(create) {
      const load = assemble(1, "SLOAD", "POP");
      const engine = await createEngine(create, { codes: { [CONTRACT]: load } });
      const cold = onlyReceipt(await engine.add(transaction()));
      assert.equal(cold.gasUsed, 21_000n + 3n + 2_100n + 2n);
      const accessList = [{ address: CONTRACT, storageKeys: [word(1)] }];
      const warm = onlyReceipt(await engine.add(transaction({ nonce: 1n, accessList })));
      assert.equal(warm.gasUsed, 21_000n + 2_400n + 1_900n + 3n + 100n + 2n);
    },
  },
  {
    title: "SELFDESTRUCT gives the balance away and removes only what its transaction created [STATE.9]",
    async check(create) {
      const destroy = assemble(addressWord(BOB), "SELFDESTRUCT");
      const engine = await createEngine(create, { codes: { [CONTRACT]: destroy } });
      await engine.add(transaction({ value: 6n }));
      assert.equal(engine.balance(CONTRACT), 0n);
      assert.equal(engine.state.account(CONTRACT).codeHash, bytesToHex(keccak256(destroy)));
      const before = engine.balance(BOB);
      const data = assemble(1, 0, "SSTORE", addressWord(BOB), "SELFDESTRUCT");
      const { changes } = await engine.add(transaction({ nonce: 1n, to: undefined, data, value: 2n }));
      assert.equal(engine.balance(BOB), before + 2n);
      assert.deepEqual(
        changes.accounts.map(([address]) => address),
        [ALICE, BOB],
      );
      assert.deepEqual(changes.storage, []);
    },
  },
  {
    title: "transient storage lasts for one transaction [STATE.9]",
    async check(create) {
      const code = assemble(0, "TLOAD", 0, "SSTORE", 5, 0, "TSTORE", 0, "TLOAD", 1, "SSTORE");
      const engine = await createEngine(create, { codes: { [CONTRACT]: code } });
      await engine.add(transaction(), transaction({ nonce: 1n }));
      assert.deepEqual([engine.slot(CONTRACT, 0), engine.slot(CONTRACT, 1)], [0n, 5n]);
    },
  },
  {
    title: "the depth of calls ends at 1,024, and the engine stands it",
    async check(create) {
      // Counts in slot 0 how deep it comes, then calls itself.
      const code = assemble(1, 0, "SLOAD", "ADD", 0, "SSTORE", ...call(CONTRACT));
      const engine = await createEngine(create, { codes: { [CONTRACT]: code }, gasPerBlock: 10 ** 15 });
      const receipt = onlyReceipt(await engine.add(transaction({ gasLimit: 10n ** 14n })));
      assert.equal(receipt.succeeded, true);
      assert.equal(engine.slot(CONTRACT, 0), 1_025n);
    },
  },
];
