import type { Operation } from "./program.ts";
import { MAX_WORD, wrapDifference, wrapSum } from "./words.ts";

const signed = (word: bigint): bigint => BigInt.asIntN(256, word);
const unsigned = (word: bigint): bigint => BigInt.asUintN(256, word);
const bit = (condition: boolean): bigint => (condition ? 1n : 0n);

/** An operation on the two topmost words; the first is the topmost. */
function binary(compute: (a: bigint, b: bigint) => bigint): Operation {
  return (frame) => {
    const { stack } = frame;
    const top = --frame.height;
    stack[top - 1] = compute(stack[top] as bigint, stack[top - 1] as bigint);
  };
}

function unary(compute: (a: bigint) => bigint): Operation {
  return (frame) => {
    const { stack, height } = frame;
    stack[height - 1] = compute(stack[height - 1] as bigint);
  };
}

function ternary(compute: (a: bigint, b: bigint, modulus: bigint) => bigint): Operation {
  return (frame) => {
    const { stack } = frame;
    frame.height -= 2;
    const bottom = frame.height - 1;
    stack[bottom] = compute(
      stack[bottom + 2] as bigint,
      stack[bottom + 1] as bigint,
      stack[bottom] as bigint,
    );
  };
}

export const add = binary((a, b) => wrapSum(a + b));
export const mul = binary((a, b) => unsigned(a * b));
export const sub = binary((a, b) => wrapDifference(a - b));
export const div = binary((a, b) => (b === 0n ? 0n : a / b));
export const sdiv = binary((a, b) => (b === 0n ? 0n : unsigned(signed(a) / signed(b))));
export const mod = binary((a, b) => (b === 0n ? 0n : a % b));
export const smod = binary((a, b) => (b === 0n ? 0n : unsigned(signed(a) % signed(b))));
export const addmod = ternary((a, b, modulus) => (modulus === 0n ? 0n : (a + b) % modulus));
export const mulmod = ternary((a, b, modulus) => (modulus === 0n ? 0n : (a * b) % modulus));
export const signextend = binary((size, word) =>
  size < 31n ? unsigned(BigInt.asIntN(Number(size) * 8 + 8, word)) : word,
);

export const lt = binary((a, b) => bit(a < b));
export const gt = binary((a, b) => bit(a > b));
export const slt = binary((a, b) => bit(signed(a) < signed(b)));
export const sgt = binary((a, b) => bit(signed(a) > signed(b)));
export const eq = binary((a, b) => bit(a === b));
export const iszero = unary((a) => bit(a === 0n));
export const and = binary((a, b) => a & b);
export const or = binary((a, b) => a | b);
export const xor = binary((a, b) => a ^ b);
export const not = unary((a) => a ^ MAX_WORD);
export const byte = binary((place, word) => (place < 32n ? (word >> (248n - place * 8n)) & 0xffn : 0n));
export const shl = binary((bits, word) => (bits < 256n ? unsigned(word << bits) : 0n));
export const shr = binary((bits, word) => (bits < 256n ? word >> bits : 0n));
export const sar = binary((bits, word) => unsigned(signed(word) >> (bits < 256n ? bits : 256n)));

const EXP_GAS_PER_BYTE = 50;

/** a to the power of b modulo 2^256; 50 gas for each byte of the exponent. */
export const exp: Operation = (frame) => {
  const base = frame.pop();
  const exponent = frame.pop();
  const digits = exponent === 0n ? 0 : exponent.toString(16).length;
  if (!frame.charge(EXP_GAS_PER_BYTE * Math.ceil(digits / 2))) return;
  let power = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = unsigned(power * square);
    square = unsigned(square * square);
  }
  frame.push(power);
};
