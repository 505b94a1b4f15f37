import { keccak256 } from "@sheaf/protocol";
import type { Frame } from "./frame.ts";
import type { Operation } from "./program.ts";
import { readWord, wordOfBytes, writeWord } from "./words.ts";

/** Gas for copying, each word of 32 bytes. */
const COPY_GAS = 3;
const KECCAK_GAS = 6;

/** The words of 32 bytes that hold `length` bytes. */
export const wordsOf = (length: number): number => Math.ceil(length / 32);

export const mload: Operation = (frame) => {
  const offset = frame.popNumber();
  if (frame.expand(offset, 32)) frame.push(readWord(frame.view, offset));
};

export const mstore: Operation = (frame) => {
  const offset = frame.popNumber();
  const word = frame.pop();
  if (frame.expand(offset, 32)) writeWord(frame.view, offset, word);
};

export const mstore8: Operation = (frame) => {
  const offset = frame.popNumber();
  const word = frame.pop();
  if (frame.expand(offset, 1)) frame.memory[offset] = Number(word & 0xffn);
};

export const msize: Operation = (frame) => frame.push(BigInt(frame.memorySize));

export const mcopy: Operation = (frame) => {
  const to = frame.popNumber();
  const from = frame.popNumber();
  const length = frame.popNumber();
  if (!frame.charge(COPY_GAS * wordsOf(length)) || !frame.expand(Math.max(to, from), length)) return;
  if (length > 0) frame.memory.copyWithin(to, from, from + length);
};

export const keccak: Operation = (frame) => {
  const offset = frame.popNumber();
  const length = frame.popNumber();
  if (!frame.charge(KECCAK_GAS * wordsOf(length)) || !frame.expand(offset, length)) return;
  const bytes = length === 0 ? frame.memory.subarray(0, 0) : frame.memory.subarray(offset, offset + length);
  frame.push(wordOfBytes(keccak256(bytes)));
};

/** Copies `length` bytes from `from` in `source` to `to` in memory, with zeros beyond the source's end. */
export function copyToMemory(
  frame: Frame,
  source: Uint8Array,
  to: number,
  from: number,
  length: number,
): void {
  if (!frame.charge(COPY_GAS * wordsOf(length)) || !frame.expand(to, length) || length === 0) return;
  const part =
    from < source.length ? source.subarray(from, Math.min(source.length, from + length)) : undefined;
  const copied = part?.length ?? 0;
  if (part !== undefined) frame.memory.set(part, to);
  if (copied < length) frame.memory.fill(0, to + copied, to + length);
}

function copier(source: (frame: Frame) => Uint8Array): Operation {
  return (frame) => {
    const to = frame.popNumber();
    const from = frame.popNumber();
    copyToMemory(frame, source(frame), to, from, frame.popNumber());
  };
}

export const calldatacopy = copier((frame) => frame.start.input);
export const codecopy = copier((frame) => frame.start.code);

/** Unlike the other copies it fails beyond the end. */
export const returndatacopy: Operation = (frame) => {
  const to = frame.popNumber();
  const from = frame.popNumber();
  const length = frame.popNumber();
  if (from + length > frame.returned.length) frame.fail("out of gas");
  else copyToMemory(frame, frame.returned, to, from, length);
};
