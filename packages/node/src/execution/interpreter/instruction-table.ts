import * as arithmetic from "./arithmetic.ts";
import * as calls from "./calls.ts";
import * as control from "./control.ts";
import * as environment from "./environment.ts";
import * as memory from "./memory.ts";
import { decodeProgram, type Instruction, instructionOf, type Opcode, type Operation, type Program } from "./program.ts";
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
  0x00: opcode(control.stop, 0, 0, 0),
  0x01: opcode(arithmetic.add, 3, 2, 1),
  0x02: opcode(arithmetic.mul, 5, 2, 1),
  0x03: opcode(arithmetic.sub, 3, 2, 1),
  0x04: opcode(arithmetic.div, 5, 2, 1),
  0x05: opcode(arithmetic.sdiv, 5, 2, 1),
  0x06: opcode(arithmetic.mod, 5, 2, 1),
  0x07: opcode(arithmetic.smod, 5, 2, 1),
  0x08: opcode(arithmetic.addmod, 8, 3, 1),
  0x09: opcode(arithmetic.mulmod, 8, 3, 1),
  0x0a: opcode(arithmetic.exp, 10, 2, 1),
  0x0b: opcode(arithmetic.signextend, 5, 2, 1),
  0x10: opcode(arithmetic.lt, 3, 2, 1),
  0x11: opcode(arithmetic.gt, 3, 2, 1),
  0x12: opcode(arithmetic.slt, 3, 2, 1),
  0x13: opcode(arithmetic.sgt, 3, 2, 1),
  0x14: opcode(arithmetic.eq, 3, 2, 1),
  0x15: opcode(arithmetic.iszero, 3, 1, 1),
  0x16: opcode(arithmetic.and, 3, 2, 1),
  0x17: opcode(arithmetic.or, 3, 2, 1),
  0x18: opcode(arithmetic.xor, 3, 2, 1),
  0x19: opcode(arithmetic.not, 3, 1, 1),
  0x1a: opcode(arithmetic.byte, 3, 2, 1),
  0x1b: opcode(arithmetic.shl, 3, 2, 1),
  0x1c: opcode(arithmetic.shr, 3, 2, 1),
  0x1d: opcode(arithmetic.sar, 3, 2, 1),
  0x20: opcode(memory.keccak, 30, 2, 1),
  0x30: opcode(environment.address, 2, 0, 1),
  0x31: opcode(environment.balance, 0, 1, 1),
  0x32: opcode(environment.origin, 2, 0, 1),
  0x33: opcode(environment.caller, 2, 0, 1),
  0x34: opcode(environment.callvalue, 2, 0, 1),
  0x35: opcode(environment.calldataload, 3, 1, 1),
  0x36: opcode(environment.calldatasize, 2, 0, 1),
  0x37: opcode(memory.calldatacopy, 3, 3, 0),
  0x38: opcode(environment.codesize, 2, 0, 1),
  0x39: opcode(memory.codecopy, 3, 3, 0),
  0x3a: opcode(environment.gasprice, 2, 0, 1),
  0x3b: opcode(environment.extcodesize, 0, 1, 1),
  0x3c: opcode(environment.extcodecopy, 0, 4, 0),
  0x3d: opcode(environment.returndatasize, 2, 0, 1),
  0x3e: opcode(memory.returndatacopy, 3, 3, 0),
  0x3f: opcode(environment.extcodehash, 0, 1, 1),
  0x40: opcode(environment.blockhash, 20, 1, 1),
  0x41: opcode(environment.coinbase, 2, 0, 1),
  0x42: opcode(environment.timestamp, 2, 0, 1),
  0x43: opcode(environment.number, 2, 0, 1),
  0x44: opcode(environment.prevrandao, 2, 0, 1),
  0x45: opcode(environment.gaslimit, 2, 0, 1),
  0x46: opcode(environment.chainid, 2, 0, 1),
  0x47: opcode(environment.selfbalance, 5, 0, 1),
  0x48: opcode(environment.basefee, 2, 0, 1),
  0x49: opcode(environment.blobhash, 3, 1, 1),
  0x4a: opcode(environment.blobbasefee, 2, 0, 1),
  0x50: opcode(control.pop, 2, 1, 0),
  0x51: opcode(memory.mload, 3, 1, 1),
  0x52: opcode(memory.mstore, 3, 2, 0),
  0x53: opcode(memory.mstore8, 3, 2, 0),
  0x54: opcode(storage.sload, 0, 1, 1),
  0x55: opcode(storage.sstore, 0, 2, 0),
  0x56: opcode(control.jump, 8, 1, 0),
  0x57: opcode(control.jumpi, 10, 2, 0),
  0x58: PC,
  0x59: opcode(memory.msize, 2, 0, 1),
  0x5a: opcode(control.gas, 2, 0, 1),
  0x5b: opcode(control.jumpdest, 1, 0, 0),
  0x5c: opcode(storage.tload, 100, 1, 1),
  0x5d: opcode(storage.tstore, 100, 2, 0),
  0x5e: opcode(memory.mcopy, 3, 3, 0),
  0x5f: opcode(control.pushWord, 2, 0, 1),
  0xf0: opcode(calls.create, 32_000, 3, 1),
  0xf1: opcode(calls.call, 0, 7, 1),
  0xf2: opcode(calls.callcode, 0, 7, 1),
  0xf3: opcode(control.returnOutput, 0, 2, 0),
  0xf4: opcode(calls.delegatecall, 0, 6, 1),
  0xf5: opcode(calls.create2, 32_000, 4, 1),
  0xfa: opcode(calls.staticcall, 0, 6, 1),
  0xfd: opcode(control.revert, 0, 2, 0),
  0xff: opcode(calls.selfdestruct, 5_000, 1, 0),
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

const INSTRUCTIONS: readonly Instruction[] = Array.from({ length: 256 }, (_, byte) => instructionOfByte(byte));

/** Makes code ready to run. */
export function programOf(code: Uint8Array): Program {
  return decodeProgram(code, INSTRUCTIONS, { push: PUSH, pc: PC });
}
