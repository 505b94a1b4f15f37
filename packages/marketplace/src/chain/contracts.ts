import { bytesToHex, type Hex, utf8 } from "@sheaf/base";
import { licencesContract, marketContract, reputationContract } from "@sheaf/contracts";
import { Interface } from "ethers";
import type { Address, LicenceRole, MarketCall } from "./types.ts";

/** Where the three contracts of a market are. */
export interface MarketAddresses {
  readonly licences: Address;
  readonly market: Address;
  readonly reputation: Address;
}

export const interfaces = {
  licences: new Interface(licencesContract.abi),
  market: new Interface(marketContract.abi),
  reputation: new Interface(reputationContract.abi),
} as const;

export const roleNumbers: Readonly<Record<LicenceRole, number>> = { owner: 1, analyst: 2, consumer: 3 };
export const roleNames: readonly LicenceRole[] = ["owner", "analyst", "consumer"];

/** What a transaction says: to whom, and what. */
export interface EncodedCall {
  readonly method: string;
  /** `undefined` creates a contract. */
  readonly to: Address | undefined;
  readonly data: Hex;
  readonly value: bigint;
}

/** A call as the contract takes it. */
export function encodeCall(call: MarketCall, addresses: MarketAddresses): EncodedCall {
  const { method } = call;
  const target = method === "rate" ? "reputation" : "market";
  // `leave` is about to become a word of the Solidity language.
  const name = method === "leave" ? "leaveJob" : method;
  return {
    method,
    to: addresses[target],
    data: interfaces[target].encodeFunctionData(name, argumentsOf(call)) as Hex,
    value: call.method === "request" ? call.price : call.method === "dispute" ? call.bond : 0n,
  };
}

function argumentsOf(call: MarketCall): readonly unknown[] {
  switch (call.method) {
    case "request":
      return [bytesToHex(utf8(call.spec)), call.terms];
    case "offer":
      return [call.job, call.fee];
    case "award":
      return [call.job, call.analyst];
    case "invite":
    case "select":
      return [call.job, call.owners];
    case "openRound":
      return [call.job, call.round, call.stateHash, call.keysRoot, call.cohortBitmap];
    case "closeRound":
      return [
        call.job,
        call.round,
        call.survivorBitmap,
        call.updateHashes,
        call.aggregateHash,
        call.nextStateHash,
      ];
    case "deliver":
      return [call.job, call.stateHash, call.weights];
    case "dispute":
      return [call.job, call.round];
    case "vote":
      return [call.job, call.upheld];
    case "rate":
      return [call.job, call.subject, call.positive, call.negative, call.uncertain];
    case "withdraw":
      return [];
    default:
      return [call.job];
  }
}

/** What a dispute about a job of this price costs. As `Market.bondOf`. */
export function bondOf(price: bigint): bigint {
  return price < 20n ? 1n : price / 20n;
}
