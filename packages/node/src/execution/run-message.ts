import { Message } from "@ethereumjs/evm";
import type { AccessListEntry, Address } from "@sheaf/protocol";
import type { Log } from "../ports.ts";
import type { BlockState } from "./block-state.ts";
import { evmAddress, hexOfAddress } from "./evm-address.ts";
import type { FlatEvm } from "./flat-evm.ts";
import type { Environment } from "./interpreter/frame.ts";
import { intrinsicGas } from "./intrinsic-gas.ts";

/** EIP-3529: at most this part of the gas used is given back. */
const REFUND_QUOTIENT = 5;

/** What a transaction asks for, and what it pays for a unit of gas. */
export interface TopMessage {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly gasLimit: bigint;
  readonly gasPrice: bigint;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
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
  const sender = state.account(top.from);
  state.setBalance(sender, sender.balance - top.gasLimit * top.gasPrice);
  state.setNonce(sender, sender.nonce + 1n);
  warmUp(state, environment, top);

  evm.enter({ state, environment, origin: top.from, gasPrice: top.gasPrice });
  const intrinsic = BigInt(intrinsicGas(top));
  const message = new Message({
    caller: evmAddress(top.from),
    ...(top.to === undefined ? {} : { to: evmAddress(top.to) }),
    gasLimit: top.gasLimit - intrinsic,
    value: top.value,
    data: top.data,
    createdAddresses: new Set(),
  });
  const { execResult, createdAddress } = await evm.runCall({ message, skipNonceIncrement: true });

  const spent = intrinsic + execResult.executionGasUsed;
  const refund = BigInt(state.refund);
  const cap = spent / BigInt(REFUND_QUOTIENT);
  const gasUsed = spent - (refund < cap ? refund : cap);
  state.setBalance(sender, sender.balance + (top.gasLimit - gasUsed) * top.gasPrice);
  const proposer = state.accountOfWord(environment.coinbase);
  state.setBalance(proposer, proposer.balance + gasUsed * top.gasPrice);
  state.endTransaction();

  const failure = execResult.exceptionError?.error;
  const created = failure === undefined ? createdAddress : undefined;
  return {
    output: execResult.returnValue,
    gasUsed,
    failure,
    contractAddress: created === undefined ? undefined : hexOfAddress(created),
    logs: state.logs,
  };
}

/** EIP-2929, EIP-2930 and EIP-3651. A created contract is warmed by the EVM. */
function warmUp(state: BlockState, environment: Environment, top: TopMessage): void {
  state.warm(state.account(top.from));
  if (top.to !== undefined) state.warm(state.account(top.to));
  state.warm(state.accountOfWord(environment.coinbase));
  for (const { address, storageKeys } of top.accessList) {
    const account = state.account(address);
    state.warm(account);
    for (const key of storageKeys) state.warm(state.slot(account, BigInt(key)));
  }
}
