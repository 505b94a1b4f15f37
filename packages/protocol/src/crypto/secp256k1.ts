import { createRequire } from "node:module";
import { secp256k1 as noble } from "@noble/curves/secp256k1.js";
import { bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { keccak256 } from "./keccak.ts";

/** An ECDSA signature over secp256k1: `r` and `s` in 64 bytes (low s), and the parity of R's y. */
export interface RecoverableSignature {
  readonly compact: Uint8Array;
  readonly yParity: 0 | 1;
}

/**
 * What the project needs of a secp256k1 library; both engines give equal results. (They differ, both
 * rightly signed, for a digest not below the curve's order: one hash in 2^128.)
 */
export interface Secp256k1Engine {
  readonly name: "native" | "noble";
  /** Signs a 32-byte digest deterministically (RFC 6979). */
  sign(digest: Uint8Array, privateKey: Uint8Array): RecoverableSignature;
  /** The uncompressed public key (65 bytes), or `undefined` when there is none. */
  recover(digest: Uint8Array, signature: RecoverableSignature): Uint8Array | undefined;
  /** The uncompressed public key (65 bytes) of a private key. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  isPrivateKey(bytes: Uint8Array): boolean;
}

/** Pure JavaScript: works everywhere, some thirty times slower. */
export const nobleEngine: Secp256k1Engine = {
  name: "noble",
  sign(digest, privateKey) {
    const bytes = noble.sign(digest, privateKey, { prehash: false, lowS: true, format: "recovered" });
    return { compact: bytes.slice(1), yParity: (bytes[0] as number) === 0 ? 0 : 1 };
  },
  recover(digest, { compact, yParity }) {
    try {
      const point = noble.Signature.fromBytes(compact).addRecoveryBit(yParity).recoverPublicKey(digest);
      return point.toBytes(false);
    } catch {
      return undefined;
    }
  },
  publicKey: (privateKey) => noble.getPublicKey(privateKey, false),
  isPrivateKey: (bytes) => noble.utils.isValidSecretKey(bytes),
};

interface NativeSecp256k1 {
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { readonly signature: Uint8Array; readonly recid: number };
  ecdsaRecover(signature: Uint8Array, recid: number, digest: Uint8Array, compressed: boolean): Uint8Array;
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array;
  privateKeyVerify(key: Uint8Array): boolean;
}

function nativeEngine(library: NativeSecp256k1): Secp256k1Engine {
  return {
    name: "native",
    sign(digest, privateKey) {
      const { signature, recid } = library.ecdsaSign(digest, privateKey);
      return { compact: signature, yParity: recid === 0 ? 0 : 1 };
    },
    recover(digest, { compact, yParity }) {
      try {
        return library.ecdsaRecover(compact, yParity, digest, false);
      } catch {
        return undefined;
      }
    },
    publicKey: (privateKey) => library.publicKeyCreate(privateKey, false),
    isPrivateKey: (bytes) => bytes.length === 32 && library.privateKeyVerify(bytes),
  };
}

function loadEngine(): Secp256k1Engine {
  try {
    // The package's main entry falls back to its own JavaScript in silence; its bindings do not.
    const require = createRequire(import.meta.url);
    require("secp256k1/bindings");
    return nativeEngine(require("secp256k1") as NativeSecp256k1);
  } catch {
    return nobleEngine;
  }
}

/** libsecp256k1 where its prebuilt binary fits this machine, else noble. Recorded with every run. */
export const secp256k1: Secp256k1Engine = loadEngine();

/** A 20-byte account address in lower-case hex. */
export type Address = Hex;

/** The address of an uncompressed public key (65 bytes). */
export function publicKeyToAddress(publicKey: Uint8Array): Address {
  return bytesToHex(keccak256(publicKey.subarray(1)).subarray(12));
}

/** The address of a private key (32 bytes). */
export function privateKeyToAddress(privateKey: Uint8Array): Address {
  return publicKeyToAddress(secp256k1.publicKey(privateKey));
}

/** The address that signed `digest`, or `undefined` when the signature is none. */
export function recoverAddress(digest: Uint8Array, signature: RecoverableSignature): Address | undefined {
  const publicKey = secp256k1.recover(digest, signature);
  return publicKey === undefined ? undefined : publicKeyToAddress(publicKey);
}

/** A signature as 65 bytes: r, s, parity. */
export function signatureToBytes(signature: RecoverableSignature): Uint8Array {
  const out = new Uint8Array(65);
  out.set(signature.compact);
  out[64] = signature.yParity;
  return out;
}

const HALF_ORDER = hexToBytes("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/** Whether `s` is in the lower half of the order (EIP-2): the only form accepted, so that nobody can restate a signature. */
export function hasLowS(compact: Uint8Array): boolean {
  return Buffer.compare(compact.subarray(32, 64), HALF_ORDER) <= 0;
}

/** The signature in 65 bytes, or `undefined` when the form is wrong (length, parity, high s). */
export function parseSignature(bytes: Uint8Array): RecoverableSignature | undefined {
  const yParity = bytes[64];
  if (bytes.length !== 65 || (yParity !== 0 && yParity !== 1)) return undefined;
  const compact = bytes.subarray(0, 64);
  return hasLowS(compact) ? { compact, yParity } : undefined;
}
