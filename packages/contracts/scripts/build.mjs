// Compiles solidity/**/*.sol to typed artifacts, one file per concrete contract. The same sources give the
// same bytes on every machine; test/build.test.ts holds the committed files to that.
//   node scripts/build.mjs [--source DIR] [--out DIR]
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { keccak256 } from "ethers";
import solc from "solc";

const home = fileURLToPath(new URL("..", import.meta.url));
const settings = {
  evmVersion: "cancun",
  metadata: { bytecodeHash: "none" },
};
/** Workloads are called often; the others are large, and code on chain has at most 24,576 bytes (EIP-170). */
const manners = {
  workload: { optimizer: { enabled: true, runs: 10_000 } },
  market: { optimizer: { enabled: true, runs: 200 } },
  coalitions: { optimizer: { enabled: true, runs: 200 }, viaIR: true },
};
const mannerOf = (source) =>
  Object.keys(manners).find((folder) => source.startsWith(`${folder}/`)) ?? "workload";
/** Stand in the genesis, where no constructor runs: their artifacts say where their variables are. */
const inGenesis = (source) => source.startsWith("coalitions/");

const { values } = parseArgs({ options: { source: { type: "string" }, out: { type: "string" } } });
const { files, problems } = build(values.source ?? join(home, "solidity"));
if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exitCode = 1;
} else {
  const out = values.out ?? join(home, "src", "generated");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(out, file), text);
  process.stdout.write(`${files.size} contracts compiled by solc ${solc.version()}\n`);
}

function build(folder) {
  const sources = readSources(folder);
  const paths = Object.keys(sources);
  const outputs = [...new Set(paths.map(mannerOf))].map((manner) =>
    compile(
      sources,
      paths.filter((path) => mannerOf(path) === manner),
      manners[manner],
    ),
  );
  const messages = outputs.flatMap(({ errors = [] }) => errors.map((error) => error.formattedMessage));
  const problems = [...new Set(messages)];
  const files = new Map();
  if (problems.length > 0) return { files, problems };

  const contracts = Object.assign({}, ...outputs.map((output) => output.contracts));
  const trees = outputs.flatMap((output) => Object.entries(output.sources).filter(([, { ast }]) => ast));
  for (const { source, name } of concreteContracts(trees)) {
    const contract = contracts[source][name];
    const file = `${kebab(name)}.ts`;
    const problem = files.has(file) ? "has the name of another contract" : codeProblem(contract.evm);
    if (problem) problems.push(`${source}: contract ${name} ${problem}`);
    else files.set(file, artifact(name, contract, inGenesis(source)));
  }
  return { files, problems };
}

/** Code for the sources at `paths`, which may import all. */
function compile(sources, paths, manner) {
  const selection = { "": ["ast"], "*": ["abi", "evm.bytecode", "evm.deployedBytecode", "storageLayout"] };
  const input = {
    language: "Solidity",
    sources,
    settings: {
      ...settings,
      ...manner,
      outputSelection: Object.fromEntries(paths.map((path) => [path, selection])),
    },
  };
  return JSON.parse(solc.compile(JSON.stringify(input)));
}

/** The files by path below `folder`, with forward slashes: the name by which they import each other. */
function readSources(folder) {
  const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(".sol"));
  return Object.fromEntries(
    paths
      .map((path) => path.split(sep).join("/"))
      .sort()
      .map((path) => [path, { content: readFileSync(join(folder, path), "utf8").replaceAll("\r\n", "\n") }]),
  );
}

/** Interfaces, libraries and abstract contracts are not deployed and get no file. */
function concreteContracts(trees) {
  return trees.flatMap(([source, { ast }]) =>
    ast.nodes
      .filter((node) => node.nodeType === "ContractDefinition")
      .filter((node) => node.contractKind === "contract" && !node.abstract)
      .map((node) => ({ source, name: node.name })),
  );
}

/** What would make the code on chain differ from `deployedBytecode`. */
function codeProblem({ bytecode, deployedBytecode }) {
  if (Object.keys(deployedBytecode.immutableReferences ?? {}).length > 0) {
    return "has immutables: use storage or constants, so that every deployment has the same code";
  }
  if (Object.keys(bytecode.linkReferences).length > 0) {
    return "needs linking: make the functions of its libraries internal";
  }
  return undefined;
}

function artifact(name, { abi, evm, storageLayout }, withSlots) {
  const deployed = `0x${evm.deployedBytecode.object}`;
  return `// Made by scripts/build.mjs from solidity/. Do not edit.
import type { ContractArtifact } from "../artifact.ts";

export const ${camel(name)}Contract = {
  name: "${name}",
  compiler: "solc ${solc.version()}",
  abi: ${JSON.stringify(abi)},
  bytecode: "0x${evm.bytecode.object}",
  deployedBytecode: "${deployed}",
  codeHash: "${keccak256(deployed)}",
${withSlots ? `  slots: ${JSON.stringify(slotsOf(storageLayout))},\n` : ""}} as const satisfies ContractArtifact;
`;
}

/** Where each variable of a plain value is. */
function slotsOf({ storage, types }) {
  const plain = storage.filter(({ type }) => types[type].encoding === "inplace");
  return Object.fromEntries(
    plain.map(({ label, slot, offset, type }) => [
      label,
      { slot: Number(slot), offset, bytes: Number(types[type].numberOfBytes) },
    ]),
  );
}

function kebab(name) {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}

function camel(name) {
  return name[0].toLowerCase() + name.slice(1);
}
