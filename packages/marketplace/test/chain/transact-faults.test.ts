import { type Hex, hexToBytes } from "@sheaf/base";
import { signTransaction } from "@sheaf/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type FaultyProxy, startProxy } from "../../../load/test/support/faulty-proxy.ts";
import type { MarketClient } from "../../src/chain/connect-market.ts";
import type { SignedCall } from "../../src/chain/sender.ts";
import type { MarketCall } from "../../src/chain/types.ts";
import {
  type Account,
  accountOf,
  type LocalMarket,
  startLocalMarket,
  terms,
} from "./support/local-market.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let local: LocalMarket;
let proxy: FaultyProxy;
let consumer: Account;
let client: MarketClient;
let consumers = 0;

beforeAll(async () => {
  local = await startLocalMarket();
});
beforeEach(async () => {
  proxy = await startProxy(local.anvil);
  consumer = accountOf(`consumer ${consumers++}`);
  await local.admit("consumer", consumer);
  client = await local.connect(consumer, { rpcUrl: proxy.endpoint.rpcUrl });
});
afterEach(() => proxy.close());
afterAll(() => local.stop());

const request: MarketCall = { method: "request", spec: "{}", terms, price: 1_000n };

/** How many jobs the consumer asked for: a transaction made twice shows. */
async function jobsOfConsumer(): Promise<number> {
  const count = Number(await client.read.jobCount());
  const jobs = await Promise.all(Array.from({ length: count }, (_, i) => client.read.job(BigInt(i + 1))));
  return jobs.filter((job) => job?.consumer === consumer.address).length;
}

const nonceOf = async (tag: string): Promise<number> =>
  Number(await local.rpc.call("eth_getTransactionCount", [consumer.address, tag]));

/** A transaction of the same key that another process made: nothing, to itself. */
function signOther(nonce: number): Hex {
  const raw = signTransaction(
    {
      type: 0,
      chainId: client.chainId,
      nonce: BigInt(nonce),
      gasLimit: 21_000n,
      maxFeePerGas: 10n ** 12n,
      maxPriorityFeePerGas: 10n ** 12n,
      to: consumer.address,
      value: 0n,
      data: new Uint8Array(0),
      accessList: [],
    },
    hexToBytes(consumer.key),
  );
  return `0x${Buffer.from(raw).toString("hex")}`;
}

