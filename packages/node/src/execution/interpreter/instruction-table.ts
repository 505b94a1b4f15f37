import * as arithmetic from "./arithmetic.ts";
import * as calls from "./calls.ts";
import * as control from "./control.ts";
import * as environment from "./environment.ts";
import * as memory from "./memory.ts";
import {
  decodeProgram,
  type Instruction,
  instructionOf,
  type Opcode,
  type Operation,
  type Program,
} from "./program.ts";
import * as storage from "./storage.ts";

const opcode = (run: Operation, gas: number, pops: number, pushes: number): Opcode => ({
  run,
  gas,
  pops,
  pushes,
});

const PC = opcode(control.pushWord, 2, 0, 1);
const PUSH = opcode(control.pushWord, 3, 0, 1);

/** The instruction set of Cancun [STATE.9]; operand gas (memory, access, words) is charged by the operations. */
const OPCODES: Readonly<Record<number, Opcode>> = {
  0: opcode(control.stop, 0, 0, 0),
  1: opcode(arithmetic.add, 3, 2, 1),
  2: opcode(arithmetic.mul, 5, 2, 1),
  3: opcode(arithmetic.sub, 3, 2, 1),
  4: opcode(arithmetic.div, 5, 2, 1),
  5: opcode(arithmetic.sdiv, 5, 2, 1),
  6: opcode(arithmetic.mod, 5, 2, 1),
  7: opcode(arithmetic.smod, 5, 2, 1),
  8: opcode(arithmetic.addmod, 8, 3, 1),
  9: opcode(arithmetic.mulmod, 8, 3, 1),
  10: opcode(arithmetic.exp, 10, 2, 1),
  11: opcode(arithmetic.signextend, 5, 2, 1),
  16: opcode(arithmetic.lt, 3, 2, 1),
  17: opcode(arithmetic.gt, 3, 2, 1),
  18: opcode(arithmetic.slt, 3, 2, 1),
  19: opcode(arithmetic.sgt, 3, 2, 1),
  20: opcode(arithmetic.eq, 3, 2, 1),
  21: opcode(arithmetic.iszero, 3, 1, 1),
  22: opcode(arithmetic.and, 3, 2, 1),
  23: opcode(arithmetic.or, 3, 2, 1),
  24: opcode(arithmetic.xor, 3, 2, 1),
  25: opcode(arithmetic.not, 3, 1, 1),
  26: opcode(arithmetic.byte, 3, 2, 1),
  27: opcode(arithmetic.shl, 3, 2, 1),
  28: opcode(arithmetic.shr, 3, 2, 1),
  29: opcode(arithmetic.sar, 3, 2, 1),
  32: opcode(memory.keccak, 30, 2, 1),
  48: opcode(environment.address, 2, 0, 1),
  49: opcode(environment.balance, 0, 1, 1),
  50: opcode(environment.origin, 2, 0, 1),
  51: opcode(environment.caller, 2, 0, 1),
  52: opcode(environment.callvalue, 2, 0, 1),
  53: opcode(environment.calldataload, 3, 1, 1),
  54: opcode(environment.calldatasize, 2, 0, 1),
  55: opcode(memory.calldatacopy, 3, 3, 0),
  56: opcode(environment.codesize, 2, 0, 1),
  57: opcode(memory.codecopy, 3, 3, 0),
  58: opcode(environment.gasprice, 2, 0, 1),
  59: opcode(environment.extcodesize, 0, 1, 1),
  60: opcode(environment.extcodecopy, 0, 4, 0),
  61: opcode(environment.returndatasize, 2, 0, 1),
  62: opcode(memory.returndatacopy, 3, 3, 0),
  63: opcode(environment.extcodehash, 0, 1, 1),
  64: opcode(environment.blockhash, 20, 1, 1),
  65: opcode(environment.coinbase, 2, 0, 1),
  66: opcode(environment.timestamp, 2, 0, 1),
  67: opcode(environment.number, 2, 0, 1),
  68: opcode(environment.prevrandao, 2, 0, 1),
  69: opcode(environment.gaslimit, 2, 0, 1),
  70: opcode(environment.chainid, 2, 0, 1),
  71: opcode(environment.selfbalance, 5, 0, 1),
  72: opcode(environment.basefee, 2, 0, 1),
  73: opcode(environment.blobhash, 3, 1, 1),
  74: opcode(environment.blobbasefee, 2, 0, 1),
  80: opcode(control.pop, 2, 1, 0),
  81: opcode(memory.mload, 3, 1, 1),
  82: opcode(memory.mstore, 3, 2, 0),
  83: opcode(memory.mstore8, 3, 2, 0),
  84: opcode(storage.sload, 0, 1, 1),
  85: opcode(storage.sstore, 0, 2, 0),
  86: opcode(control.jump, 8, 1, 0),
  87: opcode(control.jumpi, 10, 2, 0),
  88: PC,
  89: opcode(memory.msize, 2, 0, 1),
  90: opcode(control.gas, 2, 0, 1),
  91: opcode(control.jumpdest, 1, 0, 0),
  92: opcode(storage.tload, 100, 1, 1),
  93: opcode(storage.tstore, 100, 2, 0),
  94: opcode(memory.mcopy, 3, 3, 0),
  95: opcode(control.pushWord, 2, 0, 1),
  240: opcode(calls.create, 32_000, 3, 1),
  241: opcode(calls.call, 0, 7, 1),
  242: opcode(calls.callcode, 0, 7, 1),
  243: opcode(control.returnOutput, 0, 2, 0),
  244: opcode(calls.delegatecall, 0, 6, 1),
  245: opcode(calls.create2, 32_000, 4, 1),
  250: opcode(calls.staticcall, 0, 6, 1),
  253: opcode(control.revert, 0, 2, 0),
  255: opcode(calls.selfdestruct, 5_000, 1, 0),
};

const INVALID = opcode(control.invalid, 0, 0, 0);

function instructionOfByte(byte: number): Instruction {
  if (byte >= 0x80 && byte <= 0x8f) {
    const index = byte - 0x7f;
    return instructionOf(opcode(control.dup, 3, index, index + 1), 0n, index);
  }
  if (byte >= 0x90 && byte <= 0x9f) {
    const index = byte - 0x8f;
    return instructionOf(opcode(control.swap, 3, index + 1, index + 1), 0n, index);
  }
  if (byte >= 0xa0 && byte <= 0xa4) {
    const index = byte - 0xa0;
    return instructionOf(opcode(storage.log, 375, index + 2, 0), 0n, index);
  }
  return instructionOf(OPCODES[byte] ?? INVALID);
}

const INSTRUCTIONS: readonly Instruction[] = Array.from({ length: 256 }, (_, byte) =>
  instructionOfByte(byte),
);

/** Makes code ready to run. */
export function programOf(code: Uint8Array): Program {
  return decodeProgram(code, INSTRUCTIONS, { push: PUSH, pc: PC });
}
