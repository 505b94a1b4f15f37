// Transactions of the workloads, with their senders, and a genesis that holds their contracts.
import {
  cpuHeavyContract,
  doNothingContract,
  ioHeavyContract,
  recordContract,
  tokenContract,
} from "@sheaf/contracts";
import { AbiCoder, Interface, keccak256, toBeHex } from "ethers";

const ACCOUNTS = 1_000;
const ADDRESS = {
  token: `0x${"70".repeat(20)}`,
  record: `0x${"71".repeat(20)}`,
  "do-nothing": `0x${"72".repeat(20)}`,
  "cpu-heavy": `0x${"73".repeat(20)}`,
  "io-heavy": `0x${"74".repeat(20)}`,
};
const CONTRACTS = {
  token: tokenContract,
  record: recordContract,
  "do-nothing": doNothingContract,
  "cpu-heavy": cpuHeavyContract,
  "io-heavy": ioHeavyContract,
};
/** Slot of `balanceOf` in Token.sol: after `owner` and `totalSupply`. */
const BALANCE_SLOT = 2;

const accounts = Array.from({ length: ACCOUNTS }, (_, index) => keccak256(toBeHex(index, 32)).slice(0, 42));
const account = (index) => accounts[index];
const abi = Object.fromEntries(
  Object.entries(CONTRACTS).map(([name, { abi }]) => [name, new Interface(abi)]),
);
const encode = (name, method, ...args) =>
  Buffer.from(abi[name].encodeFunctionData(method, args).slice(2), "hex");

const CALLS = {
  token: (i) => encode("token", "transfer", account((i * 7 + 1) % ACCOUNTS), 1n),
  record: (i) => encode("record", "record", toBeHex(i % 50, 32), 3, keccak256(toBeHex(i, 32)), BigInt(i)),
  "do-nothing": () => encode("do-nothing", "doNothing"),
  "cpu-heavy": (i) => encode("cpu-heavy", "sort", BigInt(i), 100),
  "io-heavy": (i) => encode("io-heavy", "update", (i * 10) % 1_000, 10),
};

export const workloads = ["transfer", ...Object.keys(CALLS)];

export function genesisOf() {
  const alloc = {};
  for (let i = 0; i < ACCOUNTS; i++)
    alloc[account(i)] = { balanceWei: "1000000000000000000000", nonce: 0, code: "0x", storage: {} };
  for (const [name, { deployedBytecode }] of Object.entries(CONTRACTS)) {
    alloc[ADDRESS[name]] = { balanceWei: "0", nonce: 1, code: deployedBytecode, storage: {} };
  }
  for (let i = 0; i < ACCOUNTS; i++) {
    const slot = keccak256(
      AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account(i), BALANCE_SLOT]),
    );
    alloc[ADDRESS.token].storage[slot] = toBeHex(10n ** 18n, 32);
  }
  return {
    name: "bench",
    chainId: 1337,
    timestampMs: 0,
    limits: { transactionsPerBlock: 100_000, gasPerBlock: 1e12 },
    baseFeePerGasWei: "0",
    alloc,
  };
}

/** `count` transactions of a workload, from 1,000 senders in turn; nonces continue from `first`. */
export function transactionsOf(workload, count, first = 0) {
  return Array.from({ length: count }, (_, index) => {
    const i = first + index;
    const transaction = {
      type: 2,
      chainId: 1337n,
      nonce: BigInt(Math.floor(i / ACCOUNTS)),
      gasLimit: 1_000_000n,
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      to: workload === "transfer" ? account((i * 7 + 1) % ACCOUNTS) : ADDRESS[workload],
      value: workload === "transfer" ? 1n : 0n,
      data: workload === "transfer" ? new Uint8Array(0) : CALLS[workload](i),
      accessList: [],
      hash: keccak256(toBeHex(i, 32)),
      raw: new Uint8Array(170).fill(i & 0xff),
    };
    return { transaction, sender: account(i % ACCOUNTS) };
  });
}