describe("a transaction", () => {
  it("is made once when the answer to its sending is lost", async () => {
    let cut = 0;
    proxy.disturb = (calls) =>
      calls.some(({ method }) => method === "eth_sendRawTransaction") && cut++ === 0
        ? "cut-answer"
        : undefined;
    await client.transact(request);
    expect(cut).toBeGreaterThan(1);
    expect(await jobsOfConsumer()).toBe(1);
    expect(await nonceOf("latest")).toBe(1);
  });

  it("outlives an endpoint that goes away while it waits", async () => {
    const done = client.transact(request, {
      onSigned: () => {
        proxy.kill();
        setTimeout(() => void proxy.revive(), 700);
      },
    });
    await done;
    expect(await jobsOfConsumer()).toBe(1);
  });

  it("gives up on an endpoint that stays away, and can be resumed", async () => {
    const impatient = await local.connect(consumer, { rpcUrl: proxy.endpoint.rpcUrl, patienceMs: 300 });
    let signed: SignedCall | undefined;
    const onSigned = (given: SignedCall): void => {
      signed = given;
      proxy.kill();
    };
    await expect(impatient.transact(request, { onSigned })).rejects.toMatchObject({
      code: "RPC_UNREACHABLE",
    });
    await proxy.revive();
    expect(await jobsOfConsumer()).toBe(0);
    const { transactionHash } = await client.transact(request, { resume: signed as SignedCall });
    expect(transactionHash).toBe(signed?.hash);
    // Resumed again, as by a process that did not note the end: the same transaction.
    expect(await client.transact(request, { resume: signed as SignedCall })).toMatchObject({
      transactionHash,
    });
    expect(await jobsOfConsumer()).toBe(1);
  });

  it("is sent again when the node has lost its pool", async () => {
    await local.rpc.call("evm_setIntervalMining", [0]);
    const done = client.transact(request);
    await expect.poll(() => nonceOf("pending")).toBe(1);
    await local.rpc.call("anvil_dropAllTransactions", []);
    expect(await nonceOf("pending")).toBe(0);
    await local.rpc.call("evm_setIntervalMining", [1]);
    await done;
    expect(await jobsOfConsumer()).toBe(1);
  });

  it("of a process that died is in the chain's history for the next one", async () => {
    await local.rpc.call("evm_setIntervalMining", [0]);
    const dead = await local.connect(consumer);
    const abandoned = dead.transact(request);
    abandoned.catch(() => {});
    await expect.poll(() => nonceOf("pending")).toBe(1);
    dead.close();
    const connecting = local.connect(consumer);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await local.rpc.call("evm_setIntervalMining", [1]);
    await connecting;
    expect(await nonceOf("latest")).toBe(1);
    expect(await jobsOfConsumer()).toBe(1);
  });

  it("takes the next nonce when another transaction has its own", async () => {
    await local.rpc.call("eth_sendRawTransaction", [signOther(0)]);
    let takenOver = false;
    const onSigned = async ({ nonce }: SignedCall): Promise<void> => {
      if (takenOver) return;
      takenOver = true;
      await local.rpc.call("eth_sendRawTransaction", [signOther(nonce)]);
    };
    await client.transact(request, { onSigned });
    expect(await nonceOf("latest")).toBe(3);
    expect(await jobsOfConsumer()).toBe(1);
  });

  it("fills the gap that an earlier process left, and goes on behind what waited there", async () => {
    await local.rpc.call("eth_sendRawTransaction", [signOther(1)]);
    expect(await nonceOf("pending")).toBe(0);
    await Promise.all([client.transact(request), client.transact(request)]);
    expect(await nonceOf("latest")).toBe(3);
    expect(await jobsOfConsumer()).toBe(2);
  });

  it("shares blocks with others of the same key, in the order made", async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => client.transact(request)));
    expect(new Set(results.map(({ transactionHash }) => transactionHash)).size).toBe(8);
    const blocks = results.map(({ blockNumber }) => blockNumber);
    expect(blocks).toEqual([...blocks].sort((a, b) => a - b));
    expect(new Set(blocks).size).toBeLessThan(8);
    expect(await jobsOfConsumer()).toBe(8);
  });
});

describe("a refusal", () => {
  it("has the contract's name, and costs no nonce when it is foreseen", async () => {
    await expect(client.transact({ method: "cancel", job: 10n ** 6n })).rejects.toMatchObject({
      code: "WRONG_STATE",
      detail: { method: "cancel", name: "WrongState", args: ["0"] },
    });
    await expect(client.transact({ ...request, terms: { ...terms, minOwners: 2 } })).rejects.toMatchObject({
      code: "BAD_TERMS",
    });
    expect(await nonceOf("pending")).toBe(0);
  });

  it("has it, too, when a block includes it", async () => {
    await client.transact(request);
    const job = await client.read.jobCount();
    // An estimate cannot foresee what others do until the block is made.
    proxy.judge = ({ method }) => (method === "eth_estimateGas" ? { result: "0x30000" } : undefined);
    const outcomes = await Promise.allSettled([
      client.transact({ method: "cancel", job }),
      client.transact({ method: "cancel", job }),
    ]);
    const failed = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult;
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(failed.reason).toMatchObject({
      code: "WRONG_STATE",
      detail: { args: ["7"], transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
    });
  });

  it("tells an account that cannot pay, and one without a licence", async () => {
    await expect(client.transact({ ...request, price: 10n ** 24n })).rejects.toMatchObject({
      code: "INSUFFICIENT_FUNDS",
    });
    const stranger = await local.connect(accountOf("stranger"));
    await local.rpc.call("anvil_setBalance", [stranger.address, "0xde0b6b3a7640000"]);
    await expect(stranger.transact(request)).rejects.toMatchObject({
      code: "NOT_LICENSED",
      detail: { args: [stranger.address, "3"] },
    });
  });
});
