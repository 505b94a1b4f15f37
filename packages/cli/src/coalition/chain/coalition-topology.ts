import { type Hex, invalidInput } from "@sheaf/base";
import { type CoalitionEpochRules, coalitionsAccount } from "@sheaf/contracts";
import type { Scenario } from "@sheaf/game";
import { isExternal, type LocalChain, type Topology } from "@sheaf/launcher";
import type { Address } from "@sheaf/protocol";
import type { ChainSpec } from "../coalition-file.ts";

/** Where the contract of coalitions stands in every chain that a run starts. */
export const COALITIONS_ADDRESS: Address = "0x00000000000000000000000000000000c0a11710";

/** What the authority gives a miner to challenge with: a bond for each epoch, since answered challenges cost theirs. */
export function bondFundsWei({ bondWei, epochs }: ChainSpec): bigint {
  return BigInt(bondWei) * BigInt(epochs);
}

/** What the contract computes by, as the game and the experiment say. */
export function epochRules({ synergy, split }: Scenario, spec: ChainSpec): CoalitionEpochRules {
  return {
    synergyQuarters: Math.round(4 * synergy),
    split,
    rewardPerBlockWei: BigInt(spec.rewardPerBlockWei),
  };
}

/**
 * The topology with one validator a miner, the contract at genesis and proposers that follow it. Raises `INVALID_INPUT`
 * for a topology of several chains, or of one that runs already.
 */
export function coalitionTopology(
  described: Topology,
  spec: ChainSpec,
  scenario: Scenario,
  authority: { readonly address: Address },
): Topology {
  const [chain, ...others] = described.chains;
  const at = "chain.network";
  if (chain === undefined || others.length > 0 || isExternal(chain) || chain.replicas !== undefined) {
    throw invalidInput(
      at,
      "must describe one chain that is started",
      "name a topology such as networks/coalitions.yaml",
    );
  }
  if (chain.epochs !== undefined) {
    throw invalidInput(at, "has epochs of its own", "leave them out: the run sets its own contract");
  }
  const account = coalitionsAccount({
    ...epochRules(scenario, spec),
    authority: authority.address,
    epochBlocks: spec.epochBlocks,
    poolWei: BigInt(spec.poolWei),
    bondWei: BigInt(spec.bondWei),
    answerBlocks: spec.answerBlocks,
    suspensionEpochs: spec.suspensionEpochs,
  });
  const { weights: _, ...rest } = chain;
  const own: LocalChain = {
    ...rest,
    validators: scenario.miners.length,
    epochs: { contract: COALITIONS_ADDRESS, blocks: spec.epochBlocks },
    alloc: {
      ...chain.alloc,
      [authority.address]: String(bondFundsWei(spec) * BigInt(scenario.miners.length)),
      [COALITIONS_ADDRESS]: { ...account, nonce: 1, storage: { ...account.storage } as Record<Hex, Hex> },
    },
  };
  return { ...described, chains: [own] };
}
