export type { LauncherErrorDetail } from "./errors.ts";
export * from "./faults.ts";
export { createNetwork, type Network, type NetworkOptions } from "./network/create-network.ts";
export * from "./network/detached-network.ts";
export type { ChainEndpoint, NetworkChain } from "./network/network-chain.ts";
export type { StartProgress } from "./network/start-validators.ts";
export { sweepStaleNetworks } from "./network/sweep-stale-networks.ts";
export {
  type MachineSample,
  type ProcessSample,
  type SampledProcess,
  sampleMachine,
  sampleProcesses,
} from "./process-sampler.ts";
export {
  type ChainPlan,
  type ExternalChainPlan,
  type LocalChainPlan,
  planChains,
} from "./topology/chain-plan.ts";
export { checkMemory } from "./topology/check-memory.ts";
export * from "./topology/parse-topology.ts";
export * from "./topology/schema.ts";
export * from "./topology/yaml-input.ts";
