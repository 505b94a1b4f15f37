import type { Address } from "@sheaf/protocol";
import type { Plan } from "../plan.ts";
import type { Workload } from "../workloads/workload.ts";
import { type ChainSession, readQuantities, type SetUpTransaction } from "./chain-session.ts";

const zeroAddress: Address = "0x0000000000000000000000000000000000000000";
const gasOfTransfer = 21_000n;
/** Fillers that a lane can pay beside its transactions. */
const spareFillers = 20n;

/** A chain that is ready for its load. */
export interface PreparedChain {
  /** The zero address when the workload has no contract. */
  readonly contract: Address;
  /** By account. */
  readonly nonces: readonly number[];
  /** By account; empty when the workload pays nothing. */
  readonly balances: readonly bigint[];
}

/**
 * Deploys the workload's contract, prepares it, gives every sender what its lane may cost, and reads
 * nonces and balances. Raises `SET_UP_FAILED` and what `RpcClient` raises.
 */
export async function prepareChain(
  session: ChainSession,
  chain: number,
  workload: Workload,
  plan: Plan,
): Promise<PreparedChain> {
  const contract = await deploy(session, workload);
  const calls = workload.setUpCalls().map((data): SetUpTransaction => ({ to: contract, data }));
  await session.submit([...calls, ...(await fundings(session, chain, workload, plan))]);
  const { addresses } = workload.accounts;
  const [nonces, balances] = await Promise.all([
    readOfAccounts(session, "eth_getTransactionCount", addresses),
    workload.payment === undefined ? [] : readOfAccounts(session, "eth_getBalance", addresses),
  ]);
  return { contract, nonces: nonces.map(Number), balances };
}

async function deploy(session: ChainSession, { contract }: Workload): Promise<Address> {
  if (contract === undefined) return zeroAddress;
  const [receipt] = await session.submit([{ data: contract.bytecode }]);
  return (receipt?.contractAddress ?? zeroAddress).toLowerCase() as Address;
}

/** A transfer to each sender that does not own yet what its transactions on this chain may cost. */
async function fundings(
  session: ChainSession,
  chain: number,
  workload: Workload,
  plan: Plan,
): Promise<readonly SetUpTransaction[]> {
  const { gasPriceWei } = session;
  const each = BigInt(workload.gasLimit) * gasPriceWei + BigInt(workload.payment?.maxValueWei ?? 0);
  const spare = spareFillers * gasOfTransfer * gasPriceWei;
  const lanes = plan.laneLength.subarray(chain * plan.accounts, (chain + 1) * plan.accounts);
  const needs = Array.from(lanes, (length) => (length === 0 ? 0n : BigInt(length) * each + spare));
  if (needs.every((need) => need === 0n)) return [];
  const { addresses } = workload.accounts;
  const balances = await readOfAccounts(session, "eth_getBalance", addresses);
  return needs.flatMap((need, account) => {
    const to = addresses[account] as Address;
    const owned = balances[account] as bigint;
    return owned >= need ? [] : [{ to, valueWei: need - owned, gasLimit: gasOfTransfer }];
  });
}

function readOfAccounts(
  session: ChainSession,
  method: string,
  addresses: readonly Address[],
): Promise<readonly bigint[]> {
  return readQuantities(
    session.client,
    addresses.map((address) => ({ method, params: [address, "latest"] })),
  );
}
