import { bytesEqual, bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import type { Address } from "../../src/chain/types.ts";

/** What stands for an account's key. */
export interface ToyIdentity {
  readonly address: Address;
  sign(digest: Uint8Array): Uint8Array;
}

const ADDRESS_BYTES = 20;
const SIGNATURE_BYTES = 65;

/**
 * The account number `index`. Its signatures have the form of real ones and cost a hash: whoever has not called
 * `sign` of this identity cannot know one.
 */
export function toyIdentity(index: number): ToyIdentity {
  const address = bytesToHex(keccak256(utf8(`account ${index}`)).subarray(0, ADDRESS_BYTES));
  return { address, sign: (digest) => signed(address, digest) };
}

/** The signer's address, or `undefined` when it is no signature of the digest. */
export function toyRecover(digest: Uint8Array, signature: Uint8Array): Address | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const address = bytesToHex(signature.subarray(0, ADDRESS_BYTES));
  return bytesEqual(signature, signed(address, digest)) ? address : undefined;
}

function signed(address: Hex, digest: Uint8Array): Uint8Array {
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signature.set(hexToBytes(address));
  signature.set(keccak256(concatBytes(utf8(`secret of ${address}`), digest)), ADDRESS_BYTES);
  return signature;
}
