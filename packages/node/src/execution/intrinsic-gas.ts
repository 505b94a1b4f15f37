import type { Transaction } from "@sheaf/protocol";

const TRANSACTION_GAS = 21_000;
/** EIP-2 and EIP-3860. */
const CREATION_GAS = 32_000;
const INIT_CODE_WORD_GAS = 2;
/** EIP-2028. */
const ZERO_BYTE_GAS = 4;
const BYTE_GAS = 16;
/** EIP-2930. */
const ACCESS_ADDRESS_GAS = 2_400;
const ACCESS_SLOT_GAS = 1_900;

/** EIP-3860: the most code that a transaction may bring to create a contract, in bytes. */
export const MAX_INIT_CODE = 49_152;

/** Gas that a transaction pays before its first opcode. */
export function intrinsicGas({
  to,
  data,
  accessList,
}: Pick<Transaction, "to" | "data" | "accessList">): number {
  let gas = TRANSACTION_GAS;
  if (to === undefined) gas += CREATION_GAS + INIT_CODE_WORD_GAS * Math.ceil(data.length / 32);
  for (let index = 0; index < data.length; index++) gas += data[index] === 0 ? ZERO_BYTE_GAS : BYTE_GAS;
  for (const { storageKeys } of accessList) gas += ACCESS_ADDRESS_GAS + ACCESS_SLOT_GAS * storageKeys.length;
  return gas;
}
