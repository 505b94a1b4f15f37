import { invalidInput } from "@sheaf/base";
import { quorumSize } from "@sheaf/consensus";
import {
  type ChainPlan,
  checkMemory,
  type LocalChainPlan,
  overrideTopology,
  planChains,
  readTopology,
  type Topology,
} from "@sheaf/launcher";
import type { Benchmark } from "../benchmark-file.ts";
import type { RunPlan } from "./plan.ts";

type ArmRole = Benchmark["arms"][number]["role"];

/** One arm, ready to run: its network, and its share of the load. */
export interface ArmPlan {
  readonly name: string;
  readonly role: ArmRole;
  readonly topology: Topology;
  readonly chains: readonly ChainPlan[];
  /** Chains under load, from 0. */
  readonly activeChains: readonly number[];
  readonly transactions: number;
  readonly mode: Benchmark["load"]["mode"];
  readonly faults: Benchmark["faults"];
}

/** Reads the networks of a plan and applies its flags. Raises `INVALID_INPUT` before anything starts. */
export async function planArms(plan: RunPlan): Promise<readonly ArmPlan[]> {
  const { benchmark } = plan;
  const only = benchmark.arms.length === 1;
  const arms: ArmPlan[] = [];
  for (const { name, role, network } of benchmark.arms) {
    const changesChains = plan.chains !== undefined && (only || role === "candidate");
    const topology = overrideTopology(await readTopology(network), {
      ...(changesChains ? { chains: plan.chains as number } : {}),
      ...(plan.validators === undefined ? {} : { validators: plan.validators }),
    });
    checkMemory(topology);
    const chains = planChains(topology);
    arms.push({
      name,
      role,
      topology,
      chains,
      activeChains: chains.map((_, index) => index),
      transactions: benchmark.load.transactions,
      mode: benchmark.load.mode,
      faults: faultsOf(name, chains, benchmark.faults),
    });
  }
  const candidate = arms.find((arm) => arm.role === "candidate") ?? arms[0];
  return benchmark.idleControl && candidate !== undefined ? [...arms, idleControl(candidate)] : arms;
}

/** The arm's faults. Raises `INVALID_INPUT` when one strikes a validator that the network does not start. */
function faultsOf(
  arm: string,
  chains: readonly ChainPlan[],
  faults: Benchmark["faults"],
): Benchmark["faults"] {
  const own = faults.filter((fault) => fault.arm === undefined || fault.arm === arm);
  for (const { chain: name, validator, kind } of own) {
    const chain = name === undefined ? chains[0] : chains.find((each) => each.name === name);
    const at = `faults: ${kind} validator ${validator} of ${name ?? "the first chain"} in arm ${arm}`;
    if (chain === undefined) {
      const names = chains.map((each) => each.name).join(", ");
      throw invalidInput(at, "there is no such chain", `name one of ${names}`);
    }
    if (chain.kind !== "local")
      throw invalidInput(at, "the chain runs already", "strike only chains that are started");
    if (validator >= chain.validators || chain.down.includes(validator)) {
      throw invalidInput(at, "no such validator is started", `choose one from 0 to ${chain.validators - 1}`);
    }
  }
  return own;
}

/** One chain of the network under the load that it has in the full arm, the others idle. */
function idleControl(arm: ArmPlan): ArmPlan {
  const share = (total: number): number => Math.max(1, Math.round(total / arm.chains.length));
  const { mode } = arm;
  return {
    ...arm,
    name: `${arm.name}-idle`,
    role: "control",
    activeChains: [0],
    transactions: share(arm.transactions),
    mode:
      mode.kind === "windowed"
        ? { ...mode, window: share(mode.window) }
        : { ...mode, ratePerSecond: mode.ratePerSecond / arm.chains.length },
    faults: [],
  };
}

/** Validators of a chain, those that are down from the start included; for an existing chain, its endpoints. */
export function validatorCount(chain: ChainPlan): number {
  return chain.kind === "local" ? chain.validators : chain.endpoints.length;
}

/** Validators that make a quorum; `undefined` for an existing chain, whose consensus is not known. */
export function quorumOfChain(chain: ChainPlan): number | undefined {
  return chain.kind === "local" ? quorumSize(chain.validators) : undefined;
}

/** The emulated links of an arm in a few words. */
export function describeTopology(arm: ArmPlan): string {
  const local = arm.chains.filter((chain): chain is LocalChainPlan => chain.kind === "local");
  if (local.length === 0) return "existing endpoints";
  const delays = local.flatMap((chain) => chain.links.flat().map((link) => link.delayMs));
  const greatest = Math.max(...delays);
  const lossy = local.some((chain) => chain.links.flat().some((link) => link.loss > 0));
  if (greatest === 0 && !lossy) return "loopback, no emulated delay";
  return `emulated links, one-way delay up to ${greatest} ms${lossy ? ", with loss" : ""}`;
}
