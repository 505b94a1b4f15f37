import type { AccountRecord } from "../block-state.ts";
import type { Frame } from "./frame.ts";
import { copyToMemory } from "./memory.ts";
import type { Operation } from "./program.ts";
import { wordOfBytes } from "./words.ts";

// EIP-2929.
export const COLD_ACCOUNT_GAS = 2_600;
export const WARM_ACCOUNT_GAS = 100;

/** An operation that pushes what it reads from the frame. */
function reader(read: (frame: Frame) => bigint): Operation {
  return (frame) => {
    frame.stack[frame.height++] = read(frame);
  };
}

export const address = reader((frame) => frame.start.self.word);
export const caller = reader((frame) => frame.start.caller.word);
export const callvalue = reader((frame) => frame.start.value);
export const calldatasize = reader((frame) => BigInt(frame.start.input.length));
export const codesize = reader((frame) => BigInt(frame.start.code.length));
export const returndatasize = reader((frame) => BigInt(frame.returned.length));
export const selfbalance = reader((frame) => frame.start.self.balance);
export const origin = reader((frame) => frame.scope.origin.word);
export const gasprice = reader((frame) => frame.scope.gasPrice);
export const coinbase = reader((frame) => frame.scope.environment.coinbase);
export const timestamp = reader((frame) => frame.scope.environment.timestamp);
export const number = reader((frame) => frame.scope.environment.number);
export const prevrandao = reader((frame) => frame.scope.environment.prevRandao);
export const gaslimit = reader((frame) => frame.scope.environment.gasLimit);
export const chainid = reader((frame) => frame.scope.environment.chainId);
export const basefee = reader((frame) => frame.scope.environment.baseFee);
/** There are no blobs [STATE.9]: their base fee is the least. */
export const blobbasefee = reader(() => 1n);

export const blobhash: Operation = (frame) => {
  frame.stack[frame.height - 1] = 0n;
};

export const blockhash: Operation = (frame) => {
  frame.push(frame.scope.environment.blockHash(frame.pop()));
};

export const calldataload: Operation = (frame) => {
  const { input } = frame.start;
  const offset = frame.popNumber();
  frame.push(offset < input.length ? wordOfBytes(input, offset) : 0n);
};

/** Pops an address, charges for access; `undefined` when gas is short. */
export function popAccount(frame: Frame): AccountRecord | undefined {
  const { state } = frame.scope;
  const account = state.accountOfWord(frame.pop());
  return frame.charge(state.warm(account) ? COLD_ACCOUNT_GAS : WARM_ACCOUNT_GAS) ? account : undefined;
}

export const balance: Operation = (frame) => {
  const account = popAccount(frame);
  if (account !== undefined) frame.push(account.balance);
};

export const extcodesize: Operation = (frame) => {
  const account = popAccount(frame);
  if (account !== undefined) frame.push(BigInt(frame.scope.state.code(account.codeHash).length));
};

export const extcodehash: Operation = (frame) => {
  const account = popAccount(frame);
  if (account !== undefined) frame.push(account.isEmpty ? 0n : BigInt(account.codeHash));
};

export const extcodecopy: Operation = (frame) => {
  const account = popAccount(frame);
  const to = frame.popNumber();
  const from = frame.popNumber();
  const length = frame.popNumber();
  if (account === undefined) return;
  copyToMemory(frame, frame.scope.state.code(account.codeHash), to, from, length);
};
