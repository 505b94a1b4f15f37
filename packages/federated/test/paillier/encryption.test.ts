import { randomBytes } from "node:crypto";
import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { PrivateKey, PublicKey } from "paillier-bigint";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  addCiphertexts,
  ciphertextCount,
  createPaillierKeys,
  decodeCiphertexts,
  decodePaillierKey,
  decodePaillierSecret,
  decryptSum,
  encodeCiphertexts,
  encodePaillierKey,
  encodePaillierSecret,
  encryptVector,
  isRejection,
  type PaillierKeys,
  slotsPerPlaintext,
} from "../../src/index.ts";
import { modInverse } from "../../src/paillier/arithmetic.ts";

vi.setConfig({ testTimeout: 120_000 });

let keys: PaillierKeys;
let library: PrivateKey;

beforeAll(async () => {
  keys = await createPaillierKeys(1024);
  const { p, q, publicKey } = keys;
  const lambda = (p - 1n) * (q - 1n);
  library = new PrivateKey(
    lambda,
    modInverse(lambda, publicKey.n),
    new PublicKey(publicKey.n, publicKey.n + 1n),
  );
}, 60_000);

function expectDone<T extends object>(value: T): Exclude<T, { readonly rejected: unknown }> {
  if (isRejection(value)) throw new RangeError(value.rejected);
  return value as Exclude<T, { readonly rejected: unknown }>;
}

describe("packed encryption", () => {
  it("decrypts to the exact sum of signed vectors, at the edges of range and headroom", async () => {
    const scenario = fc.record({
      bits: fc.integer({ min: 2, max: 24 }),
      members: fc.integer({ min: 1, max: 100 }),
      dimension: fc.constantFrom(1, 40, 43, 100),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ bits, members, dimension, seed }) => {
        const random = createRandom(seed);
        const contributors = 1 + random.int(Math.min(members, 4));
        const [low, high] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
        const vectors = Array.from({ length: contributors }, () =>
          Int32Array.from({ length: dimension }, () =>
            random.pick([low, high, 0, low + random.int(high - low + 1)]),
          ),
        );
        const packing = { bits, members };
        const encrypted = await Promise.all(
          vectors.map((vector) => encryptVector(keys.publicKey, vector, packing, randomBytes)),
        );
        for (const one of encrypted) expect(one.length).toBe(ciphertextCount(1024, dimension, packing));
        const total = expectDone(addCiphertexts(keys.publicKey, encrypted));
        const sum = expectDone(await decryptSum(keys, total, packing, { contributors, dimension }));
        const plain = vectors.reduce((all, vector) =>
          all.map((value, index) => value + (vector[index] as number)),
        );
        expect(sum).toEqual(plain);
      }),
      { numRuns: 25 },
    );
  });

  it("keeps slots apart when as many members as there is room for give the most, and the least", async () => {
    for (const [bits, members] of [
      [4, 8],
      [4, 5],
      [16, 3],
    ] as const) {
      const packing = { bits, members };
      const slots = slotsPerPlaintext(1024, packing);
      for (const value of [2 ** (bits - 1) - 1, -(2 ** (bits - 1))]) {
        const vector = new Int32Array(slots + 1).map((_, index) => (index % 2 === 0 ? value : -1 - value));
        const one = await encryptVector(keys.publicKey, vector, packing, randomBytes);
        const total = expectDone(addCiphertexts(keys.publicKey, new Array<bigint[]>(members).fill(one)));
        const given = { contributors: members, dimension: vector.length };
        expect(expectDone(await decryptSum(keys, total, packing, given))).toEqual(
          vector.map((one) => one * members),
        );
      }
    }
  });

  it("is the cryptosystem of the library: it decrypts what is encrypted here, and the other way round", async () => {
    const packing = { bits: 16, members: 1 };
    const value = Int32Array.of(1_234);
    const [ciphertext] = (await encryptVector(keys.publicKey, value, packing, randomBytes)) as [bigint];
    expect(library.decrypt(ciphertext)).toBe(1_234n + 2n ** 15n);
    const theirs = library.publicKey.encrypt(2n ** 15n - 77n);
    const given = { contributors: 1, dimension: 1 };
    expect(expectDone(await decryptSum(keys, [theirs], packing, given))).toEqual(Int32Array.of(-77));
  });

  it("gives other ciphertexts every time, from all of the entropy", async () => {
    const packing = { bits: 8, members: 4 };
    const vector = new Int32Array(300);
    const encrypt = (): Promise<bigint[]> => encryptVector(keys.publicKey, vector, packing, randomBytes);
    const all = [...(await encrypt()), ...(await encrypt())];
    expect(new Set(all).size).toBe(all.length);
    const asked: number[] = [];
    await encryptVector(keys.publicKey, vector, packing, (length) => {
      asked.push(length);
      return randomBytes(length);
    });
    expect(asked).toEqual(new Array(all.length / 2).fill(1024 / 8 + 8));
  });

  it("lets other work run meanwhile", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await encryptVector(keys.publicKey, new Int32Array(6_000), { bits: 8, members: 4 }, randomBytes);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it("refuses what does not fit", async () => {
    const isRefused = expect.objectContaining({ code: "INVALID_INPUT" });
    const { publicKey } = keys;
    for (const value of [128, -129]) {
      const given = encryptVector(publicKey, Int32Array.of(value), { bits: 8, members: 2 }, randomBytes);
      await expect(given).rejects.toEqual(isRefused);
    }
    const room = { bits: 24, members: 257 };
    await expect(encryptVector(publicKey, Int32Array.of(1), room, randomBytes)).rejects.toEqual(isRefused);
    await expect(createPaillierKeys(1000)).rejects.toEqual(isRefused);
    expect(() => addCiphertexts(publicKey, [])).toThrow(isRefused);
    expect(addCiphertexts(publicKey, [[2n, 3n], [2n]])).toEqual({ rejected: "WRONG_DIMENSION" });
    const packing = { bits: 8, members: 2 };
    const counts = { contributors: 3, dimension: 1 };
    await expect(decryptSum(keys, [2n], packing, counts)).rejects.toEqual(isRefused);
    const one = { contributors: 1, dimension: 1 };
    expect(await decryptSum(keys, [2n, 3n], packing, one)).toEqual({ rejected: "WRONG_DIMENSION" });
    // Something in the slots beyond the dimension, and something that is no encryption at all.
    const wide = await encryptVector(publicKey, Int32Array.of(1, 1), packing, randomBytes);
    expect(await decryptSum(keys, wide, packing, one)).toEqual({ rejected: "MALFORMED" });
    const garbage = BigInt(`0x${randomBytes(250).toString("hex")}`);
    expect(await decryptSum(keys, [garbage], packing, one)).toEqual({ rejected: "MALFORMED" });
    for (const trivial of [1n, keys.publicKey.n ** 2n - 1n]) {
      expect(await decryptSum(keys, [trivial], packing, one)).not.toBeUndefined();
    }
  });
});

