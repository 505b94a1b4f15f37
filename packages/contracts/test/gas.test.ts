import { expect, it } from "vitest";
import {
  type ContractArtifact,
  cpuHeavyContract,
  doNothingContract,
  ioHeavyContract,
  recordContract,
  tokenContract,
} from "../src/index.ts";
import { account, type Deployed, deploy } from "./evm.ts";

const [alice, bob] = [account(1), account(2)];
const word = `0x${"ab".repeat(32)}`;

/** First call, and a later one that finds its slots in use. */
async function gasOf(artifact: ContractArtifact, call: (contract: Deployed) => Promise<{ gas: bigint }>) {
  const contract = await deploy(artifact);
  if (artifact.name === "Token") await contract.send(account(0), "mintMany", [alice], 10n ** 24n);
  return [await call(contract), await call(contract)].map(({ gas }) => Number(gas));
}

it("is what the README says, for each workload", async () => {
  const gas = {
    "token.transfer": await gasOf(tokenContract, ({ send }) => send(alice, "transfer", bob, 10n ** 18n)),
    "record.record": await gasOf(recordContract, ({ send }) =>
      send(alice, "record", word, 1, word, 1_700_000_000_000n),
    ),
    "doNothing.doNothing": await gasOf(doNothingContract, ({ send }) => send(alice, "doNothing")),
    "cpuHeavy.sort(100)": await gasOf(cpuHeavyContract, ({ send }) => send(alice, "sort", 42n, 100)),
    "ioHeavy.update(10)": await gasOf(ioHeavyContract, ({ send }) => send(alice, "update", 0, 10)),
    "ioHeavy.scan(10)": await gasOf(ioHeavyContract, ({ send }) => send(alice, "scan", 0, 10)),
  };
  expect(gas).toMatchInlineSnapshot(`
    {
      "cpuHeavy.sort(100)": [
        297221,
        280121,
      ],
      "doNothing.doNothing": [
        21161,
        21161,
      ],
      "ioHeavy.scan(10)": [
        44721,
        44721,
      ],
      "ioHeavy.update(10)": [
        244663,
        73663,
      ],
      "record.record": [
        115659,
        81459,
      ],
      "token.transfer": [
        51121,
        34021,
      ],
    }
  `);
});
