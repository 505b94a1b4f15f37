import type { Hex } from "@sheaf/base";

/** A parameter of a function, event or error; `components` are the members of a `tuple`. */
export interface AbiParameter {
  readonly name: string;
  readonly type: string;
  readonly internalType?: string;
  readonly indexed?: boolean;
  readonly components?: readonly AbiParameter[];
}

/** One entry of a contract's JSON ABI, as solc writes it. */
export interface AbiEntry {
  readonly type: "constructor" | "error" | "event" | "fallback" | "function" | "receive";
  readonly name?: string;
  readonly inputs?: readonly AbiParameter[];
  readonly outputs?: readonly AbiParameter[];
  readonly stateMutability?: "nonpayable" | "payable" | "pure" | "view";
  readonly anonymous?: boolean;
}

export type Abi = readonly AbiEntry[];

/** Where a variable of a plain value is in a contract's storage: solc's storage layout. */
export interface StoragePlace {
  /** The 32-byte word, counted from 0. */
  readonly slot: number;
  /** Bytes of the word behind the variable: 0 for the least significant one. */
  readonly offset: number;
  readonly bytes: number;
}

/** A compiled contract. The literal type of `abi` is kept, so that clients can derive types from it. */
export interface ContractArtifact<A extends Abi = Abi> {
  /** As in the source, e.g. `CpuHeavy`. */
  readonly name: string;
  /** Name and full version of the compiler. */
  readonly compiler: string;
  readonly abi: A;
  /** Code that creates the contract, to be followed by the ABI-encoded constructor arguments, if any. */
  readonly bytecode: Hex;
  /** Code on chain after creation, to the byte: no immutables, no libraries to link. */
  readonly deployedBytecode: Hex;
  /** keccak256 of `deployedBytecode`: what EXTCODEHASH and the code hash of `eth_getProof` say. */
  readonly codeHash: Hex;
  /** By variable; only of contracts that stand in a genesis, where no constructor sets them. */
  readonly slots?: Readonly<Record<string, StoragePlace>>;
}
