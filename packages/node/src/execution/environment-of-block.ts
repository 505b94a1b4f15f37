import type { Genesis } from "@sheaf/protocol";
import type { BlockContext } from "../ports.ts";
import type { Environment } from "./interpreter/frame.ts";

const REACHABLE_BLOCKS = 256n;

/** What the environment opcodes answer in a block [STATE.9]. */
export function environmentOfBlock(context: BlockContext, genesis: Genesis): Environment {
  const number = BigInt(context.number);
  const hashes = new Map<bigint, bigint>();
  return {
    chainId: BigInt(genesis.chainId),
    number,
    timestamp: BigInt(Math.floor(context.timestampMs / 1_000)),
    coinbase: BigInt(context.proposer),
    prevRandao: BigInt(context.parentHash),
    gasLimit: BigInt(genesis.limits.gasPerBlock),
    baseFee: BigInt(genesis.baseFeePerGasWei),
    blockHash(wanted) {
      if (wanted >= number || number - wanted > REACHABLE_BLOCKS) return 0n;
      const known = hashes.get(wanted) ?? BigInt(context.blockHash(Number(wanted)) ?? 0);
      hashes.set(wanted, known);
      return known;
    },
  };
}
