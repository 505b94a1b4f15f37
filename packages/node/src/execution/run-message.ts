import type { AccessListEntry, Address } from "@sheaf/protocol";
import type { Log } from "../ports.ts";
import type { AccountRecord, BlockState } from "./block-state.ts";
import type { FlatEvm } from "./flat-evm.ts";
import type { CallMessage, CreateMessage, Environment } from "./interpreter/frame.ts";

/** EIP-3529: at most this part of the gas used is given back. */
const REFUND_QUOTIENT = 5;

/** What a transaction asks for, and what it pays for a unit of gas. */
export interface TopMessage {
  readonly from: AccountRecord;
  readonly to: Address | undefined;
  readonly gasLimit: bigint;
  readonly gasPrice: bigint;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
  /** Gas that it pays before its first opcode. */
  readonly intrinsic: number;
}

export interface MessageOutcome {
  readonly output: Uint8Array;
  /** Intrinsic gas included, refund taken off. */
  readonly gasUsed: bigint;
  /** The EVM's name of what went wrong. */
  readonly failure: string | undefined;
  readonly contractAddress: Address | undefined;
  readonly logs: readonly Log[];
}

/**
 * Runs a transaction's message: buys gas, raises the nonce, runs, gives back what was not used, pays the
 * proposer [STATE.8]. The sender can pay for all of it, and the gas covers the intrinsic part.
 */
export async function runMessage(
  evm: FlatEvm,
  state: BlockState,
  environment: Environment,
  top: TopMessage,
): Promise<MessageOutcome> {
  state.beginTransaction();
  const { from: sender, intrinsic } = top;
  state.setBalance(sender, sender.balance - top.gasLimit * top.gasPrice);
  state.setNonce(sender, sender.nonce + 1n);
  warmUp(state, environment, top);

  const scope = { state, environment, origin: sender, gasPrice: top.gasPrice };
  const result = await evm.transact(scope, messageOf(state, top, Number(top.gasLimit) - intrinsic));

  const spent = intrinsic + result.gasUsed;
  const gasUsed = BigInt(spent - Math.min(state.refund, Math.floor(spent / REFUND_QUOTIENT)));
  state.setBalance(sender, sender.balance + (top.gasLimit - gasUsed) * top.gasPrice);
  const proposer = state.accountOfWord(environment.coinbase);
  state.setBalance(proposer, proposer.balance + gasUsed * top.gasPrice);
  state.endTransaction();

  const { output, failure, created } = result;
  return { output, gasUsed, failure, contractAddress: created, logs: state.logs };
}

function messageOf(state: BlockState, top: TopMessage, gas: number): CallMessage | CreateMessage {
  const { from: caller, to, value, data } = top;
  if (to === undefined)
    return { creates: true, caller, value, initCode: data, salt: undefined, gas, depth: 0 };
  const self = state.account(to);
  return {
    creates: false,
    caller,
    self,
    codeOf: self,
    value,
    transfers: true,
    input: data,
    gas,
    isStatic: false,
    depth: 0,
  };
}

/** EIP-2929, EIP-2930 and EIP-3651. A created contract is warmed by the EVM. */
function warmUp(state: BlockState, environment: Environment, top: TopMessage): void {
  state.warm(top.from);
  if (top.to !== undefined) state.warm(state.account(top.to));
  state.warm(state.accountOfWord(environment.coinbase));
  for (const { address, storageKeys } of top.accessList) {
    const account = state.account(address);
    state.warm(account);
    for (const key of storageKeys) state.warm(state.slot(account, BigInt(key)));
  }
}