describe("codecs", () => {
  it("bring back ciphertexts, keys and secrets", async () => {
    const { publicKey } = keys;
    const ciphertexts = await encryptVector(
      publicKey,
      new Int32Array(400),
      { bits: 16, members: 20 },
      randomBytes,
    );
    const bytes = encodeCiphertexts(publicKey, ciphertexts);
    expect(bytes.length).toBe(256 * ciphertexts.length);
    expect(decodeCiphertexts(publicKey, bytes, ciphertexts.length)).toEqual(ciphertexts);
    expect(encodeCiphertexts(publicKey, [5n]).length).toBe(256);
    expect(decodePaillierKey(encodePaillierKey(publicKey))).toEqual(publicKey);
    expect(decodePaillierSecret(encodePaillierSecret(keys))).toEqual(keys);
  });

  it("refuse what is none", () => {
    const { publicKey, p, q } = keys;
    const { n } = publicKey;
    const decode = (value: bigint): unknown =>
      decodeCiphertexts(publicKey, encodeCiphertexts(publicKey, [value]), 1);
    for (const value of [0n, 1n, n * n - 1n, n * n, n * n + 5n, p, q * 7n, n]) {
      expect(decode(value), String(value)).toEqual({ rejected: "MALFORMED" });
    }
    expect(decode(12_345n)).toEqual([12_345n]);
    const bytes = encodeCiphertexts(publicKey, [12_345n, 3n]);
    for (const count of [1, 3]) {
      expect(decodeCiphertexts(publicKey, bytes, count)).toEqual({ rejected: "WRONG_DIMENSION" });
    }
    expect(decodeCiphertexts(publicKey, bytes.subarray(1), 2)).toEqual({ rejected: "WRONG_DIMENSION" });
    const even = encodePaillierKey({ bits: 1024, n: n - 1n });
    const small = encodePaillierKey({ bits: 1024, n: n >> 1n });
    for (const wrong of [even, small, encodePaillierKey(publicKey).subarray(1), new Uint8Array(0)]) {
      expect(decodePaillierKey(wrong)).toBeUndefined();
    }
    const secret = encodePaillierSecret(keys);
    const swapped = encodePaillierSecret({ publicKey, p: q, q: p });
    for (const wrong of [
      swapped,
      secret.subarray(2),
      new Uint8Array(0),
      encodePaillierSecret({ publicKey, p, q: 3n }),
    ]) {
      expect(decodePaillierSecret(wrong)).toBeUndefined();
    }
  });
});
