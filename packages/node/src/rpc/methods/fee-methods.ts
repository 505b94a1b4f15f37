import { toQuantity } from "@sheaf/protocol";
import type { BlockView } from "../chain-view.ts";
import type { RpcContext } from "../context.ts";
import { type MethodTable, method, type Parameter, ParameterProblem } from "../method.ts";
import { aBlockNumber, aCount, optional } from "../parameters.ts";
import { serverFault } from "../rpc-fault.ts";

/** Blocks of one `eth_feeHistory`; more are cut to it, as Geth does. */
const MAX_HISTORY = 32;
const MAX_PERCENTILES = 100;

/** The price of gas is constant and blocks need no tip: fee data says so in the forms that clients ask for. */
export function feeMethods({ chain, genesis }: RpcContext): MethodTable {
  const baseFee = BigInt(genesis.baseFeePerGasWei);

  /** Tips at the given shares of the block's gas, by rising tip. */
  function rewards({ receipts }: BlockView, percentiles: readonly number[]): readonly string[] {
    const tips = receipts
      .map(({ effectiveGasPrice, gasUsed }) => ({ tip: effectiveGasPrice - baseFee, gas: Number(gasUsed) }))
      .sort((a, b) => Number(a.tip - b.tip));
    const total = tips.reduce((sum, { gas }) => sum + gas, 0);
    return percentiles.map((percentile) => {
      let left = (total * percentile) / 100;
      for (const { tip, gas } of tips) {
        left -= gas;
        if (left <= 0) return toQuantity(tip);
      }
      return toQuantity(tips.at(-1)?.tip ?? 0n);
    });
  }

  return {
    eth_gasPrice: method([], () => toQuantity(baseFee)),
    eth_maxPriorityFeePerGas: method([], () => "0x0"),
    eth_feeHistory: method(
      [aCount, aBlockNumber, optional(somePercentiles)],
      ([count, newest, percentiles]) => {
        const last = chain.numberOf(newest);
        if (last === undefined) throw serverFault("request beyond head block");
        const first = Math.max(0, last + 1 - Math.min(count, MAX_HISTORY));
        const views = Array.from(
          { length: last + 1 - first },
          (_, index) => chain.block(first + index) as BlockView,
        );
        const gasLimit = genesis.limits.gasPerBlock;
        return {
          oldestBlock: toQuantity(first),
          baseFeePerGas: new Array<string>(views.length + 1).fill(toQuantity(baseFee)),
          gasUsedRatio: views.map(({ stored }) => Number(stored.result.gasUsed) / gasLimit),
          ...(percentiles !== undefined && { reward: views.map((view) => rewards(view, percentiles)) }),
        };
      },
    ),
  };
}

const somePercentiles: Parameter<readonly number[]> = (value) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  const rises = list.every(
    (each, index) =>
      typeof each === "number" &&
      each >= 0 &&
      each <= 100 &&
      (index === 0 || each >= (list[index - 1] as number)),
  );
  if (!rises || list.length > MAX_PERCENTILES) {
    throw new ParameterProblem("invalid reward percentiles: expected a rising list of numbers from 0 to 100");
  }
  return list as readonly number[];
};
