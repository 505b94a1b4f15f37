import { bytesToHex, createRandom, type Hex, type Random } from "@sheaf/base";
import type { Address, Genesis, TransactionFields } from "@sheaf/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEvmExecutor } from "../../src/execution/evm-executor.ts";
import { deploying } from "../../src/execution/suite/assemble.ts";
import type { Receipt, SenderTransaction } from "../../src/ports.ts";
import { testAccount, testGenesis } from "../support/genesis.ts";
import { type Anvil, startAnvil } from "./anvil.ts";
import { createTestChain, PROPOSER, signed, type TestChain } from "./chain.ts";
import { program, type World } from "./random-program.ts";

// The same signed transactions on a fresh chain of ours and of anvil (revm): status, gas, logs, balances,
// nonces, code and storage must be equal.

const ROUNDS = Number(process.env["SHEAF_ANVIL_ROUNDS"] ?? 60);
const SEED = process.env["SHEAF_ANVIL_SEED"] ?? "anvil";
const TRANSACTIONS = 12;
const PRICE = 10n;

const SENDERS = ["one", "two", "three"].map(testAccount);
const CONTRACTS: readonly Address[] = ["b", "c", "d", "5"].map((digit): Hex => `0x${digit.repeat(40)}`);
const NOBODY: Address = `0x${"9".repeat(40)}`;
const WORLD: World = {
  targets: [...SENDERS.map(({ address }) => address), ...CONTRACTS, NOBODY, PROPOSER],
  // Random on anvil.
  without: ["PREVRANDAO"],
};

interface Alloc {
  readonly balanceWei: string;
  readonly nonce: number;
  readonly code: Hex;
  readonly storage: Readonly<Record<Hex, Hex>>;
}

function randomAlloc(random: Random): Record<Address, Alloc> {
  const alloc: Record<Address, Alloc> = {};
  for (const { address } of SENDERS) {
    alloc[address] = { balanceWei: String(10n ** 18n), nonce: random.int(3), code: "0x", storage: {} };
  }
  for (const address of CONTRACTS) {
    const storage: Record<Hex, Hex> = {};
    for (let slot = 0; slot < 3; slot++) {
      if (random.chance(0.5))
        storage[`0x${slot.toString(16).padStart(64, "0")}`] = `0x${"1".padStart(64, "0")}`;
    }
    const code = bytesToHex(program(random, WORLD, 14));
    alloc[address] = { balanceWei: String(random.int(1_000)), nonce: 1, code, storage };
  }
  return alloc;
}

function randomTransaction(random: Random, nonce: bigint): Partial<TransactionFields> {
  const type = random.pick([0, 1, 2] as const);
  const fee = random.chance(0.5) ? PRICE : 0n;
  const creates = random.chance(0.2);
  const init = random.chance(0.8) ? deploying(program(random, WORLD, 6)) : program(random, WORLD, 6);
  const accessList = Array.from({ length: type === 0 ? 0 : random.int(3) }, () => ({
    address: random.pick(WORLD.targets),
    storageKeys: Array.from(
      { length: random.int(3) },
      (): Hex => `0x${String(random.int(4)).padStart(64, "0")}`,
    ),
  }));
  return {
    type,
    nonce,
    maxFeePerGas: fee * 2n,
    maxPriorityFeePerGas: type === 2 ? fee : fee * 2n,
    gasLimit: BigInt(random.chance(0.7) ? 700_000 : 90_000 + random.int(100_000)),
    to: creates ? undefined : random.pick([...CONTRACTS, ...CONTRACTS, ...WORLD.targets]),
    value: random.chance(0.5) ? 0n : BigInt(random.int(500)),
    data: creates ? init : random.bytes(random.int(100)),
    accessList,
  };
}

async function copyToAnvil(anvil: Anvil, alloc: Record<Address, Alloc>): Promise<void> {
  for (const [address, { balanceWei, nonce, code, storage }] of Object.entries(alloc)) {
    await anvil.call("anvil_setBalance", address, `0x${BigInt(balanceWei).toString(16)}`);
    await anvil.call("anvil_setNonce", address, `0x${nonce.toString(16)}`);
    await anvil.call("anvil_setCode", address, code);
    for (const [slot, value] of Object.entries(storage))
      await anvil.call("anvil_setStorageAt", address, slot, value);
  }
  await anvil.call("anvil_setCoinbase", PROPOSER);
}

interface AnvilReceipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly cumulativeGasUsed: Hex;
  readonly effectiveGasPrice: Hex;
  readonly contractAddress: Hex | null;
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

const readable = (receipt: Receipt) => ({
  succeeded: receipt.succeeded,
  gasUsed: receipt.gasUsed,
  cumulativeGasUsed: receipt.cumulativeGasUsed,
  effectiveGasPrice: receipt.effectiveGasPrice,
  contractAddress: receipt.contractAddress,
  logs: receipt.logs.map(({ address, topics, data }) => ({ address, topics, data: bytesToHex(data) })),
});

