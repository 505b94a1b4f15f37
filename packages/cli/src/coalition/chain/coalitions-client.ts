import { type Hex, type Millis, systemClock } from "@sheaf/base";
import { coalitionsContract } from "@sheaf/contracts";
import { createPatientRpc, createTransactor, type Receipt, type Transactor } from "@sheaf/marketplace";
import { parseQuantity, type SheafBlockOutcomes, toQuantity } from "@sheaf/protocol";
import { Interface, type LogDescription, type Result } from "ethers";
import type { ProposedBlock } from "./award-ledger.ts";
import { COALITIONS_ADDRESS } from "./coalition-topology.ts";
import type { Account } from "./participants.ts";

/** An event of the contract, where it stands. */
export interface ContractEvent {
  readonly name: string;
  readonly args: Result;
  readonly block: number;
  readonly transactionHash: Hex;
}

/** Calls and transactions of the contract of coalitions, at one validator. */
export interface CoalitionsClient {
  /** Number of the newest block. */
  head(): Promise<number>;
  /** Calls a view at the newest block. */
  read(method: string, args?: readonly unknown[]): Promise<Result>;
  /** Calls the contract and waits for the block. Raises `ChainErrorDetail`: the contract's errors by their names. */
  send(by: Account, method: string, args: readonly unknown[], valueWei?: bigint): Promise<Receipt>;
  /** Sends coins and waits for the block. */
  pay(by: Account, to: Hex, valueWei: bigint): Promise<Receipt>;
  /** All events of the contract up to a block, in order. */
  events(toBlock: number): Promise<readonly ContractEvent[]>;
  /** A block that is there: who proposed it in which round. */
  block(number: number): Promise<ProposedBlock>;
  /** `undefined` while this validator has no such block. */
  blockHash(number: number): Promise<Hex | undefined>;
  close(): void;
}

const abi = new Interface(coalitionsContract.abi);
/** Validators are processes of this machine: one that refuses for so long has ended. */
const PATIENCE_MS: Millis = 5_000;
const POLL_MS: Millis = 120;
const INCLUSION_MS: Millis = 60_000;
/** Blocks whose events are asked for at once: nodes bound what they answer. */
const EVENT_BLOCKS = 40;

export function createCoalitionsClient(rpcUrl: string): CoalitionsClient {
  const rpc = createPatientRpc({ url: rpcUrl, clock: systemClock, patienceMs: PATIENCE_MS });
  const transactors = new Map<Hex, Promise<Transactor>>();

  function transactorOf({ key }: Account): Promise<Transactor> {
    const known =
      transactors.get(key) ??
      createTransactor({ rpc, clock: systemClock, key, pollMs: POLL_MS, inclusionMs: INCLUSION_MS });
    transactors.set(key, known);
    return known;
  }

  return {
    async head() {
      return Number(parseQuantity(await rpc.call("eth_blockNumber", [])));
    },
    async read(method, args = []) {
      const data = abi.encodeFunctionData(method, args);
      const answer = await rpc.call("eth_call", [{ to: COALITIONS_ADDRESS, data }, "latest"]);
      return abi.decodeFunctionResult(method, answer as string);
    },
    async send(by, method, args, valueWei = 0n) {
      const data = abi.encodeFunctionData(method, args) as Hex;
      const transactor = await transactorOf(by);
      return transactor.transact({ method, to: COALITIONS_ADDRESS, data, value: valueWei });
    },
    async pay(by, to, valueWei) {
      const transactor = await transactorOf(by);
      return transactor.transact({ method: "pay", to, data: "0x", value: valueWei });
    },
    async events(toBlock) {
      const found: ContractEvent[] = [];
      for (let from = 1; from <= toBlock; from += EVENT_BLOCKS) {
        const to = Math.min(from + EVENT_BLOCKS - 1, toBlock);
        const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to), address: COALITIONS_ADDRESS };
        const logs = (await rpc.call("eth_getLogs", [filter])) as readonly RpcLog[];
        found.push(...logs.flatMap(toEvent));
      }
      return found;
    },
    async block(height) {
      const answer = await rpc.call("sheaf_getBlockOutcomes", [toQuantity(height)]);
      const { number, proposer, round } = answer as SheafBlockOutcomes;
      return { number, proposer, round };
    },
    async blockHash(height) {
      const answer = await rpc.call("eth_getBlockByNumber", [toQuantity(height), false]);
      return (answer as { readonly hash: Hex } | null)?.hash;
    },
    close: () => rpc.close(),
  };
}

function toEvent(log: RpcLog): readonly ContractEvent[] {
  const parsed: LogDescription | null = abi.parseLog({ topics: [...log.topics], data: log.data });
  if (parsed === null) return [];
  const { name, args } = parsed;
  return [{ name, args, block: Number(log.blockNumber), transactionHash: log.transactionHash }];
}

interface RpcLog {
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: string;
  readonly transactionHash: Hex;
}
