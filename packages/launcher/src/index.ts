export type { LauncherErrorDetail } from "./errors.ts";
export * from "./faults.ts";
export { createNetwork, type Network, type NetworkOptions } from "./network/create-network.ts";
export * from "./network/detached-network.ts";
export type { ChainEndpoint, NetworkChain } from "./network/network-chain.ts";
export type { StartProgress } from "./network/start-validators.ts";
export { sweepStaleNetworks } from "./network/sweep-stale-networks.ts";
export {
  type ChildProgram,
  type ProgramExit,
  type ProgramFiles,
  spawnProgram,
} from "./process/child-program.ts";
export { lastProblem, readLogTail } from "./process/log-tail.ts";
export {
  type MachineSample,
  type ProcessSample,
  type SampledProcess,
  sampleMachine,
  sampleProcesses,
} from "./process/process-sampler.ts";
export { createSupervisor, type Supervisor } from "./process/supervisor.ts";
export {
  type ChainPlan,
  type ExternalChainPlan,
  type LocalChainPlan,
  planChains,
} from "./topology/chain-plan.ts";
export { checkMemory } from "./topology/check-memory.ts";
export { describeIssue, flattenIssues } from "./topology/issue-text.ts";
export * from "./topology/parse-topology.ts";
export * from "./topology/schema.ts";
export * from "./topology/yaml-input.ts";
