import type { Hex } from "@sheaf/base";

/** The domain of what miners and workers sign (EIP-712): `contract` is where the coalitions stand. */
export function coalitionDomain(chainId: number, contract: Hex) {
  return { name: "Sheaf coalitions", version: "1", chainId, verifyingContract: contract } as const;
}

/**
 * A miner's consent to a coalition [COALITION.4]: all members in the order of the call, the epoch in which it is formed,
 * and the miner's `nonce`.
 */
export const consentTypes = {
  Consent: [
    { name: "members", type: "address[]" },
    { name: "epoch", type: "uint256" },
    { name: "nonce", type: "uint256" },
  ],
} as const;

/** A worker's statement [SENSE.2]: in this epoch it sensed so many samples, with this root [CHALLENGE.3]. */
export const statementTypes = {
  Statement: [
    { name: "epoch", type: "uint256" },
    { name: "samples", type: "uint256" },
    { name: "root", type: "bytes32" },
  ],
} as const;
