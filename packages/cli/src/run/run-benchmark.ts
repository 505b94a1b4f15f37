import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { errorMessage } from "@sheaf/base";
import { sweepStaleNetworks, type Topology } from "@sheaf/launcher";
import { checkLoad, createWorkload, type Workload } from "@sheaf/load";
import { type RunRecord, type RunSummary, runSchemaName } from "@sheaf/measure";
import { writeRun } from "@sheaf/reports";
import type { ExperimentOptions, ExperimentOutcome } from "../experiment-run.ts";
import { layout } from "../layout.ts";
import { formatCount } from "../terminal/progress.ts";
import { type ArmPlan, planArms } from "./arm-plan.ts";
import { claimFolder } from "./claim-folder.ts";
import { recordEnvironment } from "./environment.ts";
import type { RunPlan } from "./plan.ts";
import { type MeasuredArm, runArm } from "./run-arm.ts";

export type BenchmarkOutcome = ExperimentOutcome<RunSummary>;

/**
 * Runs every arm, one after another, and writes the run's folder. What was measured is written also when
 * an arm fails or the user interrupts; it throws only when there is nothing to write.
 */
export async function runBenchmark(plan: RunPlan, options: ExperimentOptions): Promise<BenchmarkOutcome> {
  const { progress, signal } = options;
  const createdAt = new Date();
  const arms = await planArms(plan);
  const workloads = await createWorkloads(plan, arms);
  await sweepStaleNetworks(join(layout.state, "runs"));
  const mark = randomBytes(2).toString("hex");
  const runId = `${createdAt.toISOString().slice(0, 19).replaceAll(":", "-")}-${plan.name}-${mark}`;
  const claim = await claimFolder(options.out ?? join(layout.reports, runId));
  const { dir } = claim;
  const scratch = join(layout.state, "runs", runId);
  const measured: MeasuredArm[] = [];
  let failure: unknown;
  try {
    for (let repetition = 0; repetition < plan.benchmark.repetitions && !signal.aborted; repetition++) {
      for (const arm of arms) {
        if (signal.aborted) break;
        measured.push(
          await runArm(arm, {
            workload: workloads.get(arm.transactions) as Workload,
            load: plan.benchmark.load,
            repetition,
            seed: plan.seed,
            dir: join(scratch, `${arm.name}-${repetition}`),
            progress,
            signal,
          }),
        );
      }
    }
  } catch (error) {
    if (measured.length === 0) {
      await claim.abandon();
      if (existsSync(scratch)) progress.note(`logs of the validators: ${scratch}`);
      throw error;
    }
    failure = error;
  }
  const record = toRecord(plan, arms, measured, {
    runId,
    createdAt,
    command: options.command,
    failure,
    signal,
  });
  const writing = progress.phase("writing the report");
  const summary = await writeRun(dir, record, { arms: measured.map((arm) => arm.data) }).finally(
    claim.release,
  );
  writing.finish(join(dir, "report.html"));
  if (summary.valid) await rm(scratch, { recursive: true, force: true });
  else progress.note(`the networks' logs are kept in ${scratch}`);
  return { summary, dir, failure, interrupted: record.interrupted };
}

/**
 * One workload for each count of transactions: the arms of a comparison share theirs. Raises
 * `INVALID_INPUT` for what no arm's network could carry, before any network starts.
 */
async function createWorkloads(
  plan: RunPlan,
  arms: readonly ArmPlan[],
): Promise<ReadonlyMap<number, Workload>> {
  const { workload, senders, input, columns, route } = plan.benchmark.load;
  const workloads = new Map<number, Workload>();
  for (const { transactions, mode, chains, activeChains } of arms) {
    const made = workloads.get(transactions) ?? (await create(transactions));
    workloads.set(transactions, made);
    const loaded = chains.filter((_, index) => activeChains.includes(index));
    const limits = loaded.map((chain) => ({
      name: chain.name,
      ...(chain.kind === "local" ? chain.protocol : {}),
    }));
    checkLoad({ mode, chains: limits, workload: made, route });
  }
  return workloads;

  function create(transactions: number): Promise<Workload> {
    const options = { name: workload, transactions, senders, seed: plan.seed };
    const reading = input === undefined ? {} : { input, ...(columns === undefined ? {} : { columns }) };
    return createWorkload({ ...options, ...reading });
  }
}

interface RunFacts {
  readonly runId: string;
  readonly createdAt: Date;
  readonly command: string;
  readonly failure: unknown;
  readonly signal: AbortSignal;
}

function toRecord(
  plan: RunPlan,
  arms: readonly ArmPlan[],
  measured: readonly MeasuredArm[],
  { runId, createdAt, command, failure, signal }: RunFacts,
): RunRecord {
  const { benchmark } = plan;
  const local = arms.flatMap((arm) => arm.chains).filter((chain) => chain.kind === "local");
  const arranged = benchmark.arms.map((arm) => ({ ...arm, network: relative(layout.root, arm.network) }));
  const config = {
    benchmark: { ...benchmark, arms: arranged },
    topologies: Object.fromEntries(arms.map((arm) => [arm.name, withoutSecrets(arm.topology)])),
  };
  return {
    schema: runSchemaName,
    runId,
    createdAt: createdAt.toISOString(),
    benchmark: { name: plan.name, title: benchmark.title, claim: benchmark.claim },
    command,
    config: JSON.parse(JSON.stringify(config)) as RunRecord["config"],
    environment: recordEnvironment({
      driver: {
        location:
          local.length === 0
            ? "not known to be the endpoints' own machine"
            : "the same machine as all validators",
        client: "Sheaf's own: signed ahead of time, JSON-RPC batches over kept-alive HTTP",
      },
      entryPoints: `${formatCount(benchmark.load.senders)} senders, dealt evenly to all validators of their chain`,
      observationPoints: "new heads of every validator, over WebSocket where there is one",
      dataStore: {
        engine: local.length === 0 ? "the endpoint's own" : "LMDB",
        durability: [...new Set(local.map((chain) => chain.durability))].join(", ") || "unknown",
      },
    }),
    seed: plan.seed,
    interrupted: signal.aborted,
    problems: [
      ...measured.flatMap((arm) => arm.problems),
      ...(failure === undefined || signal.aborted ? [] : [`an arm failed: ${errorMessage(failure)}`]),
    ],
    arms: measured.map((arm) => arm.record),
  };
}

/** Addresses of endpoints often carry keys: only their origin is kept. */
function withoutSecrets(topology: Topology): Topology {
  const origin = (url: string): string => new URL(url).origin;
  return {
    ...topology,
    chains: topology.chains.map((chain) =>
      "endpoints" in chain
        ? {
            ...chain,
            endpoints: chain.endpoints.map(origin),
            ...(chain.websockets === undefined ? {} : { websockets: chain.websockets.map(origin) }),
          }
        : chain,
    ),
  };
}
