import { join } from "node:path";
import { type CodedError, invalidInput } from "@sheaf/base";
import { createNetwork, type Network } from "@sheaf/launcher";
import { type LoadChain, type LoadResult, runLoad, type Workload } from "@sheaf/load";
import type { ArmData, ArmRecord, Fault } from "@sheaf/measure";
import type { Benchmark } from "../benchmark-file.ts";
import { validatorProgram } from "../layout.ts";
import type { Progress } from "../terminal/progress.ts";
import { type ArmPlan, describeTopology, quorumOfChain, validatorCount } from "./arm-plan.ts";
import { createLoadDisplay, createStartDisplay } from "./arm-progress.ts";
import { startSampling } from "./process-samples.ts";
import { watchFaults } from "./watch-faults.ts";

export interface ArmOptions {
  readonly workload: Workload;
  readonly load: Benchmark["load"];
  readonly repetition: number;
  readonly seed: string;
  /** Folder for the arm's network; made. */
  readonly dir: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface MeasuredArm {
  readonly record: ArmRecord;
  readonly data: ArmData;
  /** What went wrong with the network itself: makes the run invalid. */
  readonly problems: readonly string[];
}

/** Starts the arm's network, loads and measures it, and ends it, whatever happens. */
export async function runArm(arm: ArmPlan, options: ArmOptions): Promise<MeasuredArm> {
  const { progress, signal, seed } = options;
  const display = createStartDisplay(progress, arm);
  const network = await createNetwork(arm.topology, {
    program: validatorProgram,
    dir: join(options.dir, "network"),
    seed,
    signal,
    onProgress: display.update,
  }).catch((error: unknown) => {
    display.fail();
    throw error;
  });
  display.finish(network.startMs);
  try {
    return await measureArm(arm, network, options);
  } finally {
    const stopping = progress.phase(`${arm.name}: stopping the network`);
    await network.stop();
    stopping.finish("stopped");
  }
}

async function measureArm(arm: ArmPlan, network: Network, options: ArmOptions): Promise<MeasuredArm> {
  const { workload, load, seed, signal, progress } = options;
  const chains = network.chains.map(({ name, endpoints, deployerKey, plan }): LoadChain => {
    const quorum = quorumOfChain(plan);
    if (deployerKey === undefined) {
      const advice = "give the network file a fundedKeyFile or fundedKeyEnv for this chain";
      throw invalidInput(`chain ${name}`, "names no account with funds to deploy the workload", advice);
    }
    return {
      name,
      validators: endpoints,
      fundedKey: deployerKey,
      ...(quorum === undefined ? {} : { quorum }),
    };
  });
  const deaths: CodedError[] = [];
  const stopListening = network.onFailed((error) => {
    deaths.push(error);
    progress.note(error.message);
  });
  const sampler = startSampling(() => network.processes(), identifyIn(network));
  const faults = watchFaults(network, arm.faults, progress);
  const display = createLoadDisplay(progress, arm);
  try {
    const result = await runLoad(
      {
        chains,
        activeChains: arm.activeChains,
        workload,
        mode: arm.mode,
        seed: `${seed}/${options.repetition}`,
        route: load.route,
        deadlines: { drainMs: load.drainMs, ...(load.deadlineMs === 0 ? {} : { loadMs: load.deadlineMs }) },
      },
      {
        isDown: faults.isDown,
        onBarrier(originMs) {
          sampler.begin(originMs);
          faults.begin();
        },
      },
      display.update,
      signal,
    );
    display.finish(result);
    await faults.end();
    const data = { transactions: result.transactions, blocks: result.blocks, samples: sampler.end() };
    const record = toRecord(arm, options.repetition, result, faults.records());
    const unmet = result.interrupted ? [] : faults.problems();
    const problems = [...deaths.map((death) => death.message), ...unmet];
    return { record, data, problems: problems.map((problem) => `${arm.name}: ${problem}`) };
  } finally {
    display.close();
    stopListening();
    await faults.end();
    sampler.end();
  }
}

function identifyIn(network: Network) {
  const chainIndex = new Map(network.chains.map(({ name }, index) => [name, index]));
  return (label: string) => {
    const [, chain, validator] = /^(.+)\/validator-(\d+)$/.exec(label) ?? [];
    return chain === undefined
      ? ({ role: "driver", chain: null, validator: null } as const)
      : ({ role: "validator", chain: chainIndex.get(chain) ?? null, validator: Number(validator) } as const);
  };
}

function toRecord(arm: ArmPlan, repetition: number, result: LoadResult, faults: readonly Fault[]): ArmRecord {
  const [first] = arm.chains;
  const protocol = first?.kind === "local" ? first.protocol : undefined;
  return {
    name: arm.name,
    repetition,
    role: arm.role,
    chains: arm.chains.length,
    chainNames: arm.chains.map(({ name }) => name),
    loadedChains: [...result.loadedChains],
    validatorsPerChain: first === undefined ? 1 : validatorCount(first),
    consensus: protocol === undefined ? "the endpoint's own" : "QBFT",
    topology: describeTopology(arm),
    mode: arm.mode,
    limits: {
      blockPeriodMs: protocol?.blockPeriodMs ?? null,
      maxTransactionsPerBlock: protocol?.transactionsPerBlock ?? null,
      blockGasLimit: protocol?.gasPerBlock ?? null,
      blockBytes: protocol?.blockBytes ?? null,
    },
    workload: result.workload,
    startedAt: result.startedAt,
    drainEndMs: result.drainEndMs,
    interrupted: result.interrupted,
    stateCheck: result.stateCheck,
    faults: [...faults],
    warnings: [...result.warnings],
    nonceRepairs: [...result.nonceRepairs],
    clockAudit: result.clockAudit,
  };
}
