import { type Hex, invalidInput } from "@sheaf/base";
import { coalitionsContract } from "../generated/coalitions.ts";
import type { CoalitionEpochRules } from "./coalition-epoch.ts";

/** How the coalitions of a chain are set up, once. */
export interface CoalitionsConfig extends CoalitionEpochRules {
  /** Who registers miners and workers. */
  readonly authority: Hex;
  /** Blocks of an epoch, from 1 to 2^32 - 1; the same number as in the genesis. */
  readonly epochBlocks: number;
  /** What rewards are paid from, below 2^96. */
  readonly poolWei: bigint;
  /** What a challenge costs until it is over, from 0 to 2^96 - 1 [CHALLENGE.1]. */
  readonly bondWei: bigint;
  /** Blocks in which the accused may answer, from 1 to 255 [CHALLENGE.4]. */
  readonly answerBlocks: number;
  /** Epochs without a seat of value after a challenge was upheld, from 1 to 65,535 [CHALLENGE.5]. */
  readonly suspensionEpochs: number;
}

/** An account of a genesis; slots and words of `storage` have 32 bytes, the balance is a decimal integer. */
export interface GenesisAccount {
  readonly balanceWei: string;
  readonly code: Hex;
  readonly storage: Readonly<Record<Hex, Hex>>;
}

/** The account at which the coalitions stand in a genesis. `INVALID_INPUT` when a value is out of its range. */
export function coalitionsAccount(config: CoalitionsConfig): GenesisAccount {
  const amounts = 2n ** 96n - 1n;
  if (!/^0x[0-9a-f]{40}$/.test(config.authority) || /^0x0+$/.test(config.authority)) {
    throw invalidInput("authority", "is no address of 0x and 40 lower-case hex digits, or is zero");
  }
  const values = {
    authority: BigInt(config.authority),
    epochBlocks: integerIn("epochBlocks", config.epochBlocks, 1n, 2n ** 32n - 1n),
    synergyQuarters: integerIn("synergyQuarters", config.synergyQuarters, 1n, 6n),
    split: config.split === "equal" ? 1n : 0n,
    answerBlocks: integerIn("answerBlocks", config.answerBlocks, 1n, 255n),
    suspensionEpochs: integerIn("suspensionEpochs", config.suspensionEpochs, 1n, 65_535n),
    rewardPerBlockWei: integerIn("rewardPerBlockWei", config.rewardPerBlockWei, 0n, amounts),
    bondWei: integerIn("bondWei", config.bondWei, 0n, amounts),
    pool: integerIn("poolWei", config.poolWei, 0n, amounts),
  };
  const words = new Map<number, bigint>();
  for (const [name, value] of Object.entries(values)) {
    const { slot, offset } = coalitionsContract.slots[name as keyof typeof values];
    words.set(slot, (words.get(slot) ?? 0n) | (value << BigInt(8 * offset)));
  }
  return {
    balanceWei: String(config.poolWei),
    code: coalitionsContract.deployedBytecode,
    storage: Object.fromEntries([...words].map(([slot, word]) => [word32(BigInt(slot)), word32(word)])),
  };
}

function integerIn(at: string, value: number | bigint, least: bigint, most: bigint): bigint {
  const whole = typeof value === "bigint" || Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (whole === undefined || whole < least || whole > most) {
    throw invalidInput(at, `${value} is not an integer from ${least} to ${most}`);
  }
  return whole;
}

function word32(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
