import { invalidInput } from "@sheaf/base";
import { type NodeConfig, nodeConfigSchema } from "@sheaf/protocol";
import { findFreePorts, isPortFree } from "./free-ports.ts";
import { layout, readJson, writeJson } from "./layout.ts";
import type { PreparedChain, PreparedValidator } from "./prepare-chain.ts";

/** Where a validator listens, on loopback. */
export interface ValidatorPorts {
  readonly rpc: number;
  readonly p2p: number;
}

/** A validator and where it listens. */
export interface PlacedValidator extends PreparedValidator, ValidatorPorts {}

/**
 * Chooses the ports of every validator and writes their configurations. RPC ports that the topology
 * names are kept, `INVALID_INPUT` when one is taken; ports of an earlier start are kept where free.
 * Every validator ends when its standard input closes, until it is let go (`ValidatorProcess.detach`).
 */
export async function writeNodeConfigs(
  chains: readonly PreparedChain[],
): Promise<readonly PlacedValidator[]> {
  const taken = new Set<number>();
  const placed: PlacedValidator[] = [];
  for (const { plan, validators } of chains) {
    for (const validator of validators) {
      const rpc =
        plan.rpcPort === undefined ? undefined : await fixedPort(plan.name, plan.rpcPort + validator.index);
      const ports = await choosePorts(validator, rpc, taken);
      taken.add(ports.rpc).add(ports.p2p);
      placed.push({ ...validator, ...ports });
    }
  }
  for (const chain of chains) {
    const peers = placed.filter((each) => each.chain === chain.plan.name);
    for (const validator of peers) {
      await writeJson(layout.config(validator.dir), nodeConfig(chain, validator, peers));
    }
  }
  return placed;
}

/** The ports that a validator's configuration names. */
export async function readPorts(validatorDir: string): Promise<ValidatorPorts | undefined> {
  const parsed = nodeConfigSchema.safeParse(await readJson(layout.config(validatorDir)));
  return parsed.success ? { rpc: parsed.data.rpc.port, p2p: parsed.data.p2p.port } : undefined;
}

async function choosePorts(
  validator: PreparedValidator,
  fixedRpc: number | undefined,
  taken: ReadonlySet<number>,
): Promise<ValidatorPorts> {
  const before = await readPorts(validator.dir);
  const kept = async (port: number | undefined): Promise<number | undefined> =>
    port !== undefined && !taken.has(port) && (await isPortFree(port)) ? port : undefined;
  const rpc = fixedRpc ?? (await kept(before?.rpc));
  const p2p = await kept(before?.p2p);
  const [first, second] = await findFreePorts(2, taken);
  return { rpc: rpc ?? (first as number), p2p: p2p ?? (second as number) };
}

async function fixedPort(chain: string, port: number): Promise<number> {
  if (await isPortFree(port)) return port;
  const advice = "end the program that listens there, change rpcPort, or leave it out";
  throw invalidInput(`rpcPort of chain ${chain}`, `port ${port} is taken`, advice);
}

function nodeConfig(
  { plan }: PreparedChain,
  self: PlacedValidator,
  validators: readonly PlacedValidator[],
): NodeConfig {
  const peers = validators
    .filter(({ index }) => index !== self.index)
    .map(({ index, address, p2p }) => [
      address,
      { host: "127.0.0.1", port: p2p, link: plan.links[self.index]?.[index] ?? {} },
    ]);
  return nodeConfigSchema.parse({
    schema: "sheaf.node/1",
    genesis: "../genesis.json",
    dataDir: "data",
    keyFile: "validator.key",
    tls: { certificateFile: "tls.pem", keyFile: "tls.key" },
    rpc: { port: self.rpc },
    p2p: { port: self.p2p, peers: Object.fromEntries(peers), linkSeed: `${plan.name}/${self.index}` },
    mempool: plan.mempool,
    durability: plan.durability,
    logLevel: plan.logLevel,
    exitWithParent: true,
  });
}
