import { concatBytes, hexToBytes } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { AbiCoder } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWeights, weightsByAnswer, weightsQuestion } from "../../src/execution/proposer-weights.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";

const encode = (miners: readonly string[], weights: readonly (number | bigint)[]): Uint8Array =>
  hexToBytes(AbiCoder.defaultAbiCoder().encode(["address[]", "uint256[]"], [miners, weights]) as Address);
const addresses = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes): Address => `0x${Buffer.from(bytes).toString("hex")}`);
const answers = fc.uniqueArray(fc.tuple(addresses, fc.nat(2 ** 48 - 1)), {
  maxLength: 8,
  selector: ([address]) => address,
});

describe("the answer of proposerWeights", () => {
  it("is read as the ABI encodes it, whatever it holds [EPOCH.4]", () => {
    fc.assert(
      fc.property(answers, (pairs) => {
        const answer = encode(...([pairs.map(([each]) => each), pairs.map(([, each]) => each)] as const));
        expect(readWeights(answer)).toEqual(new Map(pairs));
      }),
    );
  });

  it("counts in no other form: a byte changed, left out or added never gives the same weights [EPOCH.4]", () => {
    fc.assert(
      fc.property(answers, fc.nat(), fc.integer({ min: 1, max: 255 }), (pairs, at, by) => {
        const answer = encode(...([pairs.map(([each]) => each), pairs.map(([, each]) => each)] as const));
        const bent = answer.slice();
        const index = at % answer.length;
        bent[index] = ((bent[index] as number) + by) & 0xff;
        expect(readWeights(bent)).not.toEqual(new Map(pairs));
        expect(typeof readWeights(answer.slice(0, index))).toBe("string");
        expect(typeof readWeights(concatBytes(answer, new Uint8Array(1 + (at % 64))))).toBe("string");
      }),
    );
  });

  it("counts for nothing when it is any bytes, and never throws [EPOCH.4]", () => {
    const word = fc.oneof(
      fc.constantFrom(0n, 1n, 2n, 64n, 96n, 128n, 160n, 2n ** 256n - 1n),
      fc.bigInt(0n, 2n ** 256n - 1n),
    );
    const words = fc
      .array(word, { maxLength: 12 })
      .map((list) => hexToBytes(`0x${list.map((each) => each.toString(16).padStart(64, "0")).join("")}`));
    fc.assert(
      fc.property(fc.oneof(words, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const read = readWeights(bytes);
        // what is read encodes to the same bytes
        if (typeof read !== "string") expect(encode([...read.keys()], [...read.values()])).toEqual(bytes);
      }),
    );
  });

  it("says why it does not count [EPOCH.4] [EPOCH.5]", () => {
    const validators = ["a", "b"].map(testAccount);
    const genesis = testGenesis({ validators });
    const [a = "0x", b = "0x"] = validators.map(({ address }) => address);
    const reasons = [
      undefined,
      new Uint8Array(5),
      encode([a, a], [1, 1]),
      encode([a], [2n ** 48n]),
      encode([a, b], [0, 0]),
    ].map((answer) => weightsByAnswer(genesis, answer));
    expect(reasons.map(({ fallback }) => fallback)).toEqual([
      "the call failed",
      "the answer is malformed",
      "a miner is named twice",
      "a weight is 2^48 or more",
      "no validator has weight",
    ]);
    expect(reasons.every(({ weights }) => weights.join() === "1,1")).toBe(true);
    expect(weightsByAnswer(genesis, encode([b], [3]))).toEqual({ weights: [0, 3], fallback: undefined });
  });

  it("answers a question with the epoch as its one argument [EPOCH.3]", () => {
    expect(Buffer.from(weightsQuestion(258)).toString("hex")).toBe(`9774dfb3${"102".padStart(64, "0")}`);
  });
});
