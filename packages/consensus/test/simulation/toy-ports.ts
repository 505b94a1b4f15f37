import { asBuffer, type Hex } from "@sheaf/base";
import type { Address, QbftPorts } from "../../src/index.ts";

/** Ports for all validators of one run. */
export interface ToyKeys {
  portsOf(address: Address): QbftPorts;
}

/**
 * Cryptography that cannot be broken because it is a table: a hash is the serial number of what was
 * hashed, and a signature the serial number of who signed what. Both only exist once made here.
 */
export function createToyKeys(): ToyKeys {
  const hashes = new Map<string, Uint8Array>();
  const signed = new Map<Uint8Array, Map<Address, Uint8Array>>();
  const table: { readonly digest: Uint8Array; readonly signer: Address }[] = [];

  function hash(bytes: Uint8Array): Uint8Array {
    const content = asBuffer(bytes).toString("latin1");
    let digest = hashes.get(content);
    if (digest === undefined) {
      digest = serial(hashes.size, 32);
      hashes.set(content, digest);
    }
    return digest;
  }

  function sign(signer: Address, digest: Uint8Array): Uint8Array {
    let bySigner = signed.get(digest);
    if (bySigner === undefined) {
      bySigner = new Map();
      signed.set(digest, bySigner);
    }
    let signature = bySigner.get(signer);
    if (signature === undefined) {
      signature = serial(table.length, 65);
      table.push({ digest, signer });
      bySigner.set(signer, signature);
    }
    return signature;
  }

  function recover(digest: Uint8Array, signature: Uint8Array): Address | undefined {
    const entry = table[new DataView(signature.buffer, signature.byteOffset).getUint32(0)];
    return entry?.digest === digest ? entry.signer : undefined;
  }

  return { portsOf: (address) => ({ hash, recover, sign: (digest) => sign(address, digest) }) };
}

/** The address of validator `index`. */
export function toyAddress(index: number): Address {
  return `0x${(index + 1).toString(16).padStart(40, "0")}`;
}

/** A digest that is a serial number. */
export function toyDigest(index: number): Hex {
  return `0x${index.toString(16).padStart(64, "0")}`;
}

/** Also at the end, so that a serial number modulo anything is not always 0. */
function serial(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, number);
  new DataView(bytes.buffer).setUint32(length - 4, number);
  return bytes;
}
