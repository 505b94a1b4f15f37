import { bytesToHex, hexToBytes } from "@sheaf/base";
import { Transaction as EthersTransaction, SigningKey, type TransactionLike } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeTransaction,
  effectiveGasPrice,
  privateKeyToAddress,
  recoverSender,
  signingHash,
  signTransaction,
  type Transaction,
  type TransactionFields,
} from "../src/index.ts";
import { privateKey, transactionFields } from "./support/arbitraries.ts";

function decoded(raw: Uint8Array): Transaction {
  const transaction = decodeTransaction(raw);
  if ("fault" in transaction) expect.fail(transaction.fault);
  return transaction;
}

function fieldsOf(transaction: Transaction): TransactionFields {
  const { raw, hash, signature, ...fields } = transaction;
  return fields;
}

function toEthers(fields: TransactionFields): EthersTransaction {
  const { type, chainId, to, maxFeePerGas, maxPriorityFeePerGas, accessList, ...rest } = fields;
  return EthersTransaction.from({
    ...rest,
    type,
    chainId: chainId ?? 0n,
    to: to ?? null,
    nonce: Number(fields.nonce),
    data: bytesToHex(fields.data),
    ...(type === 2 ? { maxFeePerGas, maxPriorityFeePerGas } : { gasPrice: maxFeePerGas }),
    ...(type === 0 ? {} : { accessList }),
  } as TransactionLike<string>);
}

describe("transactions", () => {
  it("that ethers signs are decoded, and their sender recovered", () => {
    fc.assert(
      fc.property(transactionFields, privateKey, (fields, key) => {
        const theirs = toEthers(fields);
        theirs.signature = new SigningKey(key).sign(theirs.unsignedHash);
        const ours = decoded(hexToBytes(theirs.serialized as `0x${string}`));
        expect(fieldsOf(ours)).toEqual(fields);
        expect(ours.hash).toBe(theirs.hash);
        expect(bytesToHex(signingHash(fields))).toBe(theirs.unsignedHash);
        expect(recoverSender(ours)).toBe(theirs.from?.toLowerCase());
        expect(recoverSender(ours)).toBe(privateKeyToAddress(key));
      }),
      { numRuns: 70 },
    );
  });

  it("that we sign are what ethers would have sent, byte by byte, and ethers reads them", () => {
    fc.assert(
      fc.property(transactionFields, privateKey, (fields, key) => {
        const raw = signTransaction(fields, key);
        const theirs = EthersTransaction.from(bytesToHex(raw));
        expect(theirs.from?.toLowerCase()).toBe(privateKeyToAddress(key));
        expect(theirs.unsignedSerialized).toBe(toEthers(fields).unsignedSerialized);
        const signedByEthers = toEthers(fields);
        signedByEthers.signature = new SigningKey(key).sign(signedByEthers.unsignedHash);
        expect(bytesToHex(raw)).toBe(signedByEthers.serialized);
      }),
      { numRuns: 70 },
    );
  });

  it("have another sender when a field is changed after signing", () => {
    fc.assert(
      fc.property(transactionFields, privateKey, (fields, key) => {
        const transaction = decoded(signTransaction(fields, key));
        const changed = { ...transaction, value: transaction.value ^ 1n };
        expect(recoverSender(changed)).not.toBe(privateKeyToAddress(key));
      }),
      { numRuns: 50 },
    );
  });

  it("pay the base fee and the tip, up to their cap", () => {
    const fields = { maxFeePerGas: 100n, maxPriorityFeePerGas: 7n } as TransactionFields;
    expect([0n, 50n, 93n, 94n, 100n].map((baseFee) => effectiveGasPrice(fields, baseFee))).toEqual([
      7n,
      57n,
      100n,
      100n,
      100n,
    ]);
  });
});
