import assert from "node:assert/strict";
import { hexToBytes } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { stateDigest } from "../../state/state-digest.ts";
import { addressWord, assemble, type Part, word } from "./assemble.ts";
import {
  ALICE,
  BOB,
  CONTRACT,
  type CreateExecutor,
  createEngine,
  type ExecutorCase,
  FUNDS,
  onlyReceipt,
  PROPOSER,
  transaction,
} from "./engine.ts";
import { answering, giving } from "./weights-answer.ts";

const SYSTEM: Address = "0xfffffffffffffffffffffffffffffffffffffffe";
/** First four bytes of the hash of `onBlock()`. */
const ON_BLOCK = 0xa2a14817;
const VALIDATORS = [PROPOSER, ALICE, BOB] as const;
/** More blocks than any case makes: no epoch ends. */
const LONG = 1_000;

/** Keeps each of these in a slot of its own, from 0. */
const keeping = (...values: readonly (readonly Part[])[]): Part[] =>
  values.flatMap((value, slot) => [...value, slot, "SSTORE"]);

/** Runs `answer` for `proposerWeights`, whose call data has 36 bytes, and `other` else. */
function dispatching(answer: readonly Part[], other: readonly Part[] = ["STOP"]): Uint8Array {
  const rest = assemble(...other);
  const start = assemble("CALLDATASIZE", 36, "EQ", 0xffff, "JUMPI").length;
  const target = start + rest.length;
  const to = Uint8Array.of(0x61, target >> 8, target & 0xff);
  return assemble("CALLDATASIZE", 36, "EQ", to, "JUMPI", rest, "JUMPDEST", ...answer);
}

/** The weights after the first block, the last of epoch 0, of a contract that is asked by `answer`. */
async function weightsOf(create: CreateExecutor, answer: readonly Part[]): Promise<readonly number[]> {
  const codes = { [CONTRACT]: dispatching(answer) };
  const engine = await createEngine(create, { codes, validators: VALIDATORS, epochBlocks: 1 });
  const { next } = await engine.add();
  assert.ok(next !== undefined, "weights after the last block of an epoch");
  return next.weights;
}

