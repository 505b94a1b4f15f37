import type { Frame } from "./frame.ts";
import type { Instruction } from "./program.ts";

/**
 * Runs a frame until it stops, sends a message (`frame.request`), or has run `budget` instructions.
 * Returns what is left of the budget.
 */
export function run(frame: Frame, budget: number): number {
  const { instructions } = frame.start.program;
  let left = budget;
  while (!frame.stopped && frame.request === undefined && left > 0) {
    const instruction = instructions[frame.next++] as Instruction;
    left -= 1;
    frame.gas -= instruction.gas;
    if (frame.gas < 0) frame.fail("out of gas");
    else if (frame.height < instruction.needs) frame.fail("stack underflow");
    else if (frame.height > instruction.limit) frame.fail("stack overflow");
    else instruction.run(frame, instruction);
  }
  return left;
}
