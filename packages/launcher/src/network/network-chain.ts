import type { Hex } from "@sheaf/base";
import type { ChainPlan } from "../topology/chain-plan.ts";
import { layout } from "./layout.ts";
import type { PlacedValidator } from "./node-configs.ts";
import type { PreparedChain } from "./prepare-chain.ts";
import { rpcUrl } from "./readiness.ts";

/** Where one validator (or, of a chain that ran already, one node) is reached. */
export interface ChainEndpoint {
  /** Number of the validator in its chain, from 0. */
  readonly index: number;
  readonly rpcUrl: string;
  /** Undefined when the endpoint is only known over HTTP: its heads must be polled. */
  readonly wsUrl: string | undefined;
  /** File with the private key of the validator's account; undefined for existing chains. */
  readonly keyFile: string | undefined;
}

/** A chain as load generators and observers see it. */
export interface NetworkChain {
  readonly name: string;
  readonly chainId: number;
  /** All that was configured: limits, durability, links; `kind` tells started chains from existing ones. */
  readonly plan: ChainPlan;
  /** Of the validators that were started: those that are down from the start are not here. */
  readonly endpoints: readonly ChainEndpoint[];
  /** Private key of an account with funds; undefined when an existing chain names none. */
  readonly deployerKey: Hex | undefined;
  /** Undefined for existing chains. */
  readonly genesisHash: Hex | undefined;
  /** What `web3_clientVersion` of an existing chain says; undefined for chains of our own. */
  readonly clientVersion: string | undefined;
}

/** A started chain. */
export function toNetworkChain(
  { plan, deployerKey, genesisHash }: PreparedChain,
  validators: readonly PlacedValidator[],
): NetworkChain {
  return {
    name: plan.name,
    chainId: plan.chainId,
    plan,
    endpoints: validators
      .filter(({ chain, index }) => chain === plan.name && !plan.down.includes(index))
      .map((validator) => ({
        index: validator.index,
        rpcUrl: rpcUrl(validator),
        wsUrl: `ws://127.0.0.1:${validator.rpc}`,
        keyFile: layout.key(validator.dir),
      })),
    deployerKey,
    genesisHash,
    clientVersion: undefined,
  };
}
