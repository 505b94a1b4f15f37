import { bytesToHex, concatBytes, hexToBytes } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { assemble, word } from "../../src/execution/suite/assemble.ts";
import { giving } from "../../src/execution/suite/weights-answer.ts";

/** Where the contract stands that gives the weights. */
export const EPOCH_CONTRACT: Address = `0x${"e0".repeat(20)}`;

/**
 * The account of a contract that answers with the weights in its slots 0, 1, ..., whatever the epoch:
 * it changes its mind within an epoch, as no good contract would. `onBlock` counts, in the slot of the
 * proposer's address, the blocks that each has won.
 */
export function epochContract(miners: readonly Address[], weights: readonly number[]): object {
  const answer = giving(
    miners,
    miners.map((_, slot) => [slot, "SLOAD"]),
  );
  const count = assemble("COINBASE", "SLOAD", 1, "ADD", "COINBASE", "SSTORE", "STOP");
  const set = assemble(32, "CALLDATALOAD", 0, "CALLDATALOAD", "SSTORE", "STOP");
  const jump = (size: number, to: number): Uint8Array =>
    assemble("CALLDATASIZE", size, "EQ", Uint8Array.of(0x61, to >> 8, to & 0xff), "JUMPI");
  const onBlock = 2 * jump(4, 0).length + set.length;
  const question = onBlock + 1 + count.length;
  const code = assemble(jump(36, question), jump(4, onBlock), set, "JUMPDEST", count, "JUMPDEST", ...answer);
  const slots = weights.map((weight, slot) => [word(slot), word(weight)] as const);
  return { nonce: 1, code: bytesToHex(code), storage: Object.fromEntries(slots) };
}

/** Call data that gives the miner of `slot` another weight. */
export function settingWeight(slot: number, weight: number): Uint8Array {
  return concatBytes(hexToBytes(word(slot)), hexToBytes(word(weight)));
}
