import assert from "node:assert/strict";
import { bytesToHex } from "@sheaf/base";
import { stateDigest } from "../../state/state-digest.ts";
import { assemble, RETURN_TOP, word } from "./assemble.ts";
import {
  ALICE,
  BOB,
  CONTRACT,
  createEngine,
  type Engine,
  type ExecutorCase,
  onlyReceipt,
  transaction,
} from "./engine.ts";

/** Adds the first word of the input to slot 0; returns slot 0 when there is no input. */
const COUNTER = assemble(
  ...["CALLDATASIZE", 13, "JUMPI", 0, "SLOAD", ...RETURN_TOP, "STOP", "JUMPDEST"],
  ...[0, "CALLDATALOAD", 0, "SLOAD", "ADD", 0, "SSTORE"],
);
/** Counts down from some number: long work for little gas of storage. */
const LOOP = assemble(0, "CALLDATALOAD", "JUMPDEST", 1, "SWAP1", "SUB", "DUP1", 2, "JUMPI", 1, 0, "SSTORE");

const one = Buffer.from(word(1).slice(2), "hex");
const counter = async (engine: Engine): Promise<bigint> => BigInt(bytesToHex((await engine.call({})).output));

/** Who sees what, and that equal blocks have equal outcomes. */
export const isolationCases: readonly ExecutorCase[] = [
  {
    title: "a call leaves nothing behind and does not disturb the next block",
    async check(create) {
      const engine = await createEngine(create, { codes: { [CONTRACT]: COUNTER } });
      const other = await createEngine(create, { codes: { [CONTRACT]: COUNTER } });
      assert.equal((await engine.call({ data: one, value: 5n })).succeeded, true);
      assert.equal(await counter(engine), 0n);
      const [first, second] = [
        await engine.add(transaction({ data: one })),
        await other.add(transaction({ data: one })),
      ];
      assert.deepEqual(first, second);
      assert.equal(await counter(engine), 1n);
    },
  },
  {
    title: "calls that run while a block is executed see the head state only",
    async check(create) {
      const engine = await createEngine(create, { codes: { [CONTRACT]: COUNTER } });
      const block = Array.from({ length: 2_000 }, (_, nonce) =>
        transaction({ nonce: BigInt(nonce), data: one, gasLimit: 50_000n }),
      );
      const parts = [block.slice(0, 500), block.slice(500, 1_000)];
      let expected = 0n;
      for (const part of parts) {
        let running = true;
        const executing = engine.executor.execute(engine.context(), part, engine.result).finally(() => {
          running = false;
        });
        while (running) {
          assert.equal(await counter(engine), expected);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await executing;
        await engine.add(...part);
        expected += 500n;
        assert.equal(await counter(engine), expected);
      }
    },
  },
  {
    title: "long work lets the process do other things",
    async check(create) {
      const engine = await createEngine(create, { codes: { [CONTRACT]: LOOP } });
      let turns = 0;
      const count = (): void => {
        turns += 1;
        timer = setImmediate(count);
      };
      let timer = setImmediate(count);
      const data = Buffer.from(word(500_000).slice(2), "hex");
      const receipt = onlyReceipt(await engine.add(transaction({ data, gasLimit: 25_000_000n })));
      clearImmediate(timer);
      assert.equal(receipt.succeeded, true);
      assert.ok(turns >= 5, `${turns} turns`);
    },
  },
  {
    title: "equal blocks on equal states have equal outcomes, in any instance [STATE.2] [STATE.4]",
    async check(create) {
      const build = async (): Promise<unknown[]> => {
        const engine = await createEngine(create, { codes: { [CONTRACT]: COUNTER } });
        const outcomes: unknown[] = [];
        for (let block = 0; block < 5; block++) {
          const nonce = BigInt(block);
          const pay = transaction({ from: BOB, nonce, to: ALICE, value: BigInt(block), maxFeePerGas: 3n });
          outcomes.push(await engine.add(transaction({ nonce, data: one }), pay));
        }
        return outcomes;
      };
      assert.deepEqual(await build(), await build());
    },
  },
  {
    title: "the digest covers the net changes, sorted, and nothing that came back to its value [STATE.2]",
    async check(create) {
      // Slots 5 and 2 are set; 3 is set and cleared again.
      const code = assemble(1, 5, "SSTORE", 1, 2, "SSTORE", 1, 3, "SSTORE", 0, 3, "SSTORE");
      const engine = await createEngine(create, { codes: { [CONTRACT]: code } });
      const parent = engine.result.stateDigest;
      const { changes, result } = await engine.add(transaction(), transaction({ from: BOB, to: BOB }));
      assert.deepEqual(
        changes.accounts.map(([address]) => address),
        [ALICE, BOB],
      );
      assert.deepEqual(
        changes.storage.map(([, slot]) => slot),
        [word(2), word(5)],
      );
      assert.equal(result.stateDigest, stateDigest(parent, changes));
      assert.notEqual(result.stateDigest, parent);
    },
  },
];
