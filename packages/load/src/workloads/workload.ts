import type { Hex, Random } from "@sheaf/base";
import type { ContractArtifact } from "@sheaf/contracts";
import type { Warning } from "@sheaf/measure";
import type { Address, RpcCall } from "@sheaf/protocol";
import type { Accounts } from "../accounts.ts";

/**
 * What decides the chain of a transaction.
 *
 * - `sender`: the sender's number, so that every chain gets an equal share.
 * - `device`: the hash of the device (of the sending account where a workload has no devices).
 * - `application`: the kind of the record; only the workload `record` has applications.
 */
export type Route = "sender" | "device" | "application";

/** What a workload is made for. Transaction i is sent by account `i % accounts.count`. */
export interface WorkloadInput {
  /** Logical transactions. */
  readonly count: number;
  readonly accounts: Accounts;
  readonly random: Random;
}

/** Currency that goes along with each transaction, to one of the accounts instead of the contract. */
export interface Payment {
  /** Position of the account that is paid. */
  recipient(index: number): number;
  /** In wei. */
  valueWei(index: number): number;
  /** The greatest `valueWei`. */
  readonly maxValueWei: number;
}

/** One chain as the state check finds it. */
export interface ChainFacts {
  /** The deployed contract; the zero address when the workload has none. */
  readonly contract: Address;
  readonly accounts: Accounts;
  /** Transactions that this chain committed with success, ascending. */
  readonly committed: Uint32Array;
  /** Transactions of each account that this chain holds, with success or not, fillers included. */
  readonly onChain: Uint32Array;
  /** Balance of each account at the start barrier; empty when the workload pays nothing. */
  readonly balancesBefore: readonly bigint[];
  readonly gasPriceWei: bigint;
}

/** One read of the final state, made on every validator. */
export interface StateProbe {
  readonly call: RpcCall;
  /** How many values it compares. */
  readonly values: number;
  /** The readable differences between the answer and what the workload must have produced. */
  mismatches(result: unknown): readonly string[];
}

/**
 * `count` logical transactions, a pure function of the seed: the same for every arm, whatever the
 * number of chains. Calls are random access, so that the state check makes the committed ones again.
 */
export interface Workload {
  readonly name: string;
  readonly description: string;
  readonly count: number;
  readonly accounts: Accounts;
  /** Deployed on every loaded chain; `undefined` for plain transfers. */
  readonly contract: ContractArtifact | undefined;
  /** Gas limit of each transaction. */
  readonly gasLimit: number;
  /** Bytes of calldata, the same for each transaction. */
  readonly dataLength: number;
  readonly payment: Payment | undefined;
  /** The file whose rows became transactions. */
  readonly input: string | null;
  /** What a reader of the results must know. */
  readonly warnings: readonly Warning[];
  /** What the state check compares, in one sentence. */
  readonly stateDescription: string;
  /** Transactions with equal keys go to one chain: key modulo the number of loaded chains. */
  routeKey(index: number, route: Route): number;
  /** Writes the calldata of a transaction into `data` (`dataLength` bytes, zeroed). */
  writeData(index: number, data: Uint8Array): void;
  /** Calls of the contract, in order, that prepare it after its deployment, by its owner. */
  setUpCalls(): readonly Hex[];
  /** What must hold on a chain that committed what `facts` says. */
  probes(facts: ChainFacts): readonly StateProbe[];
}
