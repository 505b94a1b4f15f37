import { type Hex, utf8 } from "@sheaf/base";
import { epochOf } from "@sheaf/consensus";
import { type Genesis, keccak256 } from "@sheaf/protocol";
import type { BlockContext, NextWeights } from "../ports.ts";
import type { BlockState } from "./block-state.ts";
import { environmentOfBlock } from "./environment-of-block.ts";
import type { FlatEvm } from "./flat-evm.ts";
import type { Environment } from "./interpreter/frame.ts";
import { weightsByAnswer, weightsQuestion } from "./proposer-weights.ts";
import { systemCall } from "./system-call.ts";

/** Selector of the reward call. */
const ON_BLOCK = keccak256(utf8("onBlock()")).subarray(0, 4);
const NOBODY: Hex = `0x${"0".repeat(40)}`;
const NOTHING: Hex = `0x${"0".repeat(64)}`;

/**
 * Tells the contract of `genesis.epochs` of a block, before the block's transactions [REWARDCALL.1].
 * What the contract pays it holds already: nothing is minted [REWARDCALL.3]. Does nothing in a chain
 * without epochs.
 */
export async function rewardProposer(
  evm: FlatEvm,
  state: BlockState,
  environment: Environment,
  { epochs }: Genesis,
): Promise<void> {
  if (epochs === undefined) return;
  await systemCall(evm, state, environment, { to: epochs.contract, input: ON_BLOCK, isStatic: false });
}

/**
 * Asks the contract, after the last transaction of an epoch's last block, for the weights of the next
 * epoch [EPOCH.3]; `undefined` after other blocks.
 */
export async function readNextWeights(
  evm: FlatEvm,
  state: BlockState,
  { number, timestampMs }: BlockContext,
  genesis: Genesis,
): Promise<NextWeights | undefined> {
  const { epochs } = genesis;
  if (epochs === undefined || number % epochs.blocks !== 0) return undefined;
  const first = number + 1;
  const context = {
    number: first,
    timestampMs,
    proposer: NOBODY,
    parentHash: NOTHING,
    blockHash: () => undefined,
  };
  const input = weightsQuestion(epochOf(first, epochs.blocks));
  const environment = environmentOfBlock(context, genesis);
  const call = { to: epochs.contract, input, isStatic: true };
  const { failure, output } = await systemCall(evm, state, environment, call);
  return weightsByAnswer(genesis, failure === undefined ? output : undefined);
}
