import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { ask, askError, post, startInstantChain } from "../support/instant-chain.ts";

const chain = await startInstantChain({
  genesis: testGenesis({ balances: { [testAccount("alice").address]: 10n ** 20n } }),
  rpc: { maxBatch: 20, maxBodyBytes: 50_000 },
});
afterAll(async () => {
  await chain.close();
  expect(chain.defects).toEqual([]);
});

const send = async (body: unknown) => (await post(chain.url, body)).body;
const chainId = (id: unknown) => ({ jsonrpc: "2.0", id, method: "eth_chainId" });
const answer = (id: unknown) => ({ jsonrpc: "2.0", id, result: "0x539" });
const failure = (code: number, id: unknown = null) =>
  expect.objectContaining({ jsonrpc: "2.0", id, error: expect.objectContaining({ code }) });

test("identifiers come back as they were, missing parameters are none [RPC.1]", async () => {
  for (const id of [1, 0, -7, 1.5, 'a"b', "", null]) expect(await send(chainId(id))).toEqual(answer(id));
  expect(await send({ ...chainId(1), params: null })).toEqual(answer(1));
});

test("what is no request is answered with the standard's codes [RPC.1]", async () => {
  expect(await send("{")).toEqual(failure(-32700));
  expect(await send("")).toEqual(failure(-32700));
  for (const body of [
    1,
    null,
    "text",
    {},
    { id: 1, method: "eth_chainId" },
    { jsonrpc: "2.0", id: {}, method: "x" },
  ]) {
    expect(await send(JSON.stringify(body))).toMatchObject({ error: { code: -32600 } });
  }
  expect(await send({ ...chainId(4), params: { a: 1 } })).toEqual(failure(-32602, 4));
  expect(await send([])).toEqual(failure(-32600));
});

test("notifications are not answered [RPC.1]", async () => {
  const notification = { jsonrpc: "2.0", method: "eth_chainId" };
  expect(await post(chain.url, notification)).toEqual({ status: 204, body: undefined });
  expect(await post(chain.url, [notification, notification])).toEqual({ status: 204, body: undefined });
  expect(await send([notification, chainId(2)])).toEqual([answer(2)]);
});

test("a batch is answered in order, good and bad alike [RPC.1]", async () => {
  const bad = { jsonrpc: "2.0", id: 3, method: "eth_sendRawTransaction", params: ["0x00"] };
  expect(
    await send([chainId(1), 5, bad, bad, chainId(9), { jsonrpc: "2.0", id: 6, method: "nope" }]),
  ).toEqual([
    answer(1),
    failure(-32600),
    failure(-32000, 3),
    failure(-32000, 3),
    answer(9),
    failure(-32601, 6),
  ]);
  expect(await send(Array.from({ length: 21 }, (_, id) => chainId(id)))).toEqual(failure(-32600));
});

test("unknown methods and those that need a key say so [RPC.2]", async () => {
  expect(await askError(chain.url, "eth_nothing")).toEqual({
    code: -32601,
    message: "the method eth_nothing does not exist/is not available",
  });
  expect(await askError(chain.url, "constructor")).toMatchObject({ code: -32601 });
  expect(await askError(chain.url, "__proto__")).toMatchObject({ code: -32601 });
  const refused = await askError(chain.url, "eth_sendTransaction", { from: testAccount("alice").address });
  expect(refused.code).toBe(-32601);
  expect(refused.message).toContain("eth_sendRawTransaction");
  expect(await askError(chain.url, "eth_subscribe", "newHeads")).toMatchObject({ code: -32601 });
});

test("bad parameters are named with what was expected [RPC.2]", async () => {
  const cases: readonly [string, unknown[], string][] = [
    ["eth_getBalance", [], "missing value for required argument 0: expected an address of 20 bytes"],
    ["eth_getBalance", ["0x12"], "invalid argument 0: expected an address of 20 bytes"],
    [
      "eth_getBalance",
      [`0x${"11".repeat(20)}`, "soon"],
      "invalid argument 1: expected a block number or tag",
    ],
    ["eth_chainId", [1], "too many arguments, want at most 0"],
    ["eth_getBlockByNumber", ["latest", "yes"], "invalid argument 1: expected true or false"],
    ["eth_call", ["0x"], "invalid argument 0: expected an object"],
    ["eth_call", [{ data: "0x1" }], "invalid argument 0: expected data, 0x and hex digits"],
    [
      "eth_call",
      [{}, "latest", { "0x": {} }],
      "invalid argument 2: state and block overrides are not supported",
    ],
    ["eth_getLogs", [{ topics: [0, 0, 0, 0, 0] }], "invalid argument 0: exceed max topics"],
    [
      "eth_sendRawTransaction",
      ["0xabc"],
      "invalid argument 0: expected one raw transaction, 0x and hex digits",
    ],
  ];
  for (const [method, params, message] of cases) {
    expect(await askError(chain.url, method, ...params)).toEqual({ code: -32602, message });
  }
});

const methodNames = (await listMethods()).filter((name) => name !== "eth_estimateGas" && name !== "eth_call");

/** Every method that the server knows, by what it counts. */
async function listMethods(): Promise<string[]> {
  const modules = (await ask(chain.url, "rpc_modules")) as Record<string, string>;
  expect(Object.keys(modules)).toEqual(["eth", "net", "sheaf", "txpool", "web3"]);
  const { allMethods } = await import("../../src/rpc/methods/all-methods.ts");
  return Object.keys(
    allMethods({ ...chain, status: chain.status } as unknown as Parameters<typeof allMethods>[0]),
  );
}

test("no parameters of any kind make a method fail in itself [RPC.2]", async () => {
  const parameter = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      "0x",
      "0x0",
      "latest",
      "earliest",
      "0xffffffffffffffff",
      `0x${"11".repeat(20)}`,
      `0x${"ab".repeat(32)}`,
    ),
    fc.record(
      { fromBlock: fc.jsonValue(), topics: fc.jsonValue(), address: fc.jsonValue() },
      { requiredKeys: [] },
    ),
  );
  const request = fc.record({
    method: fc.constantFrom(...methodNames),
    params: fc.array(parameter, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 20 }), async (requests) => {
      const batch = requests.map((each, id) => ({ jsonrpc: "2.0", id, ...each }));
      const answers = (await send(batch)) as { id: number; error?: { code: number } }[];
      expect(answers.map(({ id }) => id)).toEqual(batch.map(({ id }) => id));
      for (const { error } of answers) expect(error?.code).not.toBe(-32603);
    }),
    { numRuns: 150 },
  );
  expect(chain.defects).toEqual([]);
});

test("no body of any kind breaks the server [RPC.1]", async () => {
  const bodies = fc.oneof(
    fc.json(),
    fc.string({ maxLength: 300 }),
    fc.array(fc.jsonValue(), { maxLength: 8 }).map((each) => JSON.stringify(each)),
    fc
      .record({
        jsonrpc: fc.constant("2.0"),
        id: fc.jsonValue(),
        method: fc.jsonValue(),
        params: fc.jsonValue(),
      })
      .map((each) => JSON.stringify(each)),
  );
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const { status } = await post(chain.url, body);
      expect([200, 204]).toContain(status);
    }),
    { numRuns: 150 },
  );
  for (const body of [
    "[".repeat(49_000),
    `${'{"a":'.repeat(8_000)}1${"}".repeat(8_000)}`,
    "\u0000".repeat(100),
  ]) {
    expect((await post(chain.url, body)).status).toBe(200);
  }
  expect(await ask(chain.url, "eth_chainId")).toBe("0x539");
});
