import { utf8 } from "@sheaf/base";
import { expect } from "vitest";
import { type CoalitionsConfig, sampleRoot } from "../../src/index.ts";
import { keccak, type Outcome } from "../evm.ts";
import type { Registration } from "./model-members.ts";
import {
  authority,
  config,
  contribution,
  createWorld,
  hex,
  type Person,
  person,
  type World,
} from "./world.ts";

export const [ada, ben, cleo, dan] = [0, 1, 2, 3].map(person) as [Person, Person, Person, Person];
export const [una, vic] = [10, 11].map(person) as [Person, Person];

/** Samples of a worker. */
export const samplesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => utf8(`sample ${i}`));

export const rootOfSamples = (count: number): string => hex(sampleRoot(samplesOf(count), keccak));

/** A worker as the authority registers it, of whom nothing is known. */
export const newcomer = ({ address }: Person): Registration => ({ account: address, good: 0n, bad: 0n });

/** A world in its first block, with four miners and two workers of reputation 1/2. */
export interface Story extends World {
  /** A call that must succeed. */
  does(from: Person | string, name: string, ...args: readonly unknown[]): Promise<Outcome>;
  /** The error of a call. */
  error(from: Person | string, name: string, ...args: readonly unknown[]): Promise<string | undefined>;
  /** Goes on to the first block of an epoch, whose proposer it names. */
  toEpoch(epoch: number, proposer?: string): Promise<void>;
  /** Records so many samples of a worker in the present epoch. */
  records(miner: Person, worker: Person, samples: number, real?: number): Promise<Outcome>;
  /** What the miner has in the epoch, beside what it was paid out. */
  earned(epoch: number, miner: Person): Promise<readonly [bigint, boolean]>;
  weights(epoch: number): Promise<readonly bigint[]>;
}

export async function createStory(changes: Partial<CoalitionsConfig> = {}): Promise<Story> {
  const world = await createWorld(changes);
  const { chain, coalitions, next } = world;
  const epochBlocks = BigInt(changes.epochBlocks ?? config.epochBlocks);
  const addressOf = (from: Person | string): string => (typeof from === "string" ? from : from.address);
  const story: Story = {
    ...world,
    async does(from, name, ...args) {
      const outcome = await coalitions.send(addressOf(from), name, ...args);
      expect([name, outcome.error]).toEqual([name, undefined]);
      return outcome;
    },
    error: async (from, name, ...args) => (await coalitions.send(addressOf(from), name, ...args)).error,
    async toEpoch(epoch, proposer) {
      const first = BigInt(epoch) * epochBlocks + 1n;
      while (chain.block.number < first) await next(proposer);
    },
    records(miner, worker, samples, real = samples) {
      const epoch = (chain.block.number - 1n) / epochBlocks;
      const words = { epoch, samples: BigInt(samples), root: rootOfSamples(real) };
      return story.does(miner, "contribute", [contribution(worker, words)]);
    },
    async earned(epoch, { address }) {
      const { result } = await coalitions.send(authority, "earned", epoch, address);
      return [result[0], result[1]];
    },
    async weights(epoch) {
      const { result } = await coalitions.send(authority, "proposerWeights", epoch);
      return [...(result[1] as bigint[])];
    },
  };
  await next();
  await story.does(
    authority,
    "registerMiners",
    [ada, ben, cleo, dan].map(({ address }) => address),
  );
  await story.does(authority, "registerWorkers", [una, vic].map(newcomer));
  return story;
}
