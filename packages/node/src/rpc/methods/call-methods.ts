import { bytesToHex } from "@sheaf/base";
import { type Address, RPC_ERROR, toQuantity } from "@sheaf/protocol";
import type { BlockContext, CallOutcome } from "../../ports.ts";
import type { RpcContext } from "../context.ts";
import { estimateGas } from "../estimate-gas.ts";
import { type MethodTable, method, type Parameter, ParameterProblem } from "../method.ts";
import { aBlock, aCallMessage, type CallMessage, optional } from "../parameters.ts";
import { revertReason } from "../revert-reason.ts";
import { rpcFault, serverFault } from "../rpc-fault.ts";

/** Gas of one call, at most: it bounds how long a client can keep a validator busy. */
const CALL_GAS_CAP = 50_000_000n;
const NOBODY: Address = `0x${"00".repeat(20)}`;

/** `eth_call` and `eth_estimateGas`, upon the head state. */
export function callMethods({ chain, store, executor, genesis, calls }: RpcContext): MethodTable {
  const gasPerBlock = BigInt(genesis.limits.gasPerBlock);
  const gasCap = gasPerBlock < CALL_GAS_CAP ? gasPerBlock : CALL_GAS_CAP;
  const cappedGas = ({ gas }: CallMessage): bigint => (gas === undefined || gas > gasCap ? gasCap : gas);

  /** The head block, as Geth calls "latest": its own number and time, with the state after it. */
  function headContext(): BlockContext {
    const { header } = store.head.block;
    return {
      number: header.number,
      timestampMs: header.timestampMs,
      proposer: header.proposer,
      parentHash: header.parentHash,
      blockHash: (number) => store.blockHash(number),
    };
  }

  function run(message: CallMessage, gasLimit: bigint): Promise<CallOutcome> {
    const { from = NOBODY, to, gasPrice = 0n, value, data, accessList } = message;
    return executor.call(headContext(), { from, to, gasLimit, gasPrice, value, data, accessList });
  }

  async function call(message: CallMessage): Promise<string> {
    const outcome = await run(message, cappedGas(message));
    if (!outcome.succeeded) throw callFault(outcome);
    return bytesToHex(outcome.output);
  }

  /** Gas that the message may have: what it says, and what its sender can pay. */
  function allowance(message: CallMessage): bigint {
    const { from = NOBODY, gasPrice = 0n, value } = message;
    const { balance } = store.state.account(from);
    if (value > balance) throw serverFault("insufficient funds for transfer");
    const most = cappedGas(message);
    const payable = gasPrice === 0n ? most : (balance - value) / gasPrice;
    return payable < most ? payable : most;
  }

  async function estimate(message: CallMessage): Promise<string> {
    const least = executor.intrinsicGas(message);
    const most = allowance(message);
    const tooMuch = serverFault(`gas required exceeds allowance (${most})`);
    if (most < least) throw tooMuch;
    const estimated = await estimateGas((gasLimit) => run(message, gasLimit), { least, most });
    if ("gas" in estimated) return toQuantity(estimated.gas);
    throw estimated.failed.failure === "out of gas" ? tooMuch : callFault(estimated.failed);
  }

  const aHead: Parameter<void> = (value) => chain.requireHead(optional(aBlock)(value) ?? { kind: "head" });

  return {
    eth_call: method([aCallMessage, aHead, noOverrides, noOverrides], ([message]) =>
      calls.run(() => call(message)),
    ),
    eth_estimateGas: method([aCallMessage, aHead, noOverrides, noOverrides], ([message]) =>
      calls.run(() => estimate(message)),
    ),
  };
}

const noOverrides: Parameter<void> = (value) => {
  const isEmpty =
    value === undefined ||
    value === null ||
    (typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0);
  if (!isEmpty) throw new ParameterProblem("state and block overrides are not supported");
};

/** What Geth answers to a call that failed: revert data goes along, with its text. */
function callFault({ failure, output }: CallOutcome): Error {
  if (failure === "revert") {
    const reason = revertReason(output);
    const message = reason === undefined ? "execution reverted" : `execution reverted: ${reason}`;
    return rpcFault(RPC_ERROR.reverted, message, bytesToHex(output));
  }
  if (failure === "insufficient balance") return serverFault("insufficient funds for gas * price + value");
  return serverFault(failure ?? "execution failed");
}
