import type { Hex } from "@sheaf/base";
import { decodeServerState, encodeServerState, initialServerState, type ServerState } from "@sheaf/federated";
import type { JobSpec } from "../../job-spec.ts";
import type { AgentPorts } from "../ports.ts";

/** A server state as it is committed and sent: `hash` is of `bytes`. */
export interface Model {
  readonly hash: Hex;
  readonly bytes: Uint8Array;
  readonly state: ServerState;
}

export function modelOf(ports: Pick<AgentPorts, "keccak256">, state: ServerState): Model {
  const bytes = encodeServerState(state);
  return { hash: ports.keccak256(bytes), bytes, state };
}

/** What round 1 starts from: a function of the specification [PHASE.2]. */
export function initialModel(
  ports: Pick<AgentPorts, "keccak256">,
  spec: JobSpec,
  weights: Float32Array,
): Model {
  return modelOf(ports, initialServerState(weights, spec.training.optimiser));
}

/**
 * The model in a message; `undefined` when it is no server state, or not of `parameters` weights and the
 * vectors of the optimiser [AGENT.4].
 */
export function receivedModel(
  ports: Pick<AgentPorts, "keccak256">,
  spec: JobSpec,
  parameters: number,
  bytes: Uint8Array,
): Model | undefined {
  const state = decodeServerState(bytes);
  if (state === undefined || state.weights.length !== parameters) return undefined;
  const vectors = spec.training.optimiser.kind === "fedadam" ? 2 : 0;
  return state.optimiser.length === vectors ? { hash: ports.keccak256(bytes), bytes, state } : undefined;
}

/** The model in bytes that this agent saved itself; `undefined` when they are no server state. */
export function modelOfBytes(ports: Pick<AgentPorts, "keccak256">, bytes: Uint8Array): Model | undefined {
  const state = decodeServerState(bytes);
  return state && { hash: ports.keccak256(bytes), bytes, state };
}
