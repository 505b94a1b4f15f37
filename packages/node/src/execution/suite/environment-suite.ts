import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from "@sheaf/base";
import { keccak256, privateKeyToAddress, secp256k1 } from "@sheaf/protocol";
import { addressWord, assemble, type Part, RETURN_TOP, word } from "./assemble.ts";
import { ALICE, CONTRACT, createEngine, type ExecutorCase, PROPOSER } from "./engine.ts";

/** Hands its input to the precompile at `address` and returns the answer's first word and its length. */
const askPrecompile = (address: number): Uint8Array =>
  assemble(
    ...["CALLDATASIZE", 0, 0, "CALLDATACOPY", 32, 0, "CALLDATASIZE", 0, address, "GAS", "STATICCALL", "POP"],
    ...["RETURNDATASIZE", 32, "MSTORE", 64, 0, "RETURN"],
  );

/** What the environment opcodes answer, and the precompiles. */
export const environmentCases: readonly ExecutorCase[] = [
  {
    title: "environment opcodes answer as specified [STATE.9]",
    async check(create) {
      const expected: readonly (readonly [readonly Part[], bigint])[] = [
        [["NUMBER"], 1n],
        [["TIMESTAMP"], 1_700_000_001n],
        [["COINBASE"], addressWord(PROPOSER)],
        [["PREVRANDAO"], 0xabcn],
        [["GASLIMIT"], 30_000_000n],
        [["CHAINID"], 1337n],
        [["BASEFEE"], 3n],
        [["BLOBBASEFEE"], 1n],
        [[0, "BLOBHASH"], 0n],
        [[0, "BLOCKHASH"], 1_000n],
        [[1, "BLOCKHASH"], 0n],
        [["ORIGIN"], addressWord(ALICE)],
        [["CALLER"], addressWord(ALICE)],
        [["ADDRESS"], addressWord(CONTRACT)],
      ];
      for (const [parts, answer] of expected) {
        const codes = { [CONTRACT]: assemble(...parts, ...RETURN_TOP) };
        const engine = await createEngine(create, { codes, baseFeePerGasWei: "3" });
        const { output } = await engine.call({ gasPrice: 0n });
        assert.equal(bytesToHex(output), word(answer), parts.join(" "));
      }
    },
  },
  {
    title: "BLOCKHASH reaches 256 blocks back [STATE.9]",
    async check(create) {
      const code = assemble(0, "CALLDATALOAD", "BLOCKHASH", ...RETURN_TOP);
      const { executor, context } = await createEngine(create, { codes: { [CONTRACT]: code } });
      const ask = async (number: number): Promise<bigint> => {
        const { output } = await executor.call(
          { ...context(), number: 300 },
          {
            from: ALICE,
            to: CONTRACT,
            gasLimit: 100_000n,
            gasPrice: 0n,
            value: 0n,
            data: hexToBytes(word(number)),
          },
        );
        return BigInt(bytesToHex(output));
      };
      assert.deepEqual(
        [await ask(43), await ask(44), await ask(299), await ask(300)],
        [0n, 1_044n, 1_299n, 0n],
      );
    },
  },
  {
    title: "ECRECOVER and SHA256 answer, and a bad signature has no signer",
    async check(create) {
      const key = keccak256(utf8("key"));
      const digest = keccak256(utf8("message"));
      const { compact, yParity } = secp256k1.sign(digest, key);
      const input = concatBytes(digest, hexToBytes(word(27 + yParity)), compact);
      const recover = await createEngine(create, { codes: { [CONTRACT]: askPrecompile(1) } });
      const found = await recover.call({ data: input });
      assert.equal(bytesToHex(found.output.subarray(12, 32)), privateKeyToAddress(key));
      const forged = await recover.call({ data: concatBytes(digest, hexToBytes(word(29)), compact) });
      assert.equal(BigInt(bytesToHex(forged.output.subarray(32))), 0n);
      const sha = await createEngine(create, { codes: { [CONTRACT]: askPrecompile(2) } });
      const hashed = await sha.call({ data: input });
      assert.equal(
        Buffer.from(hashed.output.subarray(0, 32)).toString("hex"),
        createHash("sha256").update(input).digest("hex"),
      );
    },
  },
  {
    title: "there is nothing at the address of the point evaluation [STATE.9]",
    async check(create) {
      const engine = await createEngine(create, { codes: { [CONTRACT]: askPrecompile(10) } });
      const { succeeded, output } = await engine.call({ data: new Uint8Array(192) });
      assert.deepEqual([succeeded, BigInt(bytesToHex(output.subarray(32)))], [true, 0n]);
    },
  },
  {
    title: "one call of a precompile uses at most a million gas [STATE.9]",
    async check(create) {
      const engine = await createEngine(create, { codes: { [CONTRACT]: askPrecompile(9) } });
      const compress = async (rounds: number): Promise<bigint> => {
        const input = new Uint8Array(213);
        new DataView(input.buffer).setUint32(0, rounds);
        const { output } = await engine.call({ data: input, gasLimit: 20_000_000n });
        return BigInt(bytesToHex(output.subarray(32)));
      };
      assert.deepEqual(
        [await compress(12), await compress(1_000_000), await compress(1_000_001)],
        [64n, 64n, 0n],
      );
    },
  },
  {
    title: "a call of eth_call's kind pays like a transaction and says why it failed",
    async check(create) {
      const engine = await createEngine(create, { codes: { [CONTRACT]: assemble(0, "JUMP") } });
      const failed = await engine.call({ gasLimit: 50_000n });
      assert.deepEqual([failed.succeeded, failed.failure, failed.gasUsed], [false, "invalid JUMP", 50_000n]);
      const poor = await engine.call({ from: `0x${"01".repeat(20)}` as Hex, value: 1n });
      assert.deepEqual([poor.succeeded, poor.failure], [false, "insufficient balance"]);
      const short = await engine.call({ gasLimit: 20_999n });
      assert.deepEqual([short.succeeded, short.failure], [false, "out of gas"]);
    },
  },
];
