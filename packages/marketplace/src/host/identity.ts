import { statSync } from "node:fs";
import { hexToBytes, invalidInput, parseHex } from "@sheaf/base";
import type { Identity } from "@sheaf/bus";
import {
  type Address,
  parseSignature,
  privateKeyToAddress,
  recoverAddress,
  secp256k1,
  signatureToBytes,
} from "@sheaf/protocol";
import { readText } from "./agent-config.ts";

/** An agent's key, and what is signed with it. */
export interface AgentKey extends Identity {
  /** 32 bytes; for the chain client only. */
  readonly privateKey: Uint8Array;
}

/** Reads a private key: 64 hexadecimal digits. Raises `INVALID_INPUT`; no message shows what the file holds. */
export function readKeyFile(path: string): AgentKey {
  const privateKey = parseHex(readText(path).trim());
  if (privateKey?.length !== 32 || !secp256k1.isPrivateKey(privateKey)) {
    throw invalidInput(path, "holds no private key", "write 64 hexadecimal digits into it");
  }
  return {
    address: privateKeyToAddress(privateKey),
    privateKey,
    sign: (digest) => signatureToBytes(secp256k1.sign(digest, privateKey)),
  };
}

/** Whether other users of this machine may read or write a file (by its mode; never on Windows). */
export function isOpenToOthers(path: string): boolean {
  return process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
}

/** Who signed a digest, or `undefined`. */
export function recoverSigner(
  digest: Uint8Array | `0x${string}`,
  signature: Uint8Array,
): Address | undefined {
  const parsed = parseSignature(signature);
  if (parsed === undefined) return undefined;
  return recoverAddress(typeof digest === "string" ? hexToBytes(digest) : digest, parsed);
}
