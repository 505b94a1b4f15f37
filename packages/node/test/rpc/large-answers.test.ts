import { afterAll, expect, test } from "vitest";
import { createDispatcher } from "../../src/rpc/dispatcher.ts";
import { type MethodTable, method } from "../../src/rpc/method.ts";
import { signedTransfer } from "../support/accounts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { ask, askError, startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const MEGABYTE = 1024 * 1024;
/** Logs a mebibyte of zeros without topics. */
const shouter = { address: `0x${"c0".repeat(19)}aa`, code: "0x621000005fa000" } as const;
const TOO_LARGE = { code: -32005, message: "response too large" };

const chain = await startInstantChain({
  genesis: testGenesis({
    balances: { [alice.address]: 10n ** 20n },
    code: { [shouter.address]: shouter.code },
  }),
});
afterAll(async () => {
  await chain.close();
  expect(chain.defects).toEqual([]);
});

test("logs that are too large for one answer are refused, fewer are told [RPC.8]", async () => {
  const filter = await ask(chain.url, "eth_newFilter", { fromBlock: "0x0" });
  let nonce = 0n;
  for (let blocks = 0; blocks < 2; blocks++) {
    for (let count = 0; count < 7; count++) {
      const shout = { nonce: nonce++, to: shouter.address, value: 0n, gasLimit: 12_000_000n };
      chain.mempool.add([signedTransfer(alice, shout)]);
    }
    await chain.mine();
  }
  expect(await askError(chain.url, "eth_getLogs", { fromBlock: "0x1" })).toEqual(TOO_LARGE);
  expect(await askError(chain.url, "eth_getFilterLogs", filter)).toEqual(TOO_LARGE);
  expect(await askError(chain.url, "eth_getFilterChanges", filter)).toEqual(TOO_LARGE);
  const found = (await ask(chain.url, "eth_getLogs", { fromBlock: "0x2" })) as { data: string }[];
  expect(found.map(({ data }) => data.length)).toEqual(Array<number>(7).fill(2 + 2 * MEGABYTE));
});

test("the pool is shown in part when it is large [RPC.11]", async () => {
  const next = Number(await ask(chain.url, "eth_getTransactionCount", alice.address));
  for (let count = 0; count < 110; count++) {
    const fields = { nonce: BigInt(next + count), data: new Uint8Array(120_000), gasLimit: 600_000n };
    expect(chain.mempool.add([signedTransfer(alice, fields)])).toMatchObject([{ ok: true }]);
  }
  const content = (await ask(chain.url, "txpool_content")) as { pending: Record<string, object> };
  const shown = Object.keys(content.pending[alice.address] as object);
  expect(shown.length).toBeGreaterThan(90);
  expect(shown.length).toBeLessThan(110);
  expect(await ask(chain.url, "txpool_contentFrom", alice.address)).toEqual({
    pending: content.pending[alice.address],
    queued: {},
  });
});

const part = "x".repeat(MEGABYTE);
const methods: MethodTable = {
  fine: method([], () => 1),
  huge: method([], () => Array<string>(101).fill(part)),
  // Fails while it is written, as a result does that is longer than the longest string.
  endless: method([], async () => ({ toJSON: () => part.padEnd(2 ** 30) })),
  unwritable: method([], () => 1n),
  together: {
    call: () => 1,
    callAll() {
      throw new TypeError("a defect");
    },
  },
};

test("what cannot become an answer is an error, alone and in a batch [RPC.1]", async () => {
  const defects: unknown[] = [];
  const answered: [string, boolean][] = [];
  const dispatcher = createDispatcher({
    methods,
    maxBatch: 10,
    onAnswered: (...each) => answered.push(each),
    onDefect: (error) => defects.push(error),
  });
  const cases: readonly [string, object][] = [
    ["huge", { error: TOO_LARGE }],
    ["endless", { error: TOO_LARGE }],
    ["unwritable", { error: { code: -32603, message: "internal error" } }],
    ["fine", { result: 1 }],
  ];
  const request = (name: string, id: number) => ({ jsonrpc: "2.0", id, method: name });
  const handle = async (body: unknown): Promise<unknown> =>
    JSON.parse((await dispatcher.handle(JSON.stringify(body), { subscriber: undefined })) as string);

  for (const [name, outcome] of cases) {
    expect(await handle(request(name, 7))).toEqual({ jsonrpc: "2.0", id: 7, ...outcome });
  }
  expect(answered).toEqual(cases.map(([name, outcome]) => [name, "result" in outcome]));
  expect(await handle(cases.map(([name], id) => request(name, id)))).toEqual(
    cases.map(([, outcome], id) => ({ jsonrpc: "2.0", id, ...outcome })),
  );
  expect(defects).toHaveLength(2);
  expect(await handle([request("together", 1), request("together", 2), request("fine", 3)])).toMatchObject([
    { id: 1, error: { code: -32603 } },
    { id: 2, error: { code: -32603 } },
    { id: 3, result: 1 },
  ]);
}, 30_000);
