import { concatBytes, type Hex, type Random } from "@sheaf/base";
import { assemble, deploying, type Part } from "../../src/execution/suite/assemble.ts";

/** What random programs may refer to. */
export interface World {
  /** Accounts to call, pay or ask about. */
  readonly targets: readonly Hex[];
  /** Opcodes without operands whose answers may differ between the engines that are compared. */
  readonly without: readonly string[];
}

const PUSHING = [
  "ADDRESS",
  "ORIGIN",
  "CALLER",
  "CALLVALUE",
  "CALLDATASIZE",
  "CODESIZE",
  "GASPRICE",
  "RETURNDATASIZE",
  "COINBASE",
  "TIMESTAMP",
  "NUMBER",
  "PREVRANDAO",
  "GASLIMIT",
  "CHAINID",
  "SELFBALANCE",
  "BASEFEE",
  "PC",
  "MSIZE",
  "GAS",
];
const UNARY = ["ISZERO", "NOT", "CALLDATALOAD", "SLOAD", "TLOAD", "BLOBHASH"];
/** Operations on two words. */
export const BINARY = [
  "ADD",
  "MUL",
  "SUB",
  "DIV",
  "SDIV",
  "MOD",
  "SMOD",
  "EXP",
  "SIGNEXTEND",
  "LT",
  "GT",
  "SLT",
  "SGT",
  "EQ",
  "AND",
  "OR",
  "XOR",
  "BYTE",
  "SHL",
  "SHR",
  "SAR",
];
const TERNARY = ["ADDMOD", "MULMOD"];
const COPIES = ["CALLDATACOPY", "CODECOPY", "MCOPY"];
const PRECOMPILES: readonly Hex[] = Array.from(
  { length: 9 },
  (_, index): Hex => `0x${"0".repeat(39)}${index + 1}`,
);

/** A word of one of the kinds that matter: small, an offset, a power of two, all ones, anything. */
function someWord(random: Random): bigint {
  switch (random.int(7)) {
    case 0:
      return BigInt(random.int(4));
    case 1:
      return BigInt(random.int(300));
    case 2:
      return 1n << BigInt(random.int(256));
    case 3:
      return (1n << 256n) - 1n - BigInt(random.int(3));
    case 4:
      return BigInt(`0x${Buffer.from(random.bytes(20)).toString("hex")}`);
    case 5:
      return (1n << 255n) + BigInt(random.int(2));
    default:
      return BigInt(`0x${Buffer.from(random.bytes(32)).toString("hex")}`);
  }
}

const offset = (random: Random): number => (random.chance(0.97) ? random.int(200) : random.int(2 ** 24));
const length = (random: Random): number => (random.chance(0.3) ? 0 : random.int(100));

/** Leaves the stack as it was, or one word higher. */
function statement(random: Random, world: World, depth: number): Part[] {
  const value = (): Part[] => expression(random, world, 2);
  switch (random.int(16)) {
    case 0:
    case 1:
      return [...value(), ...slot(random), "SSTORE"];
    case 2:
      return [...value(), ...slot(random), "TSTORE"];
    case 3:
      return [...value(), offset(random), random.chance(0.8) ? "MSTORE" : "MSTORE8"];
    case 4: {
      const topics = random.int(5);
      const words = Array.from({ length: topics }, () => value()).flat();
      return [...words, length(random), offset(random), `LOG${topics}`];
    }
    case 5:
      return [length(random), offset(random), offset(random), random.pick(COPIES)];
    case 6:
      return [length(random), offset(random), offset(random), ...target(random, world), "EXTCODECOPY"];
    case 7:
    case 8:
    case 9:
      return message(random, world);
    case 10:
      return depth > 0 ? creation(random, world, depth) : value();
    case 11:
      return condition(random, statement(random, world, depth), value());
    case 12:
      return [random.int(40), 0, offset(random), "RETURNDATACOPY"];
    case 13:
      return random.chance(0.2) ? ending(random, world) : value();
    case 14:
      return [...value(), ...value(), `DUP${random.int(4) + 1}`, `SWAP${random.int(4) + 1}`];
    default:
      return value();
  }
}

