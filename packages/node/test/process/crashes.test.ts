import { join } from "node:path";
import { createRandom } from "@sheaf/base";
import { NODE_EXIT } from "@sheaf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeAccount } from "../../src/store/encoding.ts";
import { accountKey } from "../../src/store/keys.ts";
import { openLmdbByteStore } from "../../src/store/lmdb-byte-store.ts";
import { makeNetwork, type TestNetwork } from "../support/make-network.ts";
import { createProcessNetwork, type ProcessNetwork } from "../support/process-network.ts";
import { eventually, heightOf } from "../support/processes.ts";

let test: TestNetwork;
let net: ProcessNetwork;

beforeEach(async () => {
  test = await makeNetwork({ consensus: { emptyBlockPeriodMs: 500, roundTimeoutMs: 1_000 } });
  net = createProcessNetwork(test);
  await net.start(0, 1, 2, 3);
});
afterEach(async () => {
  await net.stop();
  test.remove();
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("four validator processes", () => {
  it("go on when one is killed under load, and it rejoins with nothing lost [PERSIST.3] [FETCH.1]", async () => {
    await net.submit(5);
    await net.kill(3);
    await net.submit(5);
    const during = Math.max(...(await net.heights()));
    await net.remember();
    await net.reach(during + 4);
    await net.start(3);
    await net.submit(5);
    await net.reach(during + 8);
    await net.expectAgreement();
    await net.expectNothingLost();
    const all = [...net.running.values()];
    await eventually("empty pools", async () => {
      const statuses = await Promise.all(all.map((each) => each.status()));
      return statuses.every(({ mempool }) => mempool.pending + mempool.queued === 0);
    });
    const nonces = await Promise.all(
      all.map((each) => each.call("eth_getTransactionCount", test.accounts[0]?.address, "latest")),
    );
    expect(nonces).toEqual(Array(4).fill("0xf"));
  }, 90_000);

  it("stop when two are killed, and go on when one returns [PERSIST.3]", async () => {
    await net.submit(2);
    await net.kill(0, 2);
    await pause(800);
    const stopped = Math.max(...(await net.heights()));
    await net.submit(2);
    await pause(3_000);
    expect(Math.max(...(await net.heights()))).toBe(stopped);
    await net.start(2);
    await net.reach(stopped + 3, 30_000);
    await net.expectAgreement();
  }, 90_000);

  it("continue their chain after all were killed at once [PERSIST.3]", async () => {
    await net.submit(5);
    await net.remember();
    await net.kill(0, 1, 2, 3);
    await net.start(0, 1, 2, 3);
    const back = Math.min(...(await net.heights()));
    await net.submit(3);
    await net.reach(back + 4, 30_000);
    await net.expectAgreement();
    await net.expectNothingLost();
  }, 90_000);

  it("survive kills at random moments [PERSIST.1] [PERSIST.3]", async () => {
    const random = createRandom(process.env["SHEAF_SEED"] ?? "kills");
    const rounds = Number(process.env["SHEAF_KILLS"] ?? 5);
    for (let round = 0; round < rounds; round++) {
      const victims = random.shuffle([0, 1, 2, 3]).slice(0, 1 + random.int(2));
      await net.submit(2);
      await pause(random.int(300));
      await net.remember();
      await net.kill(...victims);
      await pause(random.int(600));
      await net.start(...victims);
      await net.expectNothingLost();
    }
    await net.reach(Math.max(...(await net.heights())) + 4, 60_000);
    await net.expectAgreement();
    await net.expectNothingLost();
  }, 180_000);

  it("leave behind one whose state was changed on its disk: it stops with code 3 [STATE.6] [BLOCK.9]", async () => {
    await net.kill(3);
    const address = test.accounts[0]?.address ?? "0x";
    const bytes = openLmdbByteStore(join(test.dir, "data-3", "chain.mdb"), "process");
    const balance = 999_000_000_000_000_000_000n;
    const codeHash = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    bytes.write((batch) => batch.put(accountKey(address), encodeAccount({ nonce: 0n, balance, codeHash })));
    await bytes.close();
    await net.start(3);
    const wrong = net.running.get(3);
    await net.submit(2);
    expect(await wrong?.exited).toBe(NODE_EXIT.diverged);
    const last = wrong?.log.at(-1);
    expect(last).toMatchObject({ level: 60, code: "DIVERGED" });
    await net.kill(3);
    const others = [...net.running.values()];
    const before = Math.max(...(await Promise.all(others.map(heightOf))));
    await net.reach(before + 3);
    await net.expectAgreement();
  }, 90_000);
});
