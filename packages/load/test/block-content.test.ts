import { createRpcClient } from "@sheaf/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createWorkload, runLoad } from "../src/index.ts";
import { createBlockReader } from "../src/watching/block-content.ts";
import { type Anvil, anvilKey, startAnvil } from "./support/anvil.ts";
import { type FaultyProxy, startProxy } from "./support/faulty-proxy.ts";
import { countStatuses } from "./support/results.ts";

let anvil: Anvil;
let proxy: FaultyProxy;

beforeAll(async () => {
  anvil = await startAnvil(0.5);
});
beforeEach(async () => {
  proxy = await startProxy(anvil);
});
afterEach(() => proxy.close());
afterAll(() => anvil.stop());

describe("the content of a block", () => {
  it("is taken from sheaf_getBlockOutcomes where an endpoint has it, and from nothing else", async () => {
    const asked: string[] = [];
    proxy.judge = ({ method }) => {
      asked.push(method);
      return {
        result: {
          number: 7,
          hash: `0x${"aa".repeat(32)}`,
          parentHash: `0x${"bb".repeat(32)}`,
          timestampMs: 1_700_000_000_123,
          proposer: `0x${"cc".repeat(20)}`,
          round: 1,
          gasUsed: 42_000,
          gasLimit: 1_000_000,
          sizeBytes: 500,
          transactionHashes: `0x${"01".repeat(32)}${"02".repeat(32)}`,
          statuses: "0x0100",
        },
      };
    };
    const client = createRpcClient(proxy.endpoint.rpcUrl);
    const content = await createBlockReader()(client, 7);
    client.close();
    expect(asked).toEqual(["sheaf_getBlockOutcomes"]);
    expect(content).toMatchObject({
      number: 7,
      transactions: 2,
      round: 1,
      sizeBytes: 500,
      timestampMs: 1_700_000_000_123,
    });
    expect([...(content?.statuses ?? [])]).toEqual([1, 0]);
    expect([...(content?.transactionHashes.subarray(32) ?? [])]).toEqual(new Array<number>(32).fill(2));
  });

  it("is unknown, and no error, while the block is not there", async () => {
    const client = createRpcClient(proxy.endpoint.rpcUrl);
    expect(await createBlockReader()(client, 1_000_000)).toBeUndefined();
    client.close();
  });

  it("is put together from receipts one by one where an endpoint gives none by block", async () => {
    const asked = new Set<string>();
    proxy.judge = ({ method }) => {
      asked.add(method);
      return method === "eth_getBlockReceipts"
        ? { error: { code: -32601, message: "the method eth_getBlockReceipts does not exist" } }
        : undefined;
    };
    const seed = "receipts";
    const workload = await createWorkload({ name: "cpu-heavy", transactions: 20, senders: 5, seed });
    const chain = { name: "chain", validators: [proxy.endpoint], fundedKey: anvilKey };
    const mode = { kind: "windowed", window: 20 } as const;
    const result = await runLoad({ chains: [chain], workload, mode, seed });
    expect(asked).toContain("eth_getBlockReceipts");
    expect(countStatuses(result.transactions)).toEqual({ committed: 20 });
    expect(result.stateCheck).toMatchObject({ ok: true });
  });
});
