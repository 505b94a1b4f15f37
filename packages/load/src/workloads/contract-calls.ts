import { type Hex, hexToBytes } from "@sheaf/base";
import type { Abi, ContractArtifact } from "@sheaf/contracts";
import type { Address } from "@sheaf/protocol";
import { Interface, type InterfaceAbi } from "ethers";
import type { StateProbe } from "./workload.ts";

const interfaces = new WeakMap<Abi, Interface>();

function interfaceOf(contract: ContractArtifact): Interface {
  const known = interfaces.get(contract.abi);
  if (known !== undefined) return known;
  const made = new Interface(contract.abi as unknown as InterfaceAbi);
  interfaces.set(contract.abi, made);
  return made;
}

/** Calldata of a call. */
export function encodeCall(contract: ContractArtifact, name: string, args: readonly unknown[]): Hex {
  return interfaceOf(contract).encodeFunctionData(name, args) as Hex;
}

/** The four bytes that select a function. */
export function selectorOf(contract: ContractArtifact, name: string): Uint8Array {
  return hexToBytes((interfaceOf(contract).getFunction(name)?.selector ?? "0x") as Hex);
}

/** A view call whose answer is known: `expected` has one readable text for each value of the answer. */
export interface ExpectedView {
  readonly contract: ContractArtifact;
  readonly address: Address;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly expected: readonly string[];
  /** What value i is, for the report of a mismatch. */
  label(index: number): string;
}

/** A probe that makes the call and compares value by value; tuples and arrays count member by member. */
export function viewProbe(view: ExpectedView): StateProbe {
  const { contract, address, name, args, expected, label } = view;
  const call = {
    method: "eth_call",
    params: [{ to: address, data: encodeCall(contract, name, args) }, "latest"],
  };
  return {
    call,
    values: expected.length,
    mismatches(result) {
      let found: string[];
      try {
        found = flatten(interfaceOf(contract).decodeFunctionResult(name, String(result)).toArray(true));
      } catch {
        return [`${contract.name}.${name} answered ${String(result).slice(0, 80)}`];
      }
      if (found.length !== expected.length) {
        return [`${contract.name}.${name} gave ${found.length} values, expected ${expected.length}`];
      }
      return expected.flatMap((value, index) =>
        value === found[index] ? [] : [`${label(index)} is ${found[index]}, expected ${value}`],
      );
    },
  };
}

function flatten(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap(flatten) : [String(value)];
}

/** `items` in pages of at most `size`. */
export function pages<T>(items: readonly T[], size: number): (readonly T[])[] {
  const out: (readonly T[])[] = [];
  for (let from = 0; from < items.length; from += size) out.push(items.slice(from, from + size));
  return out;
}

/** Writes a non-negative safe integer as the big-endian 32-byte word at `offset` (the rest is zero). */
export function writeWord(data: Uint8Array, offset: number, value: number): void {
  let rest = value;
  for (let at = offset + 31; rest > 0; at--) {
    data[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
