import { tokenContract } from "@sheaf/contracts";
import { encodeCall, pages, selectorOf, viewProbe, writeWord } from "./contract-calls.ts";
import { routeByAccount } from "./route-by-account.ts";
import type { ChainFacts, StateProbe, Workload, WorkloadInput } from "./workload.ts";

const minted = 10n ** 18n;
const accountsPerCall = 100;

/** ERC-20 transfers of 1 to 1,000 units between the accounts. Every account owns 10^18 units on every chain. */
export function createTokenWorkload({ count, accounts, random }: WorkloadInput): Workload {
  const recipients = new Uint32Array(count);
  const amounts = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    recipients[i] = (i + 1 + random.int(Math.max(1, accounts.count - 1))) % accounts.count;
    amounts[i] = 1 + random.int(1_000);
  }
  const selector = selectorOf(tokenContract, "transfer");

  function balances({ committed }: ChainFacts): readonly bigint[] {
    const change = new Float64Array(accounts.count);
    for (const index of committed) {
      const from = index % accounts.count;
      const to = recipients[index] as number;
      change[from] = (change[from] as number) - (amounts[index] as number);
      change[to] = (change[to] as number) + (amounts[index] as number);
    }
    return Array.from(change, (delta) => minted + BigInt(delta));
  }

  return {
    name: "token",
    description: "ERC-20 transfers between the senders",
    count,
    accounts,
    contract: tokenContract,
    gasLimit: 52_000,
    dataLength: 68,
    payment: undefined,
    input: null,
    warnings: [],
    stateDescription: "the token balance of every account and the supply",
    routeKey: (index, route) => routeByAccount("token", accounts, index, route),
    writeData(index, data) {
      data.set(selector);
      const to = (recipients[index] as number) * 20;
      data.set(accounts.addressBytes.subarray(to, to + 20), 16);
      writeWord(data, 36, amounts[index] as number);
    },
    setUpCalls: () =>
      pages(accounts.addresses, accountsPerCall).map((page) =>
        encodeCall(tokenContract, "mintMany", [page, minted]),
      ),
    probes(facts): readonly StateProbe[] {
      const expected = balances(facts);
      const view = { contract: tokenContract, address: facts.contract };
      const positions = pages([...expected.keys()], accountsPerCall);
      const supply = (minted * BigInt(accounts.count)).toString();
      return [
        viewProbe({
          ...view,
          name: "totalSupply",
          args: [],
          expected: [supply],
          label: () => "token supply",
        }),
        ...positions.map((page) =>
          viewProbe({
            ...view,
            name: "balancesOf",
            args: [page.map((account) => accounts.addresses[account])],
            expected: page.map((account) => String(expected[account])),
            label: (index) => `token balance of account ${page[index]}`,
          }),
        ),
      ];
    },
  };
}
