import type { Address } from "@sheaf/protocol";

const at = (last: string): Address => `0x${"c0".repeat(19)}${last}`;

/** Small programs that stand in the genesis of tests, in opcodes. */
export const CONTRACTS = {
  /** Reverts with its call data. */
  reverter: { address: at("01"), code: "0x365f5f37365ffd" },
  /** Never ends. */
  endless: { address: at("02"), code: "0x5b5f56" },
  /** Returns the number of the block. */
  blockNumber: { address: at("03"), code: "0x435f5260205ff3" },
  /** Logs its call data (two words) with its first word as second topic, and 0x..2a as first. */
  logger: { address: at("04"), code: "0x365f5f375f35602a60405fa200" },
  /** Stores the first word of its call data in slot 1. */
  keeper: { address: at("05"), code: "0x5f3560015500" },
} as const;

export const CONTRACT_CODE: Readonly<Record<Address, string>> = Object.fromEntries(
  Object.values(CONTRACTS).map(({ address, code }) => [address, code]),
);
