import { type Hex, hexToBytes } from "@sheaf/base";
import { createProposers } from "@sheaf/consensus";
import { type Address, type Genesis, genesisHash, keccak256 } from "@sheaf/protocol";
import { expect } from "vitest";

/** What an observer sees of a block. */
export interface SeenBlock {
  readonly number: number;
  readonly hash: Hex;
  readonly proposer: Address;
  readonly round: number;
  /** Call data of the transactions to the contract of `epochContract`, in order. */
  readonly inputs: readonly Uint8Array[];
}

/**
 * Goes through a chain from block 1 on, with a model of the contract: every block is of a proposer whom
 * the weights at the start of its epoch, and the hash of the block before that, have drawn [PROPOSER.4]
 * [EPOCH.2]. Gives the weights of all epochs that have begun.
 */
export function expectDrawnProposers(
  genesis: Genesis,
  atGenesis: readonly number[],
  blocks: readonly SeenBlock[],
): readonly (readonly number[])[] {
  const { validators, epochs } = genesis;
  const own = validators.map(({ weight }) => weight);
  const contract = [...atGenesis];
  const weightsOf: (readonly number[])[] = [own];
  let proposer = drawn(genesis, own, genesisHash(genesis));
  for (const block of blocks) {
    const due = Array.from({ length: block.round + 1 }, (_, round) => proposer(block.number, round));
    expect(due, `block ${block.number} in round ${block.round}`).toContain(block.proposer);
    for (const input of block.inputs)
      contract[input[31] as number] = (input[62] as number) * 256 + (input[63] as number);
    if (block.number % (epochs?.blocks ?? 1) !== 0) continue;
    const next = contract.some((weight) => weight > 0) ? [...contract] : own;
    weightsOf.push(next);
    proposer = drawn(genesis, next, hexToBytes(block.hash));
  }
  return weightsOf;
}

function drawn({ validators }: Genesis, weights: readonly number[], seed: Uint8Array) {
  const weighted = validators.map(({ address }, index) => ({ address, weight: weights[index] as number }));
  return createProposers(weighted, { seed, hash: keccak256 });
}
