import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createEVM } from "@ethereumjs/evm";
import { Account, type Address, createAddressFromString } from "@ethereumjs/util";
import { type Hex, hexToBytes } from "@sheaf/base";
import { getBytes, hexlify, Interface, keccak256, type LogDescription, type Result, toBeHex } from "ethers";
import type { ContractArtifact, GenesisAccount } from "../src/index.ts";

export interface Outcome {
  /** Decoded return values; empty after a revert. */
  readonly result: Result;
  /** The contract's error, e.g. `Panic(17)`, else the EVM's, e.g. `out of gas`; undefined after success. */
  readonly error: string | undefined;
  readonly events: readonly LogDescription[];
  /** What a transaction with this call pays: intrinsic gas and execution. */
  readonly gas: bigint;
}

export interface Deployed {
  readonly address: string;
  /** The code on chain. */
  code(): Promise<string>;
  /** Runs a function, as one transaction, and keeps its effects. */
  send(from: string, name: string, ...args: readonly unknown[]): Promise<Outcome>;
  /** The same, with `value` wei. */
  pay(value: bigint, from: string, name: string, ...args: readonly unknown[]): Promise<Outcome>;
  /** Sends raw call data. */
  sendData(from: string, data: string, value?: bigint): Promise<Outcome>;
  /** The only return value of a call that must succeed. */
  read<T>(name: string, ...args: readonly unknown[]): Promise<T>;
}

/** A Cancun EVM with contracts that see each other. */
export interface Chain {
  /** What contracts see as the current block; the timestamp in seconds. Change it at any time. */
  readonly block: { number: bigint; timestamp: bigint; coinbase: string };
  deploy(artifact: ContractArtifact, deployer: string, args?: readonly unknown[]): Promise<Deployed>;
  /** A contract that stands at `address` from the genesis on. */
  place(artifact: ContractArtifact, address: string, account: GenesisAccount): Promise<Deployed>;
  fund(address: string, wei: bigint): Promise<void>;
  balanceOf(address: string): Promise<bigint>;
  /** Runs `action` and undoes its effects. */
  tentatively<T>(action: () => Promise<T>): Promise<T>;
}

/** The address of test account `index`. */
export function account(index: number): string {
  return `0x${(0xacc0000 + index).toString(16).padStart(40, "0")}`;
}

export const zeroAddress = `0x${"0".repeat(40)}`;
const gasLimit = 30_000_000n;
const blankHeader = {
  difficulty: 0n,
  prevRandao: new Uint8Array(32),
  gasLimit: 0n,
  slotNumber: 0n,
  getBlobGasPrice: () => undefined,
};

/** What BLOCKHASH gives for a block of every test's chain. */
export function blockHash(number: bigint): string {
  return keccak256(toBeHex(number, 32));
}

const blockchain = {
  getBlock: async (number: number) => ({ hash: () => getBytes(blockHash(BigInt(number))) }),
  putBlock: async () => undefined,
  shallowCopy: () => blockchain,
};

/** Creates the contract from `deployer` in a Cancun EVM of its own. */
export async function deploy(
  artifact: ContractArtifact,
  deployer = account(0),
  args: readonly unknown[] = [],
): Promise<Deployed> {
  const chain = await createChain();
  return chain.deploy(artifact, deployer, args);
}

