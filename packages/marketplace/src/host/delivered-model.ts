import { existsSync } from "node:fs";
import { decodeServerState } from "@sheaf/federated";
import { modelKey } from "../agents/consumer/saved.ts";
import { openSavedState } from "./saved-state.ts";

/**
 * The weights of the model of a job that the consumer with this state folder was delivered; `undefined` if it was
 * delivered none. Raises `STATE_CORRUPT`.
 */
export async function deliveredWeights(stateDir: string, job: bigint): Promise<Float32Array | undefined> {
  if (!existsSync(stateDir)) return undefined;
  const bytes = await (await openSavedState(stateDir)).load(modelKey(job));
  return bytes === undefined ? undefined : decodeServerState(bytes)?.weights;
}