const slot = (random: Random): Part[] => [random.int(4)];

const target = (random: Random, world: World): Part[] =>
  random.chance(0.15) ? [BigInt(random.pick(PRECOMPILES))] : [BigInt(random.pick(world.targets))];

function expression(random: Random, world: World, depth: number): Part[] {
  const operand = (): Part[] => expression(random, world, depth - 1);
  if (depth === 0) return [someWord(random)];
  switch (random.int(9)) {
    case 0:
      return [random.pick(PUSHING.filter((name) => !world.without.includes(name)))];
    case 1:
      return [...operand(), random.pick(UNARY)];
    case 2:
      return [...slot(random), "SLOAD"];
    case 3:
      return [...operand(), ...operand(), ...operand(), random.pick(TERNARY)];
    case 4:
      return [length(random), offset(random), "KECCAK256"];
    case 5:
      return [...target(random, world), random.pick(["BALANCE", "EXTCODESIZE", "EXTCODEHASH"])];
    case 6:
      return [offset(random), "MLOAD"];
    default:
      return [...operand(), ...operand(), random.pick(BINARY)];
  }
}

function message(random: Random, world: World): Part[] {
  const kind = random.pick(["CALL", "CALL", "STATICCALL", "DELEGATECALL", "CALLCODE"]);
  const value = kind === "CALL" || kind === "CALLCODE" ? [random.chance(0.6) ? 0 : random.int(100)] : [];
  const gas = random.chance(0.5) ? ["GAS"] : [random.int(100_000)];
  return [
    length(random),
    offset(random),
    length(random),
    offset(random),
    ...value,
    ...target(random, world),
    ...gas,
    kind,
  ];
}

/** Writes initialisation code to memory, word by word, and creates. */
function creation(random: Random, world: World, depth: number): Part[] {
  const init = random.chance(0.8)
    ? deploying(program(random, world, 2, depth - 1))
    : program(random, world, 3, depth - 1);
  const stores: Part[] = [];
  for (let at = 0; at < init.length; at += 32) {
    const piece = concatBytes(init.subarray(at, at + 32), new Uint8Array(Math.max(0, at + 32 - init.length)));
    stores.push(BigInt(`0x${Buffer.from(piece).toString("hex")}`), at, "MSTORE");
  }
  const value = random.chance(0.7) ? 0 : random.int(20);
  return random.chance(0.5)
    ? [...stores, init.length, 0, value, "CREATE"]
    : [...stores, random.int(3), init.length, 0, value, "CREATE2"];
}

/** Skips `body` when the condition is zero. */
function condition(random: Random, body: Part[], test: Part[]): Part[] {
  const code = assemble(...body);
  // PC, the jump's distance, ADD, JUMPI: places need not be known.
  const skip = code.length + 6;
  const distance = Uint8Array.of(0x61, skip >> 8, skip & 0xff);
  return [
    ...test,
    ...(random.chance(0.5) ? ["ISZERO"] : []),
    "PC",
    distance,
    "ADD",
    "JUMPI",
    code,
    "JUMPDEST",
  ];
}

function ending(random: Random, world: World): Part[] {
  switch (random.int(6)) {
    case 0:
      return [length(random), offset(random), "REVERT"];
    case 1:
      return [length(random), offset(random), "RETURN"];
    case 2:
      return [...target(random, world), "SELFDESTRUCT"];
    case 3:
      return ["INVALID"];
    case 4:
      return [random.int(300), "JUMP"];
    default:
      return ["STOP"];
  }
}

/** A program of `statements` statements that mostly does something, and now and then fails. */
export function program(random: Random, world: World, statements: number, depth = 2): Uint8Array {
  const parts: Part[] = [];
  for (let left = random.int(statements) + 1; left > 0; left--)
    parts.push(...statement(random, world, depth));
  parts.push(...ending(random, world));
  if (random.chance(0.03)) parts.splice(random.int(parts.length), 0, random.bytes(random.int(6)));
  return assemble(...parts);
}
