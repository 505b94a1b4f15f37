import assert from "node:assert/strict";
import { bytesToHex, type Hex, utf8 } from "@sheaf/base";
import {
  type Address,
  type ExecutionDigest,
  type Genesis,
  keccak256,
  parseGenesis,
  type TransactionFields,
} from "@sheaf/protocol";
import type {
  BlockContext,
  CallOutcome,
  CallRequest,
  ExecutedBlock,
  Executor,
  Receipt,
  SenderTransaction,
  StateReader,
} from "../../ports.ts";
import { EMPTY_ACCOUNT } from "../../state/account.ts";
import { genesisBlock, genesisChanges } from "../../state/genesis-state.ts";
import { word } from "./assemble.ts";

/** Makes the engine that is tested. */
export type CreateExecutor = (options: {
  readonly state: StateReader;
  readonly genesis: Genesis;
}) => Executor | Promise<Executor>;

/** A test: `check` raises an assertion error when the engine fails it. */
export interface ExecutorCase {
  readonly title: string;
  readonly check: (create: CreateExecutor) => Promise<void>;
}

export const ALICE: Address = `0x${"a1".repeat(20)}`;
export const BOB: Address = `0x${"b0".repeat(20)}`;
export const CONTRACT: Address = `0x${"c0".repeat(20)}`;
export const HELPER: Address = `0x${"d0".repeat(20)}`;
export const PROPOSER: Address = `0x${"ee".repeat(20)}`;
export const FUNDS = 10n ** 18n;

export interface SuiteChoices {
  readonly codes?: Readonly<Record<Address, Uint8Array>>;
  readonly storage?: Readonly<Record<Hex, Hex>>;
  readonly baseFeePerGasWei?: string;
  readonly gasPerBlock?: number;
  /** Blocks of an epoch; `CONTRACT` gives the weights. */
  readonly epochBlocks?: number;
  /** `PROPOSER` alone when left out. */
  readonly validators?: readonly Address[];
  /** What `CONTRACT` holds. */
  readonly contractBalanceWei?: bigint;
}

/** A chain of one engine: Alice and Bob have 10^18 wei each, contracts have the code that is given. */
export interface Engine {
  readonly state: StateReader;
  readonly executor: Executor;
  readonly genesis: Genesis;
  readonly result: ExecutionDigest;
  context(): BlockContext;
  /** Executes a block and makes its changes the head state. */
  add(...transactions: readonly SenderTransaction[]): Promise<ExecutedBlock>;
  call(request: Partial<CallRequest>): Promise<CallOutcome>;
  balance(of: Address): bigint;
  slot(of: Address, slot: number | bigint): bigint;
}

/** A transaction of Alice, but for the fields that are given. */
export function transaction(
  fields: Partial<TransactionFields> & { readonly from?: Address } = {},
): SenderTransaction {
  const { from = ALICE, ...given } = fields;
  const hash = bytesToHex(keccak256(utf8(JSON.stringify(fields, (_, value) => String(value)))));
  const signature = { compact: new Uint8Array(64), yParity: 0 as const };
  const defaults: TransactionFields = {
    type: 2,
    chainId: 1337n,
    nonce: 0n,
    gasLimit: 200_000n,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
    to: CONTRACT,
    value: 0n,
    data: new Uint8Array(0),
    accessList: [],
  };
  return { transaction: { ...defaults, ...given, raw: new Uint8Array(0), hash, signature }, sender: from };
}

export async function createEngine(create: CreateExecutor, choices: SuiteChoices = {}): Promise<Engine> {
  const genesis = suiteGenesis(choices);
  const head = createHead(genesis);
  const executor = await create({ state: head.state, genesis });
  let { result } = genesisBlock(genesis);
  let number = 0;
  const context = (): BlockContext => ({
    number: number + 1,
    timestampMs: genesis.timestampMs + number * 1_000 + 1_999,
    proposer: PROPOSER,
    parentHash: word(0xabc),
    blockHash: (of) => word(of + 1_000),
  });
  return {
    state: head.state,
    executor,
    genesis,
    get result() {
      return result;
    },
    context,
    async add(...transactions) {
      const executed = await executor.execute(context(), transactions, result);
      head.apply(executed);
      result = executed.result;
      number += 1;
      return executed;
    },
    call: (request) =>
      executor.call(context(), {
        from: ALICE,
        to: CONTRACT,
        gasLimit: 10_000_000n,
        gasPrice: 0n,
        value: 0n,
        data: new Uint8Array(0),
        ...request,
      }),
    balance: (of) => head.state.account(of).balance,
    slot: (of, slot) => BigInt(bytesToHex(head.state.storage(of, word(slot)))),
  };
}

/** The only receipt of a block. */
export function onlyReceipt({ receipts }: ExecutedBlock): Receipt {
  const [receipt] = receipts;
  assert.ok(receipt !== undefined && receipts.length === 1, "one receipt");
  return receipt;
}

function suiteGenesis(choices: SuiteChoices): Genesis {
  const rich = { balanceWei: String(FUNDS) };
  const contracts = Object.entries(choices.codes ?? {}).map(([address, code]) => [
    address,
    {
      nonce: 1,
      code: bytesToHex(code),
      ...(address === CONTRACT && {
        storage: choices.storage ?? {},
        balanceWei: String(choices.contractBalanceWei ?? 0n),
      }),
    },
  ]);
  return parseGenesis(
    {
      schema: "sheaf.genesis/1",
      name: "suite",
      chainId: 1337,
      timestampMs: 1_700_000_000_000,
      consensus: {
        blockPeriodMs: 100,
        emptyBlockPeriodMs: 100,
        roundTimeoutMs: 100,
        roundTimeoutFactor: 2,
        maxRoundTimeoutMs: 1_000,
      },
      limits: {
        transactionsPerBlock: 10_000,
        gasPerBlock: choices.gasPerBlock ?? 30_000_000,
        blockBytes: 1_000_000,
        transactionBytes: 100_000,
      },
      baseFeePerGasWei: choices.baseFeePerGasWei ?? "0",
      validators: (choices.validators ?? [PROPOSER]).map((address, index) => ({
        address,
        weight: index + 1,
        tlsKeyHash: word(index + 1),
      })),
      authorityCertificate: "-----BEGIN CERTIFICATE-----",
      alloc: { [ALICE]: rich, [BOB]: rich, ...Object.fromEntries(contracts) },
      ...(choices.epochBlocks !== undefined && {
        epochs: { contract: CONTRACT, blocks: choices.epochBlocks },
      }),
    },
    "suite genesis",
  );
}

function createHead(genesis: Genesis): { readonly state: StateReader; apply(executed: ExecutedBlock): void } {
  const accounts = new Map<Address, ReturnType<StateReader["account"]> | undefined>();
  const slots = new Map<string, Uint8Array | undefined>();
  const codes = new Map<Hex, Uint8Array>();
  let version = 0;
  const put = ({ accounts: changed, storage, code }: ExecutedBlock["changes"]): void => {
    version += 1;
    for (const [address, account] of changed) accounts.set(address, account);
    for (const [address, slot, value] of storage) slots.set(address + slot, value);
    for (const [hash, bytes] of code) codes.set(hash, bytes);
  };
  put(genesisChanges(genesis));
  const state: StateReader = {
    get version() {
      return version;
    },
    account: (address) => accounts.get(address) ?? EMPTY_ACCOUNT,
    storage: (address, slot) => slots.get(address + slot) ?? new Uint8Array(32),
    code: (hash) => codes.get(hash) ?? new Uint8Array(0),
  };
  return { state, apply: ({ changes }) => put(changes) };
}
