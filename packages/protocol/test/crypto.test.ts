import { bigintToBytes, bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from "@sheaf/base";
import { computeAddress, keccak256 as keccakOfEthers, SigningKey } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hasLowS,
  keccak256,
  nobleEngine,
  parseSignature,
  privateKeyToAddress,
  type RecoverableSignature,
  recoverAddress,
  secp256k1,
  signatureToBytes,
} from "../src/index.ts";
import { bytesOf, privateKey } from "./support/arbitraries.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELD = 2n ** 256n - 2n ** 32n - 977n;

function word(value: bigint): Uint8Array {
  const bytes = bigintToBytes(value);
  return concatBytes(new Uint8Array(32 - bytes.length), bytes);
}

const parity = fc.constantFrom(0 as const, 1 as const);

describe("keccak256", () => {
  it("gives the published digests", () => {
    expect(bytesToHex(keccak256(utf8("")))).toBe(
      "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    );
    expect(bytesToHex(keccak256(utf8("abc")))).toBe(
      "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
    );
  });

  it("equals ethers' for any input, whatever was hashed before, and gives memory of its own", () => {
    const held: [Uint8Array, string][] = [];
    const input = fc.oneof(fc.uint8Array({ maxLength: 300 }), bytesOf(40_000));
    fc.assert(
      fc.property(input, fc.nat(3), (bytes, offset) => {
        const digest = keccak256(bytes.subarray(offset));
        expect(bytesToHex(digest)).toBe(keccakOfEthers(bytes.subarray(offset)));
        held.push([digest, bytesToHex(digest)]);
      }),
    );
    for (const [digest, hex] of held) expect(bytesToHex(digest)).toBe(hex);
  });
});

describe.each([nobleEngine, secp256k1])("the $name engine", (engine) => {
  it("signs and recovers as ethers does", () => {
    fc.assert(
      fc.property(bytesOf(32), privateKey, (digest, key) => {
        const signature = engine.sign(digest, key);
        const theirs = new SigningKey(key).sign(digest);
        expect(bytesToHex(signature.compact)).toBe(`${theirs.r}${theirs.s.slice(2)}`);
        expect(signature.yParity).toBe(theirs.yParity);
        expect(hasLowS(signature.compact)).toBe(true);
        expect(engine.recover(digest, signature)).toEqual(engine.publicKey(key));
        expect(bytesToHex(engine.publicKey(key))).toBe(SigningKey.computePublicKey(key));
      }),
      { numRuns: 30 },
    );
  });

  it("takes keys from 1 to the order less 1, of 32 bytes", () => {
    expect([1n, 2n, ORDER - 1n].map((key) => engine.isPrivateKey(word(key)))).toEqual([true, true, true]);
    const bad = [word(0n), word(ORDER), word(2n ** 256n - 1n), new Uint8Array(31).fill(1), new Uint8Array(0)];
    for (const key of bad) expect(engine.isPrivateKey(key)).toBe(false);
  });

  it("recovers nothing, and throws nothing, where there is nothing to recover", () => {
    const digest = new Uint8Array(32).fill(7);
    const { compact } = engine.sign(digest, word(5n));
    const bad = [new Uint8Array(0), compact.subarray(0, 63), concatBytes(compact, new Uint8Array(1))];
    for (const each of bad) expect(engine.recover(digest, { compact: each, yParity: 0 })).toBeUndefined();
  });
});

describe.skipIf(secp256k1.name !== "native")("the native engine against noble", () => {
  const agree = (digest: Uint8Array, signature: RecoverableSignature): void => {
    expect(secp256k1.recover(digest, signature)).toEqual(nobleEngine.recover(digest, signature));
  };

  it("recovers the same, or nothing as it does, from any bytes", () => {
    fc.assert(
      fc.property(bytesOf(32), bytesOf(64), parity, (digest, compact, yParity) => {
        agree(digest, { compact, yParity });
      }),
      { numRuns: 200 },
    );
  });

  it("recovers the same from a good signature with a bit flipped, and from its high-s twin", () => {
    fc.assert(
      fc.property(bytesOf(32), privateKey, fc.nat(511), (digest, key, bit) => {
        const { compact, yParity } = secp256k1.sign(digest, key);
        const flipped = Uint8Array.from(compact);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        agree(digest, { compact: flipped, yParity });
        const s = ORDER - BigInt(bytesToHex(compact.subarray(32)));
        const twin = {
          compact: concatBytes(compact.subarray(0, 32), word(s)),
          yParity: (1 - yParity) as 0 | 1,
        };
        agree(digest, twin);
        expect(secp256k1.recover(digest, twin)).toEqual(secp256k1.publicKey(key));
        expect(parseSignature(signatureToBytes(twin))).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it("agrees at the edges of r, s and the digest", () => {
    const edges = [0n, 1n, 2n, ORDER / 2n, ORDER / 2n + 1n, ORDER - 1n, ORDER, ORDER + 1n, FIELD - ORDER];
    const rest = [FIELD - 1n, FIELD, 2n ** 256n - 1n];
    for (const digest of [0n, ORDER, 2n ** 256n - 1n].map(word)) {
      for (const r of [...edges, ...rest]) {
        for (const s of edges) {
          for (const yParity of [0, 1] as const) {
            agree(digest, { compact: concatBytes(word(r), word(s)), yParity });
          }
        }
      }
    }
  });

  it("signs the same, with the least and the greatest key and digest", () => {
    for (const key of [1n, 2n, ORDER - 1n].map(word)) {
      for (const digest of [0n, 1n, ORDER - 1n].map(word)) {
        expect(secp256k1.sign(digest, key)).toEqual(nobleEngine.sign(digest, key));
      }
    }
  });

  it("signs digests from the order up in another way, which both recover", () => {
    for (const digest of [ORDER, ORDER + 1n, 2n ** 256n - 1n].map(word)) {
      const signatures = [secp256k1.sign(digest, word(5n)), nobleEngine.sign(digest, word(5n))];
      for (const signature of signatures) {
        expect(nobleEngine.recover(digest, signature)).toEqual(nobleEngine.publicKey(word(5n)));
        agree(digest, signature);
      }
    }
  });
});

describe("addresses and signatures", () => {
  it("are those of ethers", () => {
    fc.assert(
      fc.property(privateKey, bytesOf(32), (key, digest) => {
        expect(privateKeyToAddress(key)).toBe(computeAddress(bytesToHex(key)).toLowerCase());
        expect(recoverAddress(digest, secp256k1.sign(digest, key))).toBe(privateKeyToAddress(key));
      }),
      { numRuns: 30 },
    );
  });

  it("round trip in 65 bytes; other lengths, parities and a high s are refused", () => {
    fc.assert(
      fc.property(bytesOf(32), privateKey, (digest, key) => {
        const signature = secp256k1.sign(digest, key);
        const bytes = signatureToBytes(signature);
        expect(parseSignature(bytes)).toEqual(signature);
        for (const last of [2, 27, 255]) {
          expect(parseSignature(concatBytes(bytes.subarray(0, 64), new Uint8Array([last])))).toBeUndefined();
        }
        expect(parseSignature(bytes.subarray(0, 64))).toBeUndefined();
        expect(parseSignature(concatBytes(bytes, new Uint8Array(1)))).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it("recover no address from r = 0", () => {
    const compact = concatBytes(new Uint8Array(32), word(1n));
    expect(
      recoverAddress(hexToBytes(`0x${"11".repeat(32)}` as Hex), { compact, yParity: 0 }),
    ).toBeUndefined();
  });

  it("draw the line of low s at half the order", () => {
    const withS = (s: bigint): Uint8Array => concatBytes(word(1n), word(s));
    expect([ORDER / 2n, ORDER / 2n + 1n].map((s) => hasLowS(withS(s)))).toEqual([true, false]);
  });
});
