import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errorCode, invalidInput } from "@sheaf/base";
import { checkTopology } from "./check-topology.ts";
import { isExternal, type LocalChain, type Topology, topologySchema } from "./schema.ts";
import { inputError, parseYamlInput } from "./yaml-input.ts";

/**
 * The topology in a file of `networks/`, complete with defaults; paths in it are resolved against
 * `file`, which is not read. Raises `INVALID_INPUT` naming file, line and field.
 */
export function parseTopology(text: string, file: string): Topology {
  const topology = parseYamlInput(text, file, topologySchema, checkTopology);
  const chains = topology.chains.map((chain) =>
    isExternal(chain) && chain.fundedKeyFile !== undefined
      ? { ...chain, fundedKeyFile: resolve(dirname(file), chain.fundedKeyFile) }
      : chain,
  );
  return { ...topology, chains };
}

/** Reads and parses `file`. Raises `INVALID_INPUT`, also when the file cannot be read. */
export async function readTopology(file: string): Promise<Topology> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    const reason =
      errorCode(error) === "ENOENT" ? "there is no such file" : `cannot be read (${errorCode(error)})`;
    throw invalidInput(file, reason, "name a file such as networks/single-chain.yaml");
  });
  return parseTopology(text, file);
}

/** What the command line asks for in place of what the file says. */
export interface TopologyOverrides {
  /** Number of identical chains (`--chains`). */
  readonly chains?: number;
  /** Validators of each chain (`--validators`). */
  readonly validators?: number;
}

/**
 * The topology with the overrides in it. Raises `INVALID_INPUT` naming the flag when the file's
 * chains differ from each other or run already, or when the result is not a valid topology.
 */
export function overrideTopology(topology: Topology, { chains, validators }: TopologyOverrides): Topology {
  let changed = topology;
  if (chains !== undefined) {
    if (topology.chains.length !== 1) {
      const problem = `the network file lists ${topology.chains.length} different chains`;
      throw invalidInput(
        "--chains",
        problem,
        "use a file with one entry under chains, which is then repeated",
      );
    }
    changed = override(changed, { flag: "--chains", value: chains, max: 64 }, { replicas: chains });
  }
  if (validators !== undefined) {
    changed = override(changed, { flag: "--validators", value: validators, max: 100 }, { validators });
  }
  return changed;
}

function override(
  topology: Topology,
  { flag, value, max }: { readonly flag: string; readonly value: number; readonly max: number },
  fields: Partial<LocalChain>,
): Topology {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw invalidInput(flag, `must be a whole number from 1 to ${max}, not ${value}`);
  }
  const chains = topology.chains.map((chain) => {
    if (!isExternal(chain)) return { ...chain, ...fields };
    throw invalidInput(
      flag,
      `chain ${chain.name} runs already`,
      "use a network file whose chains are started",
    );
  });
  const changed = { ...topology, chains };
  const [problem] = checkTopology(changed);
  if (problem !== undefined) throw inputError(flag, problem);
  return changed;
}