const readableAnvil = (receipt: AnvilReceipt): ReturnType<typeof readable> => ({
  succeeded: receipt.status === "0x1",
  gasUsed: BigInt(receipt.gasUsed),
  cumulativeGasUsed: BigInt(receipt.cumulativeGasUsed),
  effectiveGasPrice: BigInt(receipt.effectiveGasPrice),
  contractAddress: receipt.status === "0x1" ? (receipt.contractAddress ?? undefined) : undefined,
  logs: receipt.logs.map(({ address, topics, data }) => ({ address, topics, data })),
});

/** What anvil has in place of every key that we changed. */
async function expectSameState(
  anvil: Anvil,
  chain: TestChain,
  changed: Changed,
  label: string,
): Promise<void> {
  const { state } = chain.store;
  for (const address of changed.accounts) {
    const account = state.account(address);
    const theirs = {
      balance: BigInt(await anvil.call<Hex>("eth_getBalance", address, "latest")),
      nonce: BigInt(await anvil.call<Hex>("eth_getTransactionCount", address, "latest")),
      code: await anvil.call<Hex>("eth_getCode", address, "latest"),
    };
    const { balance, nonce, codeHash } = account;
    expect({ balance, nonce, code: bytesToHex(state.code(codeHash)) }, `${label} ${address}`).toEqual(theirs);
  }
  for (const [address, slot] of changed.slots) {
    const theirs = await anvil.call<Hex>("eth_getStorageAt", address, slot, "latest");
    expect(bytesToHex(state.storage(address, slot)), `${label} ${address} ${slot}`).toBe(theirs);
  }
}

interface Changed {
  readonly accounts: readonly Address[];
  readonly slots: readonly (readonly [Address, Hex])[];
}

it("an anvil that was stopped is gone, not only its wrapper", async () => {
  const anvil = await startAnvil();
  await anvil.stop();
  await expect(anvil.call("eth_chainId")).rejects.toThrow();
}, 30_000);

describe("the executor against anvil", () => {
  let anvil: Anvil;
  const options = [
    "--hardfork",
    "cancun",
    "--chain-id",
    "1337",
    "--accounts",
    "0",
    "--no-mining",
    "--order",
    "fifo",
  ];
  beforeAll(async () => {
    anvil = await startAnvil(...options, "--gas-limit", "100000000", "--base-fee", "0", "--gas-price", "0");
  }, 30_000);
  afterAll(() => anvil.stop());

  it(`gives equal receipts and state for ${ROUNDS} random blocks [STATE.7] [STATE.9]`, {
    timeout: 300_000,
  }, async () => {
    let snapshot = await anvil.call<Hex>("evm_snapshot");
    let failed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const label = `SHEAF_ANVIL_SEED=${SEED}/${round}`;
      const random = createRandom(`${SEED}/${round}`);
      const alloc = randomAlloc(random);
      // Anvil's clock does not go back with a snapshot.
      const timestampMs = 2_000_000_000_000 + round * 60_000;
      const genesis = { ...testGenesis(), timestampMs, alloc: alloc as Genesis["alloc"] };
      const chain = createTestChain(genesis, ({ state }) => createEvmExecutor({ state, genesis }));
      await copyToAnvil(anvil, alloc);

      const nonces = new Map(
        SENDERS.map(({ address }) => [address, BigInt((alloc[address] as Alloc).nonce)]),
      );
      const transactions: SenderTransaction[] = Array.from({ length: TRANSACTIONS }, () => {
        const from = random.pick(SENDERS);
        const nonce = nonces.get(from.address) as bigint;
        nonces.set(from.address, nonce + 1n);
        return signed(genesis, from, randomTransaction(random, nonce));
      });
      for (const { transaction } of transactions)
        await anvil.call("eth_sendRawTransaction", bytesToHex(transaction.raw));
      const context = chain.next();
      await anvil.call("anvil_setNextBlockBaseFeePerGas", "0x0");
      await anvil.call("evm_setNextBlockTimestamp", Math.floor(context.timestampMs / 1_000));
      await anvil.call("evm_mine");

      const executed = await chain.add(transactions);
      const theirs = await anvil.call<AnvilReceipt[]>("eth_getBlockReceipts", "latest");
      expect(theirs).toHaveLength(TRANSACTIONS);
      expect(executed.receipts.map(readable), label).toEqual(theirs.map(readableAnvil));
      failed += executed.receipts.filter((receipt) => !receipt.succeeded).length;
      const { accounts, storage } = executed.changes;
      const changed = {
        accounts: [
          ...Object.keys(alloc).map((key) => key as Address),
          ...accounts.map(([address]) => address),
        ],
        slots: storage.map(([address, slot]) => [address, slot] as const),
      };
      await expectSameState(anvil, chain, changed, label);
      await anvil.call("evm_revert", snapshot);
      snapshot = await anvil.call<Hex>("evm_snapshot");
    }
    expect(failed).toBeGreaterThan(ROUNDS);
    expect(failed).toBeLessThan(ROUNDS * TRANSACTIONS * 0.9);
  });
});
