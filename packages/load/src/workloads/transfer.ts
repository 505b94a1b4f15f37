import { toQuantity } from "@sheaf/protocol";
import { routeByAccount } from "./route-by-account.ts";
import type { ChainFacts, StateProbe, Workload, WorkloadInput } from "./workload.ts";

const gasOfTransfer = 21_000;
const maxValueWei = 1_000;

/** Transfers of 1 to 1,000 wei of the chain's currency between the accounts, without a contract. */
export function createTransferWorkload({ count, accounts, random }: WorkloadInput): Workload {
  const recipients = new Uint32Array(count);
  const amounts = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    recipients[i] = (i + 1 + random.int(Math.max(1, accounts.count - 1))) % accounts.count;
    amounts[i] = 1 + random.int(maxValueWei);
  }

  function balances({ committed, onChain, balancesBefore, gasPriceWei }: ChainFacts): readonly bigint[] {
    const change = new Float64Array(accounts.count);
    for (const index of committed) {
      const from = index % accounts.count;
      const to = recipients[index] as number;
      change[from] = (change[from] as number) - (amounts[index] as number);
      change[to] = (change[to] as number) + (amounts[index] as number);
    }
    return balancesBefore.map(
      (before, account) =>
        before +
        BigInt(change[account] ?? 0) -
        BigInt(onChain[account] ?? 0) * BigInt(gasOfTransfer) * gasPriceWei,
    );
  }

  return {
    name: "transfer",
    description: "transfers of the chain's currency between the senders",
    count,
    accounts,
    contract: undefined,
    gasLimit: gasOfTransfer,
    dataLength: 0,
    payment: {
      recipient: (index) => recipients[index] as number,
      valueWei: (index) => amounts[index] as number,
      maxValueWei,
    },
    input: null,
    warnings: [],
    stateDescription: "the balance of every account, gas included",
    routeKey: (index, route) => routeByAccount("transfer", accounts, index, route),
    writeData() {
      // a plain transfer carries no data
    },
    setUpCalls: () => [],
    probes: (facts) =>
      balances(facts).map((expected, account): StateProbe => {
        const wanted = toQuantity(expected);
        return {
          call: { method: "eth_getBalance", params: [accounts.addresses[account], "latest"] },
          values: 1,
          mismatches: (result) =>
            result === wanted
              ? []
              : [`balance of account ${account} is ${String(result)}, expected ${wanted}`],
        };
      }),
  };
}
