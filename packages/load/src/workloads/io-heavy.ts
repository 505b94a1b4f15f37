import { ioHeavyContract } from "@sheaf/contracts";
import { pages, selectorOf, viewProbe, writeWord } from "./contract-calls.ts";
import { routeByAccount } from "./route-by-account.ts";
import type { Workload, WorkloadInput } from "./workload.ts";

const slotsPerCall = 10;
const groups = 2_000;
const groupsPerProbe = 40;

/** Calls that read and write 10 storage slots each, among 20,000: work for the state store. */
export function createIoHeavyWorkload({ count, accounts, random }: WorkloadInput): Workload {
  const group = Uint16Array.from({ length: count }, () => random.int(groups));
  const selector = selectorOf(ioHeavyContract, "update");

  function updatesOf(committed: Uint32Array): Uint32Array {
    const updates = new Uint32Array(groups);
    for (const index of committed) {
      const at = group[index] as number;
      updates[at] = (updates[at] as number) + 1;
    }
    return updates;
  }

  return {
    name: "io-heavy",
    description: `contract calls that read and write ${slotsPerCall} storage slots`,
    count,
    accounts,
    contract: ioHeavyContract,
    gasLimit: 260_000,
    dataLength: 68,
    payment: undefined,
    input: null,
    warnings: [],
    stateDescription: "how often each storage slot was updated",
    routeKey: (index, route) => routeByAccount("io-heavy", accounts, index, route),
    writeData(index, data) {
      data.set(selector);
      writeWord(data, 4, (group[index] as number) * slotsPerCall);
      writeWord(data, 36, slotsPerCall);
    },
    setUpCalls: () => [],
    probes({ contract, committed }) {
      const updates = updatesOf(committed);
      return pages([...updates.keys()], groupsPerProbe).map((page) => {
        const first = (page[0] as number) * slotsPerCall;
        return viewProbe({
          contract: ioHeavyContract,
          address: contract,
          name: "valuesOf",
          args: [first, page.length * slotsPerCall],
          expected: page.flatMap((at) => new Array<string>(slotsPerCall).fill(String(updates[at]))),
          label: (index) => `updates of slot ${first + index}`,
        });
      });
    },
  };
}
