import { totalmem } from "node:os";
import { invalidInput } from "@sheaf/base";
import { planChains } from "./chain-plan.ts";
import type { Topology } from "./schema.ts";

/** What a validator without load needs, measured. */
const VALIDATOR_BYTES = 110e6;

/**
 * Raises `INVALID_INPUT` when the validators that the topology starts cannot fit in the memory that
 * this process may have, even without load.
 */
export function checkMemory(topology: Topology, totalBytes: number = memoryBytes()): void {
  const started = planChains(topology).map((plan) =>
    plan.kind === "local" ? plan.validators - plan.down.length : 0,
  );
  const validators = started.reduce((sum, each) => sum + each, 0);
  const fitting = Math.floor(totalBytes / VALIDATOR_BYTES);
  if (validators <= fitting) return;
  throw invalidInput(
    "the network",
    `has ${validators} validators, which need about ${gigabytes(validators * VALIDATOR_BYTES)} of memory; there are ${gigabytes(totalBytes)}`,
    `start at most ${fitting} validators in all: fewer chains, or fewer validators in each`,
  );
}

/** Of the machine, or of the container that this runs in. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
