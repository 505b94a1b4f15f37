import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createEVM } from "@ethereumjs/evm";
import { Account, createAddressFromString, type Address as EvmAddress } from "@ethereumjs/util";
import { concatBytes, type Hex, hexToBytes } from "@sheaf/base";
import type { ContractArtifact } from "@sheaf/contracts";
import { getBytes, hexlify, Interface } from "ethers";

/** Where in the chain a call runs. */
export interface BlockContext {
  readonly number: bigint;
  readonly timestampSeconds: bigint;
}

export interface RawLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** What became of a call; `returned` is the revert data when `error` (the EVM's word for it) is set. */
export interface RawOutcome {
  readonly error: string | undefined;
  readonly returned: Hex;
  readonly logs: readonly RawLog[];
  readonly gasUsed: bigint;
}

export interface RawCall {
  readonly from: Hex;
  readonly to: Hex;
  readonly data: Hex;
  readonly value?: bigint;
}

/** Accounts and contracts in an EVM of their own: no blocks, no gas price. */
export interface EvmLedger {
  /** Creates a contract; its address. */
  create(artifact: ContractArtifact, from: Hex, args: readonly unknown[]): Promise<Hex>;
  /** Runs a call as one transaction and keeps its effects. */
  execute(call: RawCall, block: BlockContext): Promise<RawOutcome>;
  fund(account: Hex, wei: bigint): Promise<void>;
  balance(account: Hex): Promise<bigint>;
  /** Remembers the state; `restore` goes back to it, any number of times. */
  save(): Promise<void>;
  restore(): Promise<void>;
}

const GAS_LIMIT = 30_000_000n;
const ZERO_WORD = new Uint8Array(32);
const nobody = createAddressFromString(`0x${"0".repeat(40)}`);

/** A ledger under the rules of Cancun, empty. */
export async function createEvmLedger(): Promise<EvmLedger> {
  const evm = await createEVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Cancun }) });
  const state = evm.stateManager;

  async function run(
    from: EvmAddress,
    to: EvmAddress | undefined,
    data: Uint8Array,
    value: bigint,
    block: BlockContext,
  ) {
    state.originalStorageCache.clear();
    const outcome = await evm.runCall({
      caller: from,
      origin: from,
      ...(to ? { to } : {}),
      data,
      value,
      gasLimit: GAS_LIMIT,
      block: { header: headerOf(block) },
    });
    await evm.journal.cleanup(); // the next call starts with cold slots, as a transaction does
    return outcome;
  }

  return {
    async create(artifact, from, args) {
      const code = concatBytes(
        hexToBytes(artifact.bytecode),
        getBytes(new Interface(artifact.abi).encodeDeploy(args)),
      );
      const created = await run(createAddressFromString(from), undefined, code, 0n, {
        number: 0n,
        timestampSeconds: 0n,
      });
      const at = created.createdAddress;
      if (at === undefined || created.execResult.exceptionError !== undefined)
        throw created.execResult.exceptionError ?? new TypeError(`${artifact.name} was not created`);
      return at.toString();
    },
    async execute({ from, to, data, value = 0n }, block) {
      const { execResult } = await run(
        createAddressFromString(from),
        createAddressFromString(to),
        hexToBytes(data),
        value,
        block,
      );
      const error = execResult.exceptionError?.error;
      const logs = error === undefined ? (execResult.logs ?? []) : [];
      return {
        error,
        returned: hexlify(execResult.returnValue) as Hex,
        logs: logs.map(([address, topics, body]) => ({
          address: hexlify(address) as Hex,
          topics: topics.map((topic) => hexlify(topic) as Hex),
          data: hexlify(body) as Hex,
        })),
        gasUsed: execResult.executionGasUsed,
      };
    },
    async fund(account, wei) {
      const address = createAddressFromString(account);
      const known = await state.getAccount(address);
      await state.putAccount(address, new Account(known?.nonce ?? 0n, (known?.balance ?? 0n) + wei));
    },
    balance: async (account) => (await state.getAccount(createAddressFromString(account)))?.balance ?? 0n,
    save: () => state.checkpoint(),
    async restore() {
      await state.revert();
      await state.checkpoint();
    },
  };
}

function headerOf({ number, timestampSeconds }: BlockContext) {
  return {
    number,
    timestamp: timestampSeconds,
    coinbase: nobody,
    difficulty: 0n,
    prevRandao: ZERO_WORD,
    gasLimit: GAS_LIMIT,
    baseFeePerGas: 0n,
    slotNumber: 0n,
    getBlobGasPrice: () => undefined,
  };
}