export async function createChain(): Promise<Chain> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Cancun });
  const evm = await createEVM({ common, blockchain });
  const block = { number: 0n, timestamp: 0n, coinbase: zeroAddress };

  async function run(from: Address, to: Address | undefined, data: Uint8Array, value = 0n) {
    evm.stateManager.originalStorageCache.clear();
    for (const warm of [from, to]) if (warm) evm.journal.addAlwaysWarmAddress(warm.toString());
    const outcome = await evm.runCall({
      caller: from,
      ...(to ? { to } : {}),
      data,
      value,
      gasLimit,
      block: { header: { ...blankHeader, ...block, coinbase: createAddressFromString(block.coinbase) } },
    });
    await evm.journal.cleanup(); // the next call starts with cold slots, as a transaction does
    return outcome;
  }

  async function deployHere(
    artifact: ContractArtifact,
    deployer: string,
    args: readonly unknown[] = [],
  ): Promise<Deployed> {
    const encoded = new Interface(artifact.abi).encodeDeploy(args);
    const code = hexToBytes(`${artifact.bytecode}${encoded.slice(2)}`);
    const created = await run(createAddressFromString(deployer), undefined, code);
    const to = created.createdAddress;
    if (to === undefined) throw created.execResult.exceptionError ?? new TypeError("nothing was created");
    if (created.execResult.exceptionError) throw created.execResult.exceptionError;
    return contractAt(to, artifact, deployer);
  }

  async function place(
    artifact: ContractArtifact,
    address: string,
    { balanceWei, code, storage }: GenesisAccount,
  ): Promise<Deployed> {
    const to = createAddressFromString(address);
    await evm.stateManager.putAccount(to, new Account(0n, BigInt(balanceWei)));
    await evm.stateManager.putCode(to, hexToBytes(code));
    for (const [slot, word] of Object.entries(storage)) {
      await evm.stateManager.putStorage(to, hexToBytes(slot as Hex), hexToBytes(word));
    }
    return contractAt(to, artifact, zeroAddress);
  }

  function contractAt(to: Address, artifact: ContractArtifact, reader: string): Deployed {
    const abi = new Interface(artifact.abi);

    async function sendData(from: string, data: string, value = 0n): Promise<Outcome> {
      const bytes = hexToBytes(hexlify(data) as `0x${string}`);
      const { execResult } = await run(createAddressFromString(from), to, bytes, value);
      const returned = hexlify(execResult.returnValue);
      const exception = execResult.exceptionError?.error;
      const failed = exception !== undefined;
      const logs = execResult.logs ?? [];
      return {
        result: failed || data.length < 10 ? abi.getAbiCoder().decode([], "0x") : decode(data, returned),
        error: failed ? (describeError(returned) ?? exception) : undefined,
        events: logs.flatMap(([, topics, body]) => {
          const parsed = abi.parseLog({ topics: topics.map((topic) => hexlify(topic)), data: hexlify(body) });
          return parsed ? [parsed] : [];
        }),
        gas: afterRefund(intrinsicGas(bytes) + execResult.executionGasUsed, execResult.gasRefund ?? 0n),
      };
    }

    function decode(data: string, returned: string): Result {
      return abi.decodeFunctionResult(data.slice(0, 10), returned);
    }

    function describeError(returned: string): string | undefined {
      const parsed = returned === "0x" ? null : abi.parseError(returned);
      return parsed ? `${parsed.name}(${parsed.args.join(",")})` : undefined;
    }

    const pay: Deployed["pay"] = (value, from, name, ...values) =>
      sendData(from, abi.encodeFunctionData(name, values), value);
    return {
      address: to.toString(),
      code: async () => hexlify(await evm.stateManager.getCode(to)),
      send: (from, name, ...values) => pay(0n, from, name, ...values),
      pay,
      sendData,
      async read<T>(name: string, ...values: readonly unknown[]): Promise<T> {
        const { result, error } = await pay(0n, reader, name, ...values);
        if (error !== undefined) throw new TypeError(`${name} failed: ${error}`);
        return result[0];
      },
    };
  }

  return {
    block,
    deploy: deployHere,
    place,
    async fund(address, wei) {
      const key = createAddressFromString(address);
      const held = (await evm.stateManager.getAccount(key)) ?? new Account();
      held.balance += wei;
      await evm.stateManager.putAccount(key, held);
    },
    async balanceOf(address) {
      return (await evm.stateManager.getAccount(createAddressFromString(address)))?.balance ?? 0n;
    },
    async tentatively(action) {
      await evm.stateManager.checkpoint();
      try {
        return await action();
      } finally {
        await evm.stateManager.revert();
      }
    },
  };
}

function intrinsicGas(data: Uint8Array): bigint {
  return data.reduce((gas, byte) => gas + (byte === 0 ? 4n : 16n), 21_000n);
}

/** At most a fifth of the gas comes back (EIP-3529). */
function afterRefund(gas: bigint, refund: bigint): bigint {
  return gas - (refund < gas / 5n ? refund : gas / 5n);
}

/** keccak256 from bytes to bytes. */
export function keccak(bytes: Uint8Array): Uint8Array {
  return getBytes(keccak256(bytes));
}
