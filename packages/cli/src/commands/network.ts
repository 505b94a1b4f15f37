import { basename, join } from "node:path";
import { invalidInput } from "@sheaf/base";
import {
  listNetworks,
  networkDown,
  networkStatus,
  networkUp,
  overrideTopology,
  readTopology,
} from "@sheaf/launcher";
import { layout, validatorProgram } from "../layout.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { createProgress } from "../terminal/progress.ts";

const root = join(layout.state, "networks");

/** `bench network up FILE`: starts a network and leaves it running. */
export async function networkUpCommand(
  file: string,
  flags: {
    readonly name?: string;
    readonly fresh?: boolean;
    readonly chains?: string;
    readonly validators?: string;
    readonly json?: boolean;
  },
  write: (line: string) => void,
): Promise<void> {
  const progress = createProgress(process.stderr);
  const path = /[\\/]|\.ya?ml$/.test(file) ? file : join(layout.networks, `${file}.yaml`);
  const name = flags.name ?? basename(path).replace(/\.ya?ml$/, "");
  const topology = overrideTopology(await readTopology(path), {
    ...(flags.chains === undefined ? {} : { chains: Number(flags.chains) }),
    ...(flags.validators === undefined ? {} : { validators: Number(flags.validators) }),
  });
  const interrupt = listenForInterrupt((line) => progress.note(line));
  const phase = progress.phase(`starting ${name}`);
  try {
    const network = await networkUp(topology, {
      root,
      name,
      program: validatorProgram,
      fresh: flags.fresh === true,
      signal: interrupt.signal,
      onProgress: ({ phase: step, done, total }) => phase.update(done, `${step} ${done}/${total}`),
    });
    phase.finish(network.continued ? "up again, its chains go on" : "up");
    if (flags.json === true) {
      const chains = network.chains.map((chain) => ({
        name: chain.name,
        chainId: chain.chainId,
        deployerKey: chain.deployerKey,
        endpoints: chain.endpoints,
      }));
      write(JSON.stringify({ name, dir: network.dir, continued: network.continued, chains }));
      return;
    }
    for (const chain of network.chains) {
      write(`${chain.name}  chain id ${chain.chainId}`);
      for (const { index, rpcUrl, wsUrl } of chain.endpoints)
        write(`  validator ${index}  ${rpcUrl}  ${wsUrl ?? ""}`);
      write(`  key of a funded account, for trials only: ${chain.deployerKey ?? "none"}`);
    }
    write(`end it with: ./bench network down ${name}`);
  } finally {
    interrupt.release();
  }
}

/** `bench network status [NAME]`: of one network, or of all. */
export async function networkStatusCommand(
  name: string | undefined,
  flags: { readonly json?: boolean },
  write: (line: string) => void,
): Promise<void> {
  const names = name === undefined ? await listNetworks(root) : [name];
  const states = await Promise.all(names.map((each) => networkStatus({ root, name: each })));
  if (flags.json === true) {
    write(JSON.stringify(states));
    return;
  }
  if (states.length === 0) write("no network; start one with: ./bench network up networks/single-chain.yaml");
  for (const state of states) {
    write(`${state.name}  ${state.description}`);
    for (const { chain, index, process: life, status, rpcUrl, problem } of state.validators) {
      const facts =
        status === undefined
          ? (problem ?? "")
          : `height ${status.height}, ${status.peers} peers, ${rpcUrl ?? ""}`;
      write(`  ${chain} validator ${index}  ${life}  ${facts}`);
    }
  }
}

/** `bench network down [NAME]`: ends a network; the only one when no name is given. */
export async function networkDownCommand(
  name: string | undefined,
  flags: { readonly remove?: boolean },
  write: (line: string) => void,
): Promise<void> {
  const chosen = name ?? (await onlyNetwork());
  const ended = await networkDown({ root, name: chosen }, { remove: flags.remove === true });
  const kept = flags.remove === true ? "its data is removed" : "its data is kept; up starts it again";
  write(`${chosen}: ${ended} validators ended; ${kept}`);
}

async function onlyNetwork(): Promise<string> {
  const names = await listNetworks(root);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw invalidInput(
    "network down",
    names.length === 0 ? "there is no network" : "there are several networks",
    `name one: ${names.join(", ") || "none is up"}`,
  );
}