/** The reward call of each block, and the weights read after the last of an epoch. */
export const epochCases: readonly ExecutorCase[] = [
  {
    title: "the reward call comes from the system address with the proposer as COINBASE [REWARDCALL.1]",
    async check(create) {
      const selector: Part[] = [0, "CALLDATALOAD", 224, "SHR"];
      const seen = keeping(
        ["COINBASE"],
        ["CALLER"],
        ["ORIGIN"],
        ["NUMBER"],
        selector,
        ["CALLDATASIZE"],
        ["GASLIMIT"],
      );
      const codes = { [CONTRACT]: assemble(...seen, "CALLVALUE", "GASPRICE", "ADD", 7, "SSTORE") };
      const engine = await createEngine(create, { codes, epochBlocks: LONG });
      const before = engine.result.stateDigest;
      const executed = await engine.add();
      const expected = [PROPOSER, SYSTEM, SYSTEM, 1, ON_BLOCK, 4, 30_000_000, 0].map(BigInt);
      assert.deepEqual(
        expected.map((_, slot) => engine.slot(CONTRACT, slot)),
        expected,
      );
      assert.deepEqual([executed.receipts, executed.result.gasUsed], [[], 0n]);
      assert.equal(executed.changes.storage.length, 7);
      assert.equal(executed.result.stateDigest, stateDigest(before, executed.changes));
      assert.ok(!executed.changes.accounts.some(([address]) => address === SYSTEM), "no nonce is raised");
    },
  },
  {
    title: "without epochs there is no reward call, and nothing is read [REWARDCALL.1] [EPOCH.1]",
    async check(create) {
      const codes = { [CONTRACT]: dispatching(giving([BOB], [[7]]), keeping(["NUMBER"])) };
      const engine = await createEngine(create, { codes });
      const { changes, next } = await engine.add();
      assert.deepEqual([changes.storage, next], [[], undefined]);
    },
  },
  {
    title: "the reward call runs before the transactions, each block once [REWARDCALL.1]",
    async check(create) {
      // counts calls without value; a call with value notes how many there were
      const count: Part[] = [0, "SLOAD", 1, "ADD", 0, "SSTORE", "STOP"];
      const note: Part[] = [0, "SLOAD", "CALLVALUE", "SSTORE"];
      const jump = assemble("CALLVALUE", 0, "JUMPI").length + assemble(...count).length + 1;
      const codes = { [CONTRACT]: assemble("CALLVALUE", jump, "JUMPI", ...count, "JUMPDEST", ...note) };
      const engine = await createEngine(create, { codes, epochBlocks: LONG });
      await engine.add(transaction({ value: 1n }), transaction({ nonce: 1n, value: 2n }));
      await engine.add(transaction({ nonce: 2n, value: 3n }));
      assert.deepEqual(
        [0, 1, 2, 3].map((slot) => engine.slot(CONTRACT, slot)),
        [2n, 1n, 1n, 2n],
      );
    },
  },
  {
    title: "a reward call that fails changes nothing, and the block has all its gas [REWARDCALL.2]",
    async check(create) {
      const endings: readonly (readonly Part[])[] = [
        [0, 0, "REVERT"],
        ["INVALID"],
        ["POP"],
        // never ends: 30,000,000 gas are used up
        ["JUMPDEST", assemble(...keeping([1])).length, "JUMP"],
      ];
      for (const ending of endings) {
        const codes = { [CONTRACT]: assemble(...keeping([1]), ...ending) };
        const engine = await createEngine(create, { codes, epochBlocks: LONG, gasPerBlock: 50_000 });
        const executed = await engine.add(transaction({ to: BOB, value: 5n, gasLimit: 50_000n }));
        const { succeeded, gasUsed, cumulativeGasUsed } = onlyReceipt(executed);
        assert.deepEqual([succeeded, gasUsed, cumulativeGasUsed], [true, 21_000n, 21_000n]);
        assert.deepEqual(executed.changes.storage, []);
        assert.equal(engine.balance(BOB), FUNDS + 5n);
      }
    },
  },
  {
    title:
      "the reward call pays what the contract holds, without logs in receipts [REWARDCALL.2] [REWARDCALL.3]",
    async check(create) {
      const pay: Part[] = [0, 0, 0, 0, 5, "COINBASE", "GAS", "CALL", "POP", 42, 0, 0, "LOG1"];
      const codes = { [CONTRACT]: assemble(...pay) };
      const engine = await createEngine(create, { codes, epochBlocks: LONG, contractBalanceWei: 12n });
      const executed = await engine.add(transaction({ to: BOB }));
      assert.deepEqual(onlyReceipt(executed).logs, []);
      await engine.add();
      await engine.add();
      // the pool has 2 wei left: the third call pays nothing
      assert.deepEqual([engine.balance(PROPOSER), engine.balance(CONTRACT)], [10n, 2n]);
    },
  },
  {
    title: "a call of eth_call's kind does not begin with the reward call [REWARDCALL.3]",
    async check(create) {
      const code = assemble(0, "SLOAD", 1, "ADD", "DUP1", 0, "SSTORE", 0, "MSTORE", 32, 0, "RETURN");
      const engine = await createEngine(create, { codes: { [CONTRACT]: code }, epochBlocks: LONG });
      const { output } = await engine.call({});
      assert.deepEqual([...output], [...hexToBytes(word(1))]);
    },
  },
  {
    title: "weights are read after the last block of an epoch alone, after its transactions [EPOCH.3]",
    async check(create) {
      // a transaction with value v sets the weight of Alice; Bob's is the epoch that is asked for
      const answer = giving(
        [BOB, ALICE],
        [
          [4, "CALLDATALOAD"],
          [0, "SLOAD"],
        ],
      );
      const count: Part[] = ["CALLVALUE", 0, "SSTORE", "STOP"];
      const codes = { [CONTRACT]: dispatching(answer, count) };
      const engine = await createEngine(create, { codes, validators: VALIDATORS, epochBlocks: 3 });
      const weights: (readonly number[] | undefined)[] = [];
      for (let block = 0; block < 6; block++) {
        const executed = await engine.add(transaction({ nonce: BigInt(block), value: BigInt(block + 10) }));
        weights.push(executed.next?.weights);
      }
      // in the order of genesis: the proposer, Alice, Bob
      assert.deepEqual(weights, [undefined, undefined, [0, 12, 1], undefined, undefined, [0, 15, 2]]);
    },
  },
  {
    title: "weights are asked for by the system address, at the first height of the epoch [EPOCH.3]",
    async check(create) {
      const seen = [
        ["NUMBER"],
        ["CALLER", 0xfffe, "AND"],
        ["COINBASE", "PREVRANDAO", "ADD", 0, "BLOCKHASH", "ADD"],
      ];
      assert.deepEqual(await weightsOf(create, giving(VALIDATORS, seen)), [2, 0xfffe, 0]);
    },
  },
  {
    title: "the question for weights may change nothing [EPOCH.3] [EPOCH.5]",
    async check(create) {
      assert.deepEqual(await weightsOf(create, [1, 0, "SSTORE", ...giving([BOB], [[7]])]), [1, 2, 3]);
    },
  },
  {
    title: "strangers' weights are ignored, and who is not named has none [EPOCH.4]",
    async check(create) {
      const answer = giving([CONTRACT, BOB], [[9], [2n ** 48n - 1n]]);
      assert.deepEqual(await weightsOf(create, answer), [0, 0, 2 ** 48 - 1]);
    },
  },
  {
    title: "the weights of genesis hold after a bad answer [EPOCH.4] [EPOCH.5]",
    async check(create) {
      const bad: readonly (readonly Part[])[] = [
        ["STOP"],
        [...keeping([1])],
        [0, 0, "REVERT"],
        ["JUMPDEST", 5, "JUMP"],
        giving([], []),
        giving([BOB], [[0]]),
        giving([CONTRACT], [[5]]),
        giving([BOB], [[2n ** 48n]]),
        giving([BOB, BOB], [[1], [1]]),
        giving([BOB, ALICE], [[1]]),
        answering([64], [128], [1], [2n ** 160n + addressWord(BOB)], [1], [1]),
        answering([64], [128], [1], [addressWord(BOB)], [1], [1], [0]),
        answering([96], [128], [1], [addressWord(BOB)], [1], [1]),
      ];
      for (const answer of bad)
        assert.deepEqual(await weightsOf(create, answer), [1, 2, 3], answer.join(" "));
    },
  },
  {
    title:
      "a contract whose every call fails leaves the chain to the weights of genesis [EPOCH.5] [REWARDCALL.2]",
    async check(create) {
      const engine = await createEngine(create, {
        codes: { [CONTRACT]: assemble("INVALID") },
        epochBlocks: 1,
      });
      for (let block = 1; block <= 3; block++) {
        const { next, changes } = await engine.add();
        assert.deepEqual([next?.weights, next?.fallback, changes.storage], [[1], "the call failed", []]);
      }
    },
  },
];
