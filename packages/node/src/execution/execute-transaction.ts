import { effectiveGasPrice, type Transaction } from "@sheaf/protocol";
import type { Receipt, SenderTransaction } from "../ports.ts";
import { EMPTY_CODE_HASH } from "../state/account.ts";
import type { AccountRecord, BlockState } from "./block-state.ts";
import type { FlatEvm } from "./flat-evm.ts";
import type { Environment } from "./interpreter/frame.ts";
import { intrinsicGas, MAX_INIT_CODE } from "./intrinsic-gas.ts";
import { runMessage } from "./run-message.ts";

const MAX_NONCE = (1n << 64n) - 1n;

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
  const common = {
    transactionHash: transaction.hash,
    type: transaction.type,
    sender,
    to: transaction.to,
    effectiveGasPrice: effectiveGasPrice(transaction, environment.baseFee),
  };
  const account = state.account(sender);
  if (!canRun(transaction, account, environment, gasBefore)) {
    if (account.nonce === transaction.nonce && account.nonce < MAX_NONCE) {
      state.beginTransaction();
      state.setNonce(account, account.nonce + 1n);
    }
    const nothing = { contractAddress: undefined, succeeded: false, gasUsed: 0n, logs: [] };
    return { ...common, ...nothing, cumulativeGasUsed: gasBefore };
  }
  const { gasLimit, to, value, data, accessList } = transaction;
  const outcome = await runMessage(evm, state, environment, {
    from: sender,
    to,
    gasLimit,
    gasPrice: common.effectiveGasPrice,
    value,
    data,
    accessList,
  });
  return {
    ...common,
    contractAddress: outcome.contractAddress,
    succeeded: outcome.failure === undefined,
    gasUsed: outcome.gasUsed,
    cumulativeGasUsed: gasBefore + outcome.gasUsed,
    logs: outcome.logs,
  };
}

function canRun(
  transaction: Transaction,
  sender: AccountRecord,
  environment: Environment,
  gasBefore: bigint,
): boolean {
  const { gasLimit, maxFeePerGas, nonce, to, data, value } = transaction;
  return (
    nonce === sender.nonce &&
    nonce < MAX_NONCE &&
    sender.codeHash === EMPTY_CODE_HASH &&
    maxFeePerGas >= environment.baseFee &&
    gasLimit <= environment.gasLimit - gasBefore &&
    gasLimit >= BigInt(intrinsicGas(transaction)) &&
    (to !== undefined || data.length <= MAX_INIT_CODE) &&
    sender.balance >= gasLimit * maxFeePerGas + value
  );
}
