import type { Hex } from "@sheaf/base";

/** Keys of the one table: a letter for the kind, then the fixed-width parts. */
function hexKey(kind: string, first: Hex, second?: Hex): Buffer {
  const firstLength = (first.length - 2) >> 1;
  const secondLength = second === undefined ? 0 : (second.length - 2) >> 1;
  const key = Buffer.allocUnsafe(1 + firstLength + secondLength);
  key.write(kind, 0, "latin1");
  key.write(first.slice(2), 1, "hex");
  if (second !== undefined) key.write(second.slice(2), 1 + firstLength, "hex");
  return key;
}

function numberKey(kind: string, number: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key.write(kind, 0, "latin1");
  key.writeUInt32BE(number, 1);
  return key;
}

export const accountKey = (address: Hex): Buffer => hexKey("a", address);
export const slotKey = (address: Hex, slot: Hex): Buffer => hexKey("s", address, slot);
export const codeKey = (codeHash: Hex): Buffer => hexKey("c", codeHash);
export const blockKey = (number: number): Buffer => numberKey("b", number);
export const receiptsKey = (number: number): Buffer => numberKey("r", number);
export const logFilterKey = (number: number): Buffer => numberKey("f", number);
export const weightsKey = (number: number): Buffer => numberKey("w", number);
export const hashAtKey = (number: number): Buffer => numberKey("n", number);
export const blockHashKey = (hash: Hex): Buffer => hexKey("h", hash);
export const transactionKey = (hash: Hex): Buffer => hexKey("t", hash);

export const SCHEMA_KEY = Buffer.from("m/schema");
export const GENESIS_KEY = Buffer.from("m/genesis");
export const HEAD_KEY = Buffer.from("m/head");
