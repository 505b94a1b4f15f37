import { createCipheriv, createPublicKey, diffieHellman, hkdfSync } from "node:crypto";
import { concatBytes, createRandom, parseHex, utf8 } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { deriveKey } from "../../src/secagg/hash.ts";
import { addStream } from "../../src/secagg/masks.ts";
import { openChannel, SEALED_BYTES, seal, unseal } from "../../src/secagg/seal.ts";
import { agree, isUsableKey, keyPairOf } from "../../src/secagg/x25519.ts";
import { addresses } from "./driver.ts";
import { counterWords, hkdf } from "./independent.ts";

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array => parseHex(text) ?? new Uint8Array(0);

describe("X25519", () => {
  const alice = keyPairOf(fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const bob = keyPairOf(fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));

  it("gives the keys and the secret of RFC 7748, 6.1", () => {
    expect(toHex(alice.publicKey)).toBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    expect(toHex(bob.publicKey)).toBe("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    const secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    expect(toHex(agree(alice.secret, bob.publicKey))).toBe(secret);
    expect(toHex(agree(bob.secret, alice.publicKey))).toBe(secret);
  });

  it("[SECAGG.5] takes no key of low order and no second form of one", () => {
    const lowOrder = [
      "00".repeat(32),
      `01${"00".repeat(31)}`,
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      `ec${"ff".repeat(30)}7f`,
    ];
    for (const key of lowOrder) {
      expect(isUsableKey(fromHex(key)), key).toBe(false);
      const x = Buffer.from(key, "hex").toString("base64url");
      const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
      expect(() => diffieHellman({ privateKey: alice.secret, publicKey }), key).toThrow();
    }
    const noncanonical = [`ed${"ff".repeat(30)}7f`, `ee${"ff".repeat(30)}7f`, `f6${"ff".repeat(30)}7f`];
    for (const key of noncanonical) expect(isUsableKey(fromHex(key)), key).toBe(false);
    const highBit = bob.publicKey.slice();
    highBit[31] = (highBit[31] as number) | 0x80;
    expect(isUsableKey(highBit)).toBe(false);
    expect(isUsableKey(bob.publicKey.subarray(1))).toBe(false);
    expect(isUsableKey(bob.publicKey)).toBe(true);
  });
});

describe("HKDF", () => {
  it("gives RFC 5869, case 1, here and in Node", () => {
    const secret = new Uint8Array(22).fill(0x0b);
    const [salt, info] = [fromHex("000102030405060708090a0b0c"), fromHex("f0f1f2f3f4f5f6f7f8f9")];
    const output = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    expect(toHex(hkdf(secret, salt, info, 42))).toBe(output);
    expect(toHex(new Uint8Array(hkdfSync("sha256", secret, salt, info, 42)))).toBe(output);
  });

  it("separates keys by label", () => {
    const random = createRandom("hkdf");
    const [secret, salt, info] = [random.bytes(32), random.bytes(32), random.bytes(20)];
    const expected = hkdf(secret, salt, concatBytes(utf8("sheaf/secagg/1/label"), info), 64);
    expect(deriveKey(secret, salt, "label", info, 64)).toEqual(expected);
    expect(deriveKey(secret, salt, "other", info, 64)).not.toEqual(expected);
  });
});

describe("streams of masks", () => {
  it("are AES-256-CTR, SP 800-38A F.5.5", () => {
    const key = fromHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    const counter = fromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const plain = fromHex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    expect(createCipheriv("aes-256-ctr", key, counter).update(plain).toString("hex")).toBe(
      "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5" +
        "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
    );
  });

  it("[SECAGG.9] count from zero, read as little-endian words, across the edges of chunks", () => {
    const random = createRandom("streams");
    for (const words of [1, 3, 4, 5, 1_000, 16_383, 16_384, 16_385, 40_000]) {
      const key = random.bytes(32);
      const start = Int32Array.from({ length: words }, () => random.uint32() | 0);
      const stream = counterWords(key, words);
      const total = start.slice();
      addStream(total, key, 1);
      expect(total).toEqual(start.map((word, index) => (word + (stream[index] as number)) | 0));
      addStream(total, key, -1);
      expect(total).toEqual(start);
      addStream(total, key, -1);
      expect(total[words - 1]).toBe(((start[words - 1] as number) - (stream[words - 1] as number)) | 0);
    }
  });
});

describe("sealed shares", () => {
  const [alice, bob] = addresses(2) as [string, string];
  const random = createRandom("seal");
  const [agreed, session, content] = [random.bytes(32), random.bytes(32), random.bytes(64)];

  it("are AES-256-GCM: cases 13 and 14 of McGrew and Viega", () => {
    const cipher = createCipheriv("aes-256-gcm", new Uint8Array(32), new Uint8Array(12));
    expect(cipher.update(new Uint8Array(16)).toString("hex")).toBe("cea7403d4d606b6e074ec5d3baf39d18");
    cipher.final();
    expect(cipher.getAuthTag().toString("hex")).toBe("d0d1c8a799996bf0265b98b5d48ab919");
  });

  it("[SECAGG.8] open in their direction, session and pair only, and not when altered", () => {
    const sealed = seal(openChannel(agreed, session, alice, bob), content);
    expect(sealed.length).toBe(SEALED_BYTES);
    expect(unseal(openChannel(agreed, session, alice, bob), sealed)).toEqual(content);
    expect(unseal(openChannel(agreed, session, bob, alice), sealed)).toBeUndefined();
    expect(unseal(openChannel(agreed, random.bytes(32), alice, bob), sealed)).toBeUndefined();
    expect(unseal(openChannel(random.bytes(32), session, alice, bob), sealed)).toBeUndefined();
    for (let index = 0; index < sealed.length; index++) {
      const altered = sealed.slice();
      altered[index] = (altered[index] as number) ^ (1 << random.int(8));
      expect(unseal(openChannel(agreed, session, alice, bob), altered), `byte ${index}`).toBeUndefined();
    }
    expect(unseal(openChannel(agreed, session, alice, bob), sealed.subarray(1))).toBeUndefined();
    const long = concatBytes(sealed, Uint8Array.of(0));
    expect(unseal(openChannel(agreed, session, alice, bob), long)).toBeUndefined();
  });
});
