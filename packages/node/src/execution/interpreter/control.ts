import type { Frame } from "./frame.ts";
import type { Operation } from "./program.ts";

const NO_BYTES = new Uint8Array(0);

export const stop: Operation = (frame) => frame.finish(NO_BYTES);
export const jumpdest: Operation = () => {};
export const invalid: Operation = (frame) => {
  frame.fail("invalid opcode");
};

function jumpTo(frame: Frame, destination: bigint): void {
  const { jumps } = frame.start.program;
  const index = destination < BigInt(jumps.length) ? (jumps[Number(destination)] as number) : -1;
  if (index < 0) frame.fail("invalid JUMP");
  else frame.next = index;
}

export const jump: Operation = (frame) => jumpTo(frame, frame.pop());

export const jumpi: Operation = (frame) => {
  const destination = frame.pop();
  if (frame.pop() !== 0n) jumpTo(frame, destination);
};

export const pop: Operation = (frame) => {
  frame.height -= 1;
};

/** PUSH0 to PUSH32, and PC: the word is known from the code. */
export const pushWord: Operation = (frame, instruction) => {
  frame.stack[frame.height++] = instruction.word;
};

export const dup: Operation = (frame, { index }) => {
  const { stack, height } = frame;
  stack[height] = stack[height - index] as bigint;
  frame.height = height + 1;
};

export const swap: Operation = (frame, { index }) => {
  const { stack } = frame;
  const top = frame.height - 1;
  const held = stack[top] as bigint;
  stack[top] = stack[top - index] as bigint;
  stack[top - index] = held;
};

export const gas: Operation = (frame) => frame.push(BigInt(frame.gas));

export const returnOutput: Operation = (frame) => {
  const offset = frame.popNumber();
  const length = frame.popNumber();
  if (frame.expand(offset, length)) frame.finish(frame.copyMemory(offset, length));
};

export const revert: Operation = (frame) => {
  const offset = frame.popNumber();
  const length = frame.popNumber();
  if (!frame.expand(offset, length)) return;
  frame.finish(frame.copyMemory(offset, length));
  frame.fail("revert");
};
