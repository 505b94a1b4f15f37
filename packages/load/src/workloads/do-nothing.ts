import { doNothingContract } from "@sheaf/contracts";
import { selectorOf } from "./contract-calls.ts";
import { routeByAccount } from "./route-by-account.ts";
import type { StateProbe, Workload, WorkloadInput } from "./workload.ts";

/** Calls of an empty function: the cost of ordering alone. It leaves nothing but the senders' nonces. */
export function createDoNothingWorkload({ count, accounts }: WorkloadInput): Workload {
  const selector = selectorOf(doNothingContract, "doNothing");
  return {
    name: "do-nothing",
    description: "calls of an empty contract function",
    count,
    accounts,
    contract: doNothingContract,
    gasLimit: 22_000,
    dataLength: 4,
    payment: undefined,
    input: null,
    warnings: [],
    stateDescription: "the code of the contract",
    routeKey: (index, route) => routeByAccount("do-nothing", accounts, index, route),
    writeData: (_index, data) => data.set(selector),
    setUpCalls: () => [],
    probes: ({ contract }): readonly StateProbe[] => [
      {
        call: { method: "eth_getCode", params: [contract, "latest"] },
        values: 1,
        mismatches: (result) =>
          result === doNothingContract.deployedBytecode ? [] : ["the code of the contract is another"],
      },
    ],
  };
}
