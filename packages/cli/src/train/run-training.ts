import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { errorMessage } from "@sheaf/base";
import { createTrainer, initBackend } from "@sheaf/federated";
import { overrideTopology, readTopology, sweepStaleNetworks, type Topology } from "@sheaf/launcher";
import { deliveredWeights, type JobSpec } from "@sheaf/marketplace";
import type { TrainingRecord, TrainingSummary } from "@sheaf/measure";
import { writeTraining } from "@sheaf/reports";
import type { ExperimentOptions, ExperimentOutcome } from "../experiment-run.ts";
import { layout } from "../layout.ts";
import { claimFolder } from "../run/claim-folder.ts";
import { recordEnvironment } from "../run/environment.ts";
import { agentFiles } from "./agents.ts";
import { collectFindings } from "./collect-findings.ts";
import { toJobSpec } from "./job-spec.ts";
import type { TrainingPlan } from "./plan-training.ts";
import { prepareData } from "./prepare-data.ts";
import { reachBroker } from "./reach-broker.ts";
import { linesOf } from "./record/agent-log.ts";
import { assembleRecord, jobEventsOf, jobsOf } from "./record/assemble-record.ts";
import { outcomeOf } from "./record/job-rows.ts";
import { type MarketOutcome, type MarketSetting, runMarkets } from "./run-markets.ts";
import { saveModel } from "./save-model.ts";
import { startChains } from "./start-market.ts";

export interface TrainingOutcome extends ExperimentOutcome<TrainingSummary> {
  /** What makes the run invalid. */
  readonly problems: readonly string[];
}

/**
 * Starts the chains, a market on each and all agents, waits until every job is over, and writes the run's folder.
 * What happened is written also when something fails or the user interrupts after the first job was asked for.
 */
export async function runTraining(plan: TrainingPlan, options: ExperimentOptions): Promise<TrainingOutcome> {
  const { progress, signal } = options;
  const createdAt = new Date();
  const topology = await readNetwork(plan);
  const data = await prepareData(plan.training, plan.seed);
  const spec = toJobSpec(plan.training, { test: data.test, owners: data.owners.length }, plan.seed);
  await tryModel(spec);
  if (plan.broker !== undefined) await reachBroker("--broker", plan.broker);
  await sweepStaleNetworks(join(layout.state, "runs"));
  const mark = randomBytes(2).toString("hex");
  const runId = `${createdAt.toISOString().slice(0, 19).replaceAll(":", "-")}-${plan.name}-${mark}`;
  const claim = await claimFolder(options.out ?? join(layout.reports, runId));
  const dir = join(layout.state, "runs", runId);
  const setting: MarketSetting = { plan, data, spec, dir, originMs: createdAt.getTime(), progress, signal };
  try {
    const network = await startChains(topology, plan, data.owners.length, { dir, signal, progress });
    const outcome = await runMarkets(network, setting);
    const record = await toRecord(setting, topology, outcome, { runId, createdAt, command: options.command });
    const writing = progress.phase("writing the report");
    await saveModels(claim.dir, spec, outcome);
    const summary = await writeTraining(claim.dir, record).finally(claim.release);
    writing.finish(join(claim.dir, "report.html"));
    if (record.problems.length === 0 && summary.conserved) await rm(dir, { recursive: true, force: true });
    else progress.note(`what the agents left is kept in ${dir}`);
    const { problems, interrupted } = record;
    return { summary, problems, dir: claim.dir, failure: outcome.failure, interrupted };
  } catch (error) {
    await claim.abandon();
    if (existsSync(dir)) progress.note(`logs of validators and agents: ${dir}`);
    throw error;
  }
}

/** What the consumers were delivered: `model` below the run's folder, of several jobs `model-<chain>-<job>`. */
async function saveModels(dir: string, spec: JobSpec, { agents, chains }: MarketOutcome): Promise<void> {
  const jobs = chains.flatMap(({ events }, chain) => jobsOf(events).map((job) => ({ chain, job })));
  for (const { chain, job } of jobs) {
    const consumers = [...agents.values()].filter((each) => each.role === "consumer" && each.chain === chain);
    for (const consumer of consumers) {
      const weights = await deliveredWeights(agentFiles.state(consumer.dir), job);
      if (weights === undefined) continue;
      await saveModel(spec, weights, join(dir, jobs.length === 1 ? "model" : `model-${chain + 1}-${job}`));
    }
  }
}

/** Builds the model once: one that does not fit task and data must not cost a run. Raises `INVALID_INPUT`. */
async function tryModel({ model, task, shape, seed }: JobSpec): Promise<void> {
  await initBackend();
  (await createTrainer({ model, task, shape, seed })).dispose();
}

/** The network of the plan. */
async function readNetwork({ training, chains }: TrainingPlan): Promise<Topology> {
  return overrideTopology(await readTopology(training.network), chains === undefined ? {} : { chains });
}

async function toRecord(
  setting: MarketSetting,
  topology: Topology,
  outcome: MarketOutcome,
  facts: { readonly runId: string; readonly createdAt: Date; readonly command: string },
): Promise<TrainingRecord> {
  const { plan, data } = setting;
  const { training, broker } = plan;
  const { sight, chains, failure } = outcome;
  const found = await collectFindings(setting, outcome);
  const withoutSecrets = { ...training, network: relative(layout.root, training.network) };
  return assembleRecord({
    ...facts,
    training,
    config: JSON.parse(JSON.stringify({ training: withoutSecrets, topology })) as TrainingRecord["config"],
    seed: plan.seed,
    environment: recordEnvironment({
      driver: {
        location: "the same machine as all validators and agents",
        client: "one process an agent; ethers over JSON-RPC to the chain, MQTT to each other",
      },
      entryPoints: "every agent at one of its chain's validators, dealt in turn",
      observationPoints:
        "each agent's own record, the chain's events, and the bytes of each agent's connection to the broker",
      dataStore: { engine: "LMDB", durability: "process" },
    }),
    bus: {
      broker: broker === undefined ? "aedes, embedded" : "external",
      protocol: broker === undefined ? "MQTT 3.1.1" : "MQTT",
      tls: broker?.startsWith("mqtts:") ?? false,
    },
    durationMs: Math.max(0, outcome.durationMs),
    interrupted: setting.signal.aborted,
    problems: [
      ...outcome.problems,
      ...(training.faults.length > 0 || failure !== undefined ? [] : undelivered(outcome)),
      ...(failure === undefined || setting.signal.aborted
        ? []
        : [`the run failed: ${errorMessage(failure)}`]),
    ],
    remarks: [...found.remarks],
    sight,
    chains,
    faults: outcome.faults,
    model: found.model,
    data: {
      source: data.source,
      trainSamples: data.train.count,
      testSamples: data.test.count,
      validationSamples: data.validation?.count ?? 0,
    },
    findings: found.findings,
  });
}

/** Jobs that came to nothing though no fault was planned, each with what analysts said of it. */
function undelivered({ chains, sight }: MarketOutcome): string[] {
  return chains.flatMap(({ events }) =>
    jobsOf(events).flatMap((job) => {
      const own = jobEventsOf(events, job);
      const { outcome, outcomeReason } = outcomeOf(own);
      if (outcome === "settled") return [];
      const lines = [...sight.logs.values()].flatMap((log) => linesOf(log, "decision"));
      const reasons = lines.filter((line) => line.job === String(job) && ["pass", "end"].includes(line.what));
      const because = [...new Set(reasons.map((line) => line.because))].join(", ");
      return [`job ${job}: ${outcomeReason}${because === "" ? "" : ` (${because})`}`];
    }),
  );
}
