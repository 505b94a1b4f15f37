import type { Frame } from "./frame.ts";

/** Does an instruction's work; gas and stack height were checked. */
export type Operation = (frame: Frame, instruction: Instruction) => void;

/** What an opcode is: its work, its constant gas, and its effect on the stack's height. */
export interface Opcode {
  readonly run: Operation;
  readonly gas: number;
  readonly pops: number;
  readonly pushes: number;
}

/** An opcode at its place in some code. */
export interface Instruction {
  readonly run: Operation;
  readonly gas: number;
  /** Least height of the stack before it. */
  readonly needs: number;
  /** Greatest height of the stack before it. */
  readonly limit: number;
  /** What a PUSH pushes; the place, of PC. */
  readonly word: bigint;
  /** The n of DUPn, SWAPn, LOGn. */
  readonly index: number;
}

/** Code made ready to run: decoded once, however often it runs. */
export interface Program {
  readonly instructions: readonly Instruction[];
  /** By place in the code: index of the JUMPDEST there, or -1. */
  readonly jumps: Int32Array;
}

const STACK_LIMIT = 1_024;
const PUSH1 = 0x60;
const PUSH32 = 0x7f;
const PC = 0x58;
const JUMPDEST = 0x5b;

/** The instruction of an opcode. */
export function instructionOf(opcode: Opcode, word = 0n, index = 0): Instruction {
  const { run, gas, pops, pushes } = opcode;
  return { run, gas, needs: pops, limit: STACK_LIMIT - Math.max(0, pushes - pops), word, index };
}

/**
 * Decodes code. `shared` holds, by opcode, the instruction that needs nothing from its place;
 * `push` and `pc` are the opcodes that do.
 */
export function decodeProgram(
  code: Uint8Array,
  shared: readonly Instruction[],
  opcodes: { readonly push: Opcode; readonly pc: Opcode },
): Program {
  const instructions: Instruction[] = [];
  const jumps = new Int32Array(code.length).fill(-1);
  for (let place = 0; place < code.length; place++) {
    const byte = code[place] as number;
    if (byte >= PUSH1 && byte <= PUSH32) {
      const length = byte - PUSH1 + 1;
      instructions.push(instructionOf(opcodes.push, pushedWord(code, place + 1, length)));
      place += length;
    } else if (byte === PC) {
      instructions.push(instructionOf(opcodes.pc, BigInt(place)));
    } else {
      if (byte === JUMPDEST) jumps[place] = instructions.length;
      instructions.push(shared[byte] as Instruction);
    }
  }
  // Code that runs out stops.
  instructions.push(shared[0] as Instruction);
  return { instructions, jumps };
}

function pushedWord(code: Uint8Array, from: number, length: number): bigint {
  let word = 0n;
  let limb = 0;
  let bits = 0;
  for (let index = from; index < from + length; index++) {
    limb = limb * 256 + (code[index] ?? 0);
    bits += 8;
    if (bits === 48) {
      word = (word << 48n) | BigInt(limb);
      limb = 0;
      bits = 0;
    }
  }
  return bits === 0 ? word : (word << BigInt(bits)) | BigInt(limb);
}
