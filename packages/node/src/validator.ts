import { readFileSync } from "node:fs";
import { bytesToHex, createRandom, systemClock } from "@sheaf/base";
import { genesisHash } from "@sheaf/protocol";
import type { Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createEvmExecutor } from "./execution/evm-executor.ts";
import { createHost } from "./host/host.ts";
import { createMempool } from "./mempool/mempool.ts";
import type { NodeFiles } from "./node-files.ts";
import { createIdentity } from "./p2p/identity.ts";
import { peerLimits } from "./p2p/limits.ts";
import { createPeerNetwork } from "./p2p/peer-network.ts";
import type { ChainStore, PeerNetwork } from "./ports.ts";
import { createRpcServer, type RpcServer } from "./rpc/server.ts";
import { openChainStore } from "./store/open-chain-store.ts";

/** A validator that runs in this process. */
export interface Validator {
  readonly rpcPort: number;
  readonly p2pPort: number;
  /** Answers no more, votes no more, and closes its store. */
  stop(): Promise<void>;
}

export interface ValidatorPorts {
  readonly log: Logger;
  /** It cannot go on; the process is to end. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * Wires a validator of its real parts and starts it. Raises `INVALID_INPUT` (a port that is taken, keys
 * that are not those of genesis) and the errors of the store.
 */
export async function startValidator(files: NodeFiles, ports: ValidatorPorts): Promise<Validator> {
  const { config, genesis, dataDir } = files;
  const network = openNetwork(files, ports.log);
  const store = await openChainStore({ dataDir, genesis, durability: config.durability });
  try {
    return await run(files, ports, store, network);
  } catch (error) {
    await network.close();
    await store.close();
    throw error;
  }
}

function openNetwork({ config, genesis, address, credentials }: NodeFiles, log: Logger): PeerNetwork {
  return createPeerNetwork(
    {
      validators: genesis.validators.map((each) => each.address).filter((each) => each !== address),
      genesisHash: bytesToHex(genesisHash(genesis)),
      config: config.p2p,
      limits: peerLimits(genesis),
    },
    {
      identity: createIdentity(genesis, address, credentials),
      clock: systemClock,
      random: createRandom(`${config.p2p.linkSeed}/${address}`),
      log,
    },
  );
}

async function run(
  files: NodeFiles,
  { log, onFatal }: ValidatorPorts,
  store: ChainStore,
  network: PeerNetwork,
): Promise<Validator> {
  const { config, genesis, address, privateKey } = files;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { state } = store;
  const executor = createEvmExecutor({ state, genesis });
  const mempool = createMempool({ genesis, config: config.mempool, state, executor });
  let rpc: RpcServer | undefined;
  const host = createHost(
    { genesis, address, privateKey },
    {
      clock: systemClock,
      random: createRandom(address),
      store,
      executor,
      mempool,
      network,
      registry,
      log,
      yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
      onHead: (head) => rpc?.onHead(head),
      onFatal,
    },
  );
  const server = await createRpcServer({
    genesis,
    validator: address,
    version: programVersion(),
    durability: config.durability,
    store,
    executor,
    mempool,
    status: host.status,
    clock: systemClock,
    config: config.rpc,
    registry,
    onDefect: (error, what) => log.error({ err: error, what }, "a call failed by a defect"),
  });
  rpc = server;
  try {
    await host.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  const height = store.head.block.header.number;
  const ports = { rpcPort: server.port, p2pPort: network.port };
  log.info({ address, network: genesis.name, chainId: genesis.chainId, height, ...ports }, "started");
  return {
    ...ports,
    async stop() {
      await server.close();
      await host.stop();
      await store.close();
    },
  };
}

function programVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}
