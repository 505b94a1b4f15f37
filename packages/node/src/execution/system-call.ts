import type { Address } from "@sheaf/protocol";
import type { BlockState } from "./block-state.ts";
import type { FlatEvm } from "./flat-evm.ts";
import type { Environment, MessageResult } from "./interpreter/frame.ts";

/** Who calls on behalf of the chain itself; as in EIP-4788, nobody has its key. */
export const SYSTEM_ADDRESS: Address = "0xfffffffffffffffffffffffffffffffffffffffe";
/** Gas of one such call, outside the block's. */
export const SYSTEM_CALL_GAS = 30_000_000;

/** A call of `to` by the system address, without value. */
export interface SystemCall {
  readonly to: Address;
  readonly input: Uint8Array;
  /** Whether it may only read. */
  readonly isStatic: boolean;
}

/**
 * Runs a call that is no transaction: it costs nobody anything, raises no nonce and leaves no receipt.
 * One that fails changes nothing [REWARDCALL.2].
 */
export async function systemCall(
  evm: FlatEvm,
  state: BlockState,
  environment: Environment,
  { to, input, isStatic }: SystemCall,
): Promise<MessageResult> {
  state.beginTransaction();
  const caller = state.account(SYSTEM_ADDRESS);
  const self = state.account(to);
  for (const warm of [caller, self, state.accountOfWord(environment.coinbase)]) state.warm(warm);
  const result = await evm.transact(
    { state, environment, origin: caller, gasPrice: 0n },
    {
      creates: false,
      caller,
      self,
      codeOf: self,
      value: 0n,
      transfers: true,
      input,
      gas: SYSTEM_CALL_GAS,
      isStatic,
      depth: 0,
    },
  );
  state.endTransaction();
  return result;
}
