import { effectiveGasPrice, type Transaction } from "@sheaf/protocol";
import type { Receipt, SenderTransaction } from "../ports.ts";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import type { AccountRecord, BlockState } from "./block-state.ts";
import type { FlatEvm } from "./flat-evm.ts";
import type { Environment } from "./interpreter/frame.ts";
import { intrinsicGas, MAX_INIT_CODE } from "./intrinsic-gas.ts";
import { type MessageOutcome, runMessage } from "./run-message.ts";

const MAX_NONCE = (1n << 64n) - 1n;
const NO_BYTES = new Uint8Array(0);

/**
 * Executes one transaction of a block [STATE.7]. A transaction that turns out to be invalid has a void
 * outcome: no gas, no payment; its nonce counts when it was next.
 */
export async function executeTransaction(
  evm: FlatEvm,
  state: BlockState,
  environment: Environment,
  { transaction, sender }: SenderTransaction,
  gasBefore: bigint,
): Promise<Receipt> {
  const { hash, type, gasLimit, to, value, data, accessList } = transaction;
  const gasPrice = effectiveGasPrice(transaction, environment.baseFee);
  const intrinsic = intrinsicGas(transaction);
  const account = state.account(sender);
  const outcome = canRun(transaction, account, environment, intrinsic, gasBefore)
    ? await runMessage(evm, state, environment, {
        from: account,
        to,
        gasLimit,
        gasPrice,
        value,
        data,
        accessList,
        intrinsic,
      })
    : leaveVoid(state, account, transaction.nonce);
  return {
    transactionHash: hash,
    type,
    sender,
    to,
    contractAddress: outcome.contractAddress,
    succeeded: outcome.failure === undefined,
    gasUsed: outcome.gasUsed,
    cumulativeGasUsed: gasBefore + outcome.gasUsed,
    effectiveGasPrice: gasPrice,
    logs: outcome.logs,
  };
}

function leaveVoid(state: BlockState, sender: AccountRecord, nonce: bigint): MessageOutcome {
  if (nonce === sender.nonce && nonce < MAX_NONCE) {
    state.beginTransaction();
    state.setNonce(sender, nonce + 1n);
  }
  return { output: NO_BYTES, gasUsed: 0n, failure: "void", contractAddress: undefined, logs: [] };
}

function canRun(
  transaction: Transaction,
  sender: AccountRecord,
  environment: Environment,
  intrinsic: number,
  gasBefore: bigint,
): boolean {
  const { gasLimit, maxFeePerGas, nonce, to, data, value } = transaction;
  return (
    nonce === sender.nonce &&
    nonce < MAX_NONCE &&
    sender.codeHash === EMPTY_CODE_HASH &&
    maxFeePerGas >= environment.baseFee &&
    gasLimit <= environment.gasLimit - gasBefore &&
    gasLimit >= BigInt(intrinsic) &&
    (to !== undefined || data.length <= MAX_INIT_CODE) &&
    sender.balance >= gasLimit * maxFeePerGas + value
  );
}
