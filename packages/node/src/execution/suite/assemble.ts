import { concatBytes, type Hex, hexToBytes } from "@sheaf/base";

const NAMES: Readonly<Record<string, number>> = {
  STOP: 0x00,
  ADD: 0x01,
  MUL: 0x02,
  SUB: 0x03,
  DIV: 0x04,
  SDIV: 0x05,
  MOD: 0x06,
  SMOD: 0x07,
  ADDMOD: 0x08,
  MULMOD: 0x09,
  EXP: 0x0a,
  SIGNEXTEND: 0x0b,
  LT: 0x10,
  GT: 0x11,
  SLT: 0x12,
  SGT: 0x13,
  EQ: 0x14,
  ISZERO: 0x15,
  AND: 0x16,
  OR: 0x17,
  XOR: 0x18,
  NOT: 0x19,
  BYTE: 0x1a,
  SHL: 0x1b,
  SHR: 0x1c,
  SAR: 0x1d,
  KECCAK256: 0x20,
  ADDRESS: 0x30,
  BALANCE: 0x31,
  ORIGIN: 0x32,
  CALLER: 0x33,
  CALLVALUE: 0x34,
  CALLDATALOAD: 0x35,
  CALLDATASIZE: 0x36,
  CALLDATACOPY: 0x37,
  CODESIZE: 0x38,
  CODECOPY: 0x39,
  GASPRICE: 0x3a,
  EXTCODESIZE: 0x3b,
  EXTCODECOPY: 0x3c,
  RETURNDATASIZE: 0x3d,
  RETURNDATACOPY: 0x3e,
  EXTCODEHASH: 0x3f,
  BLOCKHASH: 0x40,
  COINBASE: 0x41,
  TIMESTAMP: 0x42,
  NUMBER: 0x43,
  PREVRANDAO: 0x44,
  GASLIMIT: 0x45,
  CHAINID: 0x46,
  SELFBALANCE: 0x47,
  BASEFEE: 0x48,
  BLOBHASH: 0x49,
  BLOBBASEFEE: 0x4a,
  POP: 0x50,
  MLOAD: 0x51,
  MSTORE: 0x52,
  MSTORE8: 0x53,
  SLOAD: 0x54,
  SSTORE: 0x55,
  JUMP: 0x56,
  JUMPI: 0x57,
  PC: 0x58,
  MSIZE: 0x59,
  GAS: 0x5a,
  JUMPDEST: 0x5b,
  TLOAD: 0x5c,
  TSTORE: 0x5d,
  MCOPY: 0x5e,
  CREATE: 0xf0,
  CALL: 0xf1,
  CALLCODE: 0xf2,
  RETURN: 0xf3,
  DELEGATECALL: 0xf4,
  CREATE2: 0xf5,
  STATICCALL: 0xfa,
  REVERT: 0xfd,
  INVALID: 0xfe,
  SELFDESTRUCT: 0xff,
};

/** An opcode by name, a number to push with the shortest PUSH, or bytes as they are. */
export type Part = string | number | bigint | Uint8Array;

/** EVM code of its parts, e.g. `assemble(1, 0, "SSTORE")`: the last number pushed is the first operand. */
export function assemble(...parts: readonly Part[]): Uint8Array {
  return concatBytes(...parts.map(bytesOfPart));
}

function bytesOfPart(part: Part): Uint8Array {
  if (part instanceof Uint8Array) return part;
  if (typeof part === "string") return Uint8Array.of(opcodeOf(part));
  if (part === 0 || part === 0n) return Uint8Array.of(0x5f);
  const digits = part.toString(16);
  const word = hexToBytes(`0x${digits.length % 2 === 0 ? digits : `0${digits}`}`);
  return concatBytes(Uint8Array.of(0x5f + word.length), word);
}

function opcodeOf(name: string): number {
  const numbered = /^(DUP|SWAP|LOG)(\d+)$/.exec(name);
  if (numbered) {
    const index = Number(numbered[2]);
    if (numbered[1] === "LOG") return 0xa0 + index;
    return (numbered[1] === "DUP" ? 0x7f : 0x8f) + index;
  }
  return NAMES[name] ?? 0xfe;
}

/** Initialisation code that deploys `code`. */
export function deploying(code: Uint8Array): Uint8Array {
  const length = code.length;
  // CODECOPY and RETURN of what follows these 12 bytes.
  const head = Uint8Array.of(0x61, length >> 8, length & 0xff, 0x80, 0x60, 12, 0x5f, 0x39, 0x5f, 0xf3, 0, 0);
  return concatBytes(head, code);
}

/** Code that returns the word on top of the stack. */
export const RETURN_TOP: readonly Part[] = [0, "MSTORE", 32, 0, "RETURN"];

/** An address as a number to push. */
export const addressWord = (address: Hex): bigint => BigInt(address);

/** A number as 32 bytes in hex. */
export const word = (value: bigint | number): Hex => `0x${value.toString(16).padStart(64, "0")}`;
