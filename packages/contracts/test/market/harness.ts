import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";
import type { Abi, ContractArtifact } from "../../src/index.ts";

const solidity = fileURLToPath(new URL("../../solidity", import.meta.url));
const tests = fileURLToPath(new URL("..", import.meta.url));

/** A contract of `test/<folder>/solidity`, which only tests use and which may import those of `solidity`. */
export async function compileHarness(
  name: string,
  folder: "market" | "coalitions" = "market",
): Promise<ContractArtifact> {
  const file = `${name}.sol`;
  const library = ["market", "coalitions"].flatMap((each) =>
    readdirSync(join(solidity, each)).map((path) => `${each}/${path}`),
  );
  const sources = Object.fromEntries([
    [file, { content: readFileSync(join(tests, folder, "solidity", file), "utf8") }],
    ...library.map((path) => [path, { content: readFileSync(join(solidity, path), "utf8") }]),
  ]);
  const settings = {
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { [file]: { [name]: ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
  const contract = output.contracts?.[file]?.[name];
  if (contract === undefined) throw new TypeError(JSON.stringify(output.errors));
  return {
    name,
    compiler: "solc",
    abi: contract.abi as Abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
    codeHash: "0x",
  };
}
