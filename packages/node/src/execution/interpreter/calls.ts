import type { AccountRecord } from "../block-state.ts";
import { popAccount } from "./environment.ts";
import type { CallMessage, CreateMessage, Frame } from "./frame.ts";
import { wordsOf } from "./memory.ts";
import type { Operation } from "./program.ts";
import { wordToHex } from "./words.ts";

const NO_BYTES = new Uint8Array(0);
const DEPTH_LIMIT = 1_024;
const VALUE_GAS = 9_000;
const NEW_ACCOUNT_GAS = 25_000;
const STIPEND = 2_300;
/** EIP-3860: bytes of code that creates a contract, and gas for each word of it. */
const MAX_INIT_CODE = 49_152;
const INIT_CODE_GAS = 2;
const KECCAK_WORD_GAS = 6;
const MAX_NONCE = (1n << 64n) - 1n;

type Kind = "call" | "callcode" | "delegatecall" | "staticcall";

/** All but a 64th of the gas that is left can go into a message (EIP-150). */
const forwardable = (frame: Frame): number => frame.gas - Math.floor(frame.gas / 64);

function caller(kind: Kind): Operation {
  const takesValue = kind === "call" || kind === "callcode";
  return (frame) => {
    const wanted = frame.popNumber();
    const target = popAccount(frame);
    const value = takesValue ? frame.pop() : 0n;
    const inOffset = frame.popNumber();
    const inLength = frame.popNumber();
    const outOffset = frame.popNumber();
    const outLength = frame.popNumber();
    if (target === undefined) return;
    if (kind === "call" && value > 0n && frame.start.isStatic) {
      frame.fail("static state change");
      return;
    }
    if (!frame.expand(inOffset, inLength) || !frame.expand(outOffset, outLength)) return;
    if (value > 0n && !frame.charge(valueGas(kind, target))) return;
    const gas = Math.min(wanted, forwardable(frame));
    frame.charge(gas);
    frame.returned = NO_BYTES;
    const given = value > 0n ? gas + STIPEND : gas;
    if (frame.start.depth >= DEPTH_LIMIT || value > frame.start.self.balance) {
      frame.gas += given;
      frame.push(0n);
      return;
    }
    const input = frame.copyMemory(inOffset, inLength);
    const message = callMessage(frame, kind, target, value, input, given);
    frame.request = { message, outOffset, outLength };
  };
}

function valueGas(kind: Kind, target: AccountRecord): number {
  return VALUE_GAS + (kind === "call" && target.isEmpty ? NEW_ACCOUNT_GAS : 0);
}

function callMessage(
  frame: Frame,
  kind: Kind,
  target: AccountRecord,
  value: bigint,
  input: Uint8Array,
  gas: number,
): CallMessage {
  const { self, caller: sender, value: ownValue, isStatic, depth } = frame.start;
  const delegates = kind === "delegatecall";
  return {
    creates: false,
    caller: delegates ? sender : self,
    self: delegates || kind === "callcode" ? self : target,
    codeOf: target,
    value: delegates ? ownValue : value,
    transfers: !delegates,
    input,
    gas,
    isStatic: isStatic || kind === "staticcall",
    depth: depth + 1,
  };
}

export const call = caller("call");
export const callcode = caller("callcode");
export const delegatecall = caller("delegatecall");
export const staticcall = caller("staticcall");

function creator(hasSalt: boolean): Operation {
  return (frame) => {
    const value = frame.pop();
    const offset = frame.popNumber();
    const length = frame.popNumber();
    const salt = hasSalt ? wordToHex(frame.pop().toString(16)) : undefined;
    if (frame.start.isStatic) {
      frame.fail("static state change");
      return;
    }
    if (length > MAX_INIT_CODE) {
      frame.fail("initcode exceeds max initcode size");
      return;
    }
    const wordGas = INIT_CODE_GAS + (hasSalt ? KECCAK_WORD_GAS : 0);
    if (!frame.charge(wordGas * wordsOf(length)) || !frame.expand(offset, length)) return;
    frame.returned = NO_BYTES;
    const { self, depth } = frame.start;
    if (depth >= DEPTH_LIMIT || value > self.balance || self.nonce >= MAX_NONCE) {
      frame.push(0n);
      return;
    }
    const gas = forwardable(frame);
    frame.charge(gas);
    frame.scope.state.setNonce(self, self.nonce + 1n);
    const message: CreateMessage = {
      creates: true,
      caller: self,
      value,
      initCode: frame.copyMemory(offset, length),
      salt,
      gas,
      depth: depth + 1,
    };
    frame.request = { message, outOffset: 0, outLength: 0 };
  };
}

export const create = creator(false);
export const create2 = creator(true);

/** EIP-6780: gives the balance away; removes only what this transaction created. */
export const selfdestruct: Operation = (frame) => {
  const { state } = frame.scope;
  const { self, isStatic } = frame.start;
  if (isStatic) {
    frame.fail("static state change");
    return;
  }
  const heir = state.accountOfWord(frame.pop());
  const coldGas = state.warm(heir) ? COLD_HEIR_GAS : 0;
  if (!frame.charge(coldGas + (heir.isEmpty && self.balance > 0n ? NEW_ACCOUNT_GAS : 0))) return;
  const { balance } = self;
  const isNew = self.createdIn === state.serial;
  if (heir !== self) {
    state.setBalance(heir, heir.balance + balance);
    state.setBalance(self, 0n);
  } else if (isNew) {
    state.setBalance(self, 0n);
  }
  if (isNew) state.destroy(self);
  frame.finish(NO_BYTES);
};

/** A warm heir is free: SELFDESTRUCT's own gas covers it. */
const COLD_HEIR_GAS = 2_600;
