import { createRandom, type Hex } from "@sheaf/base";
import { expect } from "vitest";
import { type TestNetwork, transfer } from "./make-network.ts";
import { eventually, heightOf, startReady, type ValidatorProcess } from "./processes.ts";

/** The validators of a network as processes that come and go, under load. */
export interface ProcessNetwork {
  readonly running: ReadonlyMap<number, ValidatorProcess>;
  start(...indices: number[]): Promise<void>;
  kill(...indices: number[]): Promise<void>;
  /** Sends one transfer of every account, each round to another running validator; returns how many it sent. */
  submit(rounds: number): Promise<number>;
  heights(): Promise<readonly number[]>;
  /** Waits until every running validator has `height`. */
  reach(height: number, limitMs?: number): Promise<void>;
  /** Every running validator has the same block and the same state digest at every height that all have. */
  expectAgreement(): Promise<void>;
  /** Notes the newest block of every running validator. */
  remember(): Promise<void>;
  /** Every running validator has, or soon fetches, the blocks that were noted. */
  expectNothingLost(): Promise<void>;
  stop(): Promise<void>;
}

export function createProcessNetwork(test: TestNetwork): ProcessNetwork {
  const running = new Map<number, ValidatorProcess>();
  const remembered = new Map<number, Hex>();
  const random = createRandom("process network");
  let nonce = 0;

  async function hashOf(validator: ValidatorProcess, height: number): Promise<Hex | undefined> {
    const block = await validator.call<{ hash: Hex } | null>(
      "eth_getBlockByNumber",
      `0x${height.toString(16)}`,
      false,
    );
    return block?.hash;
  }

  async function heights(): Promise<readonly number[]> {
    return Promise.all([...running.values()].map(heightOf));
  }

  function reach(height: number, limitMs?: number): Promise<void> {
    const reached = async (): Promise<boolean> => (await heights()).every((each) => each >= height);
    return eventually(`height ${height}`, reached, limitMs);
  }

  return {
    running,
    async start(...indices) {
      for (const each of await Promise.all(indices.map((index) => startReady(test, index)))) {
        running.set(each.index, each);
      }
    },
    async kill(...indices) {
      await Promise.all(indices.map((index) => running.get(index)?.end("SIGKILL")));
      for (const index of indices) running.delete(index);
    },
    async submit(rounds) {
      for (let round = 0; round < rounds; round++) {
        const target = random.pick([...running.values()]);
        await target.send(test.accounts.map((account) => transfer(test.genesis, account, nonce)));
        nonce += 1;
      }
      return rounds * test.accounts.length;
    },
    heights,
    reach,
    async expectAgreement() {
      const common = Math.min(...(await heights()));
      for (let height = 0; height <= common; height++) {
        const hashes = await Promise.all([...running.values()].map((each) => hashOf(each, height)));
        // A header carries its parent's state digest, so equal hashes are equal states [STATE.3].
        expect(new Set(hashes).size, `block ${height}: ${hashes.join(" ")}`).toBe(1);
      }
    },
    async remember() {
      for (const validator of running.values()) {
        const height = await heightOf(validator);
        const hash = await hashOf(validator, height);
        if (hash === undefined) continue;
        expect(remembered.get(height) ?? hash).toBe(hash);
        remembered.set(height, hash);
      }
    },
    async expectNothingLost() {
      await reach(Math.max(...remembered.keys()));
      for (const [height, hash] of remembered) {
        for (const validator of running.values()) expect(await hashOf(validator, height)).toBe(hash);
      }
    },
    async stop() {
      await Promise.all([...running.values()].map((each) => each.end("SIGKILL")));
      running.clear();
    },
  };
}
