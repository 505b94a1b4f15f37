import { hexToBytes, invalidInput } from "@sheaf/base";
import type { LoadMode } from "@sheaf/measure";
import type { Route, Workload } from "./workloads/workload.ts";

/** A chain to load and what its protocol allows; of an existing endpoint only the name is known. */
export interface ChainLimits {
  readonly name: string;
  readonly gasPerBlock?: number;
  /** Largest encoded transaction, in bytes. */
  readonly transactionBytes?: number;
}

/** A load as far as it is known before any chain runs. */
export interface LoadShape {
  readonly mode: LoadMode;
  /** The chains under load, not those that are only observed. */
  readonly chains: readonly ChainLimits[];
  readonly workload: Workload;
  /** Default `sender`. */
  readonly route?: Route;
}

/** What an encoded transaction has beside its data, at least: signature, nonce, fees, recipient. */
const leastOverheadBytes = 100;

/**
 * Raises `INVALID_INPUT` when the load cannot be: a window or senders that do not reach every chain, a
 * route that the workload does not know, transactions (or a contract) that no block can hold.
 */
export function checkLoad({ mode, chains, workload, route = "sender" }: LoadShape): void {
  if (mode.kind === "windowed" && mode.window < chains.length) {
    throw invalidInput(
      "window",
      `${mode.window} is smaller than the number of chains, ${chains.length}`,
      "Give each chain at least one slot.",
    );
  }
  const senders = workload.accounts.count;
  if (route === "sender" && senders < chains.length) {
    throw invalidInput(
      "senders",
      `${senders} senders (of ${workload.count} transactions) do not reach ${chains.length} chains`,
      "Give at least as many senders and transactions as there are chains.",
    );
  }
  workload.routeKey(0, route);
  for (const chain of chains) checkLimits(chain, workload);
}

function checkLimits({ name, gasPerBlock, transactionBytes }: ChainLimits, workload: Workload): void {
  const [gas, bytes] = [leastBlockGas(workload), leastTransactionBytes(workload)];
  if (gasPerBlock !== undefined && gasPerBlock < gas) {
    throw invalidInput(
      `gasPerBlock of chain ${name}`,
      `${gasPerBlock} is less than the workload ${workload.name} needs for one transaction, ${gas}`,
      `Raise it to a multiple of ${gas}, or choose a lighter workload.`,
    );
  }
  if (transactionBytes !== undefined && transactionBytes < bytes) {
    throw invalidInput(
      `transactionBytes of chain ${name}`,
      `${transactionBytes} is less than a transaction of the workload ${workload.name} has, ${bytes}`,
      `Raise it to at least ${bytes}.`,
    );
  }
}

/** Gas of the greatest transaction that is known: one of the load, or (EIP-3860) the creation of the contract. */
function leastBlockGas({ contract, gasLimit }: Workload): number {
  if (contract === undefined) return gasLimit;
  const code = hexToBytes(contract.bytecode);
  const zeros = code.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  const data = 4 * zeros + 16 * (code.length - zeros);
  const deployed = (contract.deployedBytecode.length - 2) / 2;
  return Math.max(gasLimit, 53_000 + data + 2 * Math.ceil(code.length / 32) + 200 * deployed);
}

function leastTransactionBytes({ contract, dataLength }: Workload): number {
  const code = contract === undefined ? 0 : (contract.bytecode.length - 2) / 2;
  return leastOverheadBytes + Math.max(dataLength, code);
}
