import { readFile } from "node:fs/promises";
import type { Hex } from "@sheaf/base";
import type { SensingGame } from "@sheaf/game";
import type { NetworkChain } from "@sheaf/launcher";
import { type Address, privateKeyToAddress } from "@sheaf/protocol";
import { createAccount } from "../../train/agents.ts";
import type { ChainSpec } from "../coalition-file.ts";
import { type Evidence, nearestEvidence } from "../evidence.ts";

export interface Account {
  readonly key: Hex;
  readonly address: Address;
}

/** A miner: a player of the game and a validator of the chain. */
export interface MinerAccount extends Account {
  /** Of the player, and of its validator. */
  readonly index: number;
  readonly id: string;
  /** Of its own validator. */
  readonly rpcUrl: string;
  /** Workers that it picked, by their place in the list of all workers. */
  readonly workers: readonly number[];
}

/** A worker with the account that signs what it sensed. */
export interface WorkerAccount extends Account {
  readonly id: string;
  /** What is known of it when it is registered: its reputation follows. */
  readonly evidence: Evidence;
  /** Records an epoch. */
  readonly samples: number;
  /** Signs for data that nobody has: a cheat's accomplice. */
  readonly invents: boolean;
}

export interface Participants {
  readonly miners: readonly MinerAccount[];
  /** Those of the scenario, in its order, then one accomplice for each miner that is to cheat. */
  readonly workers: readonly WorkerAccount[];
  /** Who registers miners and workers. */
  readonly authority: Account;
}

export function authorityAccount(seed: string): Account {
  return createAccount(`${seed}/coalitions/authority`);
}

/** Everybody with an account. Miners sign with their validators' keys. */
export async function gatherParticipants(
  { scenario, selections }: SensingGame,
  spec: ChainSpec,
  chain: NetworkChain,
  seed: string,
): Promise<Participants> {
  const miners = await Promise.all(
    chain.endpoints.map(async ({ index, rpcUrl, keyFile }): Promise<MinerAccount> => {
      const key = (await readFile(keyFile as string, "utf8")).trim() as Hex;
      const address = privateKeyToAddress(Buffer.from(key.slice(2), "hex"));
      const id = scenario.miners[index]?.id ?? String(index);
      return { index, id, key, address, rpcUrl, workers: selections[index] ?? [] };
    }),
  );
  const honest = scenario.workers.map(
    ({ id, samples, reputation }): WorkerAccount => ({
      ...createAccount(`${seed}/coalitions/worker/${id}`),
      id,
      evidence: nearestEvidence(reputation),
      samples,
      invents: false,
    }),
  );
  const cheats = spec.faults.filter(({ kind }) => kind === "miner-cheats");
  const accomplices = cheats.map(
    (_, index): WorkerAccount => ({
      ...createAccount(`${seed}/coalitions/accomplice/${index}`),
      id: `accomplice-${index + 1}`,
      evidence: nearestEvidence(0.75),
      samples: claimOf(honest),
      invents: true,
    }),
  );
  return { miners, workers: [...honest, ...accomplices], authority: authorityAccount(seed) };
}

/** What an accomplice claims: as much as five workers have, so that it shows in the weights. */
function claimOf(honest: readonly WorkerAccount[]): number {
  const mean = honest.reduce((sum, { samples }) => sum + samples, 0) / Math.max(1, honest.length);
  return Math.round(5 * mean);
}
