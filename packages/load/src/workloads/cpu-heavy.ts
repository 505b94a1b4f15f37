import { addToTally, cpuHeavyContract, emptyTally, sortDigest } from "@sheaf/contracts";
import { keccak256 } from "@sheaf/protocol";
import { selectorOf, viewProbe, writeWord } from "./contract-calls.ts";
import { routeByAccount } from "./route-by-account.ts";
import type { Workload, WorkloadInput } from "./workload.ts";

const numbersSorted = 100;
/** Few enough that the check can sort each once more, many enough that no two blocks are alike. */
const distinctSeeds = 256;

/** Calls that sort 100 pseudo-random numbers in memory: work for the interpreter. */
export function createCpuHeavyWorkload({ count, accounts, random }: WorkloadInput): Workload {
  const seeds = Uint32Array.from({ length: distinctSeeds }, () => random.uint32());
  const choice = Uint8Array.from({ length: count }, () => random.int(distinctSeeds));
  const selector = selectorOf(cpuHeavyContract, "sort");
  return {
    name: "cpu-heavy",
    description: `contract calls that sort ${numbersSorted} numbers in memory`,
    count,
    accounts,
    contract: cpuHeavyContract,
    gasLimit: 400_000,
    dataLength: 68,
    payment: undefined,
    input: null,
    warnings: [],
    stateDescription: "the number of sorts and the sum of the digests of their results",
    routeKey: (index, route) => routeByAccount("cpu-heavy", accounts, index, route),
    writeData(index, data) {
      data.set(selector);
      writeWord(data, 4, seeds[choice[index] as number] as number);
      writeWord(data, 36, numbersSorted);
    },
    setUpCalls: () => [],
    probes({ contract, committed }) {
      const digests = Array.from(seeds, (seed) => sortDigest(BigInt(seed), numbersSorted, keccak256));
      let tally = emptyTally;
      for (const index of committed)
        tally = addToTally(tally, digests[choice[index] as number] as Uint8Array);
      return [
        viewProbe({
          contract: cpuHeavyContract,
          address: contract,
          name: "total",
          args: [],
          expected: [tally.count.toString(), tally.checksum.toString()],
          label: (index) => (index === 0 ? "number of sorts" : "checksum of the sorts"),
        }),
      ];
    },
  };
}
