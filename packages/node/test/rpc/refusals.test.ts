import { bytesToHex } from "@sheaf/base";
import type { TransactionFields } from "@sheaf/protocol";
import { afterAll, expect, test } from "vitest";
import { signedTransfer } from "../support/accounts.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { ask, askError, startInstantChain } from "../support/instant-chain.ts";

const alice = testAccount("alice");
const used = testAccount("used");
const balances = { [alice.address]: 10n ** 18n, [used.address]: 10n ** 18n };
const chain = await startInstantChain({ genesis: testGenesis({ balances, baseFeePerGasWei: "5" }) });
afterAll(() => chain.close());

const paid = { maxFeePerGas: 10n, maxPriorityFeePerGas: 1n };
const send = (fields: Partial<TransactionFields>, account = alice) =>
  askError(chain.url, "eth_sendRawTransaction", bytesToHex(signedTransfer(account, { ...paid, ...fields })));

const cases: readonly (readonly [string, Partial<TransactionFields>])[] = [
  ["invalid sender: invalid chain id for signer: have 1 want 1337", { chainId: 1n }],
  ["only replay-protected (EIP-155) transactions allowed over RPC", { type: 0, chainId: undefined }],
  ["intrinsic gas too low: gas 20000, minimum needed 21000", { gasLimit: 20_000n }],
  ["exceeds block gas limit: gas 1000000000, limit 100000000", { gasLimit: 10n ** 9n }],
  ["max fee per gas less than block base fee: maxFeePerGas: 4, baseFee: 5", { maxFeePerGas: 4n }],
  ["max priority fee per gas higher than max fee per gas", { maxPriorityFeePerGas: 11n }],
  ["nonce too high: tx nonce 5000, gapped nonce 0", { nonce: 5_000n }],
  ["oversized data: transaction size 132204, limit 131072", { data: new Uint8Array(129 * 1024) }],
  [
    "max initcode size exceeded: code size 49153, limit 49152",
    { to: undefined, data: new Uint8Array(49_153), gasLimit: 10_000_000n },
  ],
  [
    "insufficient funds for gas * price + value: balance 1000000000000000000, queued cost 0, tx cost 1000000000000210000, overshot 210000",
    { value: 10n ** 18n },
  ],
];

test.each(cases)(
  "a refused transaction is told in the words of Geth: %s [RPC.10]",
  async (message, fields) => {
    expect(await send(fields)).toEqual({ code: -32000, message });
  },
);

test("known, replaced and stale ones are told in the words of Geth [RPC.10]", async () => {
  const raw = bytesToHex(signedTransfer(used, paid));
  const hash = await ask(chain.url, "eth_sendRawTransaction", raw);
  expect(await askError(chain.url, "eth_sendRawTransaction", raw)).toEqual({
    code: -32000,
    message: "already known",
  });
  expect(await send({ value: 1n }, used)).toEqual({
    code: -32000,
    message: "replacement transaction underpriced",
  });
  await chain.mine();
  expect(await ask(chain.url, "eth_getTransactionReceipt", hash)).toMatchObject({ status: "0x1" });
  expect(await send({}, used)).toEqual({ code: -32000, message: "nonce too low: next nonce 1, tx nonce 0" });
});

test("what is no transaction is told in the words of Geth [RPC.10]", async () => {
  for (const [raw, message] of [
    ["0x03c0", "transaction type not supported"],
    ["0xc0", "rlp: invalid transaction encoding: malformed"],
    ["0x", "rlp: invalid transaction encoding: empty"],
  ]) {
    expect(await askError(chain.url, "eth_sendRawTransaction", raw)).toEqual({ code: -32000, message });
  }
});

test("the pool can be looked at [RPC.11]", async () => {
  for (const nonce of [0n, 2n]) {
    await ask(chain.url, "eth_sendRawTransaction", bytesToHex(signedTransfer(alice, { ...paid, nonce })));
  }
  expect(await ask(chain.url, "txpool_status")).toEqual({ pending: "0x1", queued: "0x1" });
  expect(await ask(chain.url, "txpool_content")).toMatchObject({
    pending: { [alice.address]: { "0": { from: alice.address, nonce: "0x0", blockHash: null } } },
    queued: { [alice.address]: { "2": { nonce: "0x2" } } },
  });
  expect(await ask(chain.url, "txpool_contentFrom", used.address)).toEqual({ pending: {}, queued: {} });
});
