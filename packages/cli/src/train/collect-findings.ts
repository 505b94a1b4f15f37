import { availableParallelism } from "node:os";
import { createTrainer, initBackend } from "@sheaf/federated";
import { jobSpecOnChain } from "@sheaf/marketplace";
import type { Baselines, ModelEvaluation } from "@sheaf/measure";
import { type BaselineResult, type BaselineWork, performBaselines, planBaselines } from "./baselines.ts";
import { type JobFindings, jobEventsOf, jobsOf } from "./record/assemble-record.ts";
import { type AuditedRound, auditRounds } from "./record/audit-rounds.ts";
import { eventsNamed, type JobEvent } from "./record/market-sight.ts";
import type { MarketOutcome, MarketSetting } from "./run-markets.ts";

/** What the run finds out by itself, after the market is over and its processes are gone. */
export interface Findings {
  readonly model: { readonly parameters: number; readonly backend: string };
  readonly remarks: readonly string[];
  readonly findings: (chain: number, job: bigint) => JobFindings;
}

interface AuditedJob {
  readonly key: string;
  readonly chain: number;
  readonly rounds: readonly AuditedRound[];
}

/** Audits every job's rounds, tests every round's model, and trains the baselines. */
export async function collectFindings(setting: MarketSetting, outcome: MarketOutcome): Promise<Findings> {
  const { plan, data, spec, progress, signal } = setting;
  const { sight, chains, agents } = outcome;
  const backend = await initBackend();
  const trainer = await createTrainer({
    model: spec.model,
    task: spec.task,
    shape: spec.shape,
    seed: spec.seed,
  });
  const { parameters } = trainer;
  trainer.dispose();
  const audited: AuditedJob[] = [];
  for (const [chain, { events }] of chains.entries()) {
    for (const job of jobsOf(events)) {
      const own = jobEventsOf(events, job);
      const asked = eventsNamed(own, "requested")[0];
      const jobSpec = asked === undefined ? undefined : jobSpecOnChain(asked.spec);
      if (jobSpec === undefined) continue;
      audited.push({ key: `${chain}/${job}`, chain, rounds: await auditRounds(sight, agents, jobSpec, own) });
    }
  }
  const passes = passesPerRound(
    jobEventsOf(chains[0]?.events ?? [], jobsOf(chains[0]?.events ?? [])[0] ?? 0n),
  );
  const rounds = audited[0]?.rounds.length ?? 0;
  const { training } = plan;
  const baselines =
    rounds === 0 || signal.aborted
      ? []
      : planBaselines(data.owners.length, {
          rounds,
          passesPerRound: Math.max(passes * training.training.localEpochs, 1e-6),
          batchSize: training.training.batchSize,
          learningRate: training.training.learningRate,
        });
  const tests = signal.aborted ? [] : audited.flatMap(evaluations);
  const work = [...tests, ...baselines];
  const phase = progress.phase(
    `testing, and training the baselines on ${availableParallelism()} threads`,
    work.length,
  );
  const results =
    work.length === 0
      ? []
      : await performBaselines(
          {
            model: spec.model,
            task: spec.task,
            shape: spec.shape,
            seed: spec.seed,
            train: { all: data.train, owners: data.owners },
            test: data.test,
          },
          work,
          (done) => phase.update(done),
          signal,
        ).catch((error: unknown) => {
          if (signal.aborted) return [];
          throw error;
        });
  phase.finish(`${results.length} of ${work.length}`);
  const byId = new Map(results.map((result) => [result.id, result]));
  const names = (chain: number): readonly string[] =>
    [...agents.values()]
      .filter((agent) => agent.role === "owner" && agent.chain === chain)
      .map(({ name }) => name);
  const byJob = new Map(audited.map((job) => [job.key, job]));
  return {
    model: { parameters, backend: `${backend.name} ${backend.version}` },
    remarks: [],
    findings(chain, job) {
      const found = byJob.get(`${chain}/${job}`);
      return {
        audits: new Map(
          (found?.rounds ?? []).map(({ round, error, errorBound }) => {
            const test = byId.get(testId(`${chain}/${job}`, round))?.points[0]?.test;
            return [round, { error, errorBound, test: test === undefined ? null : evaluationOf(test) }];
          }),
        ),
        baselines: toBaselines(byId, names(chain)),
      };
    },
  };
}

function testId(key: string, round: number): string {
  return `test/${key}/${round}`;
}

function evaluations({ key, rounds }: AuditedJob): readonly BaselineWork[] {
  return rounds.flatMap(({ round, weights }) =>
    weights === undefined ? [] : [{ kind: "evaluate" as const, id: testId(key, round), weights }],
  );
}

/** The share of owners that was in a round, on average over the closed rounds. */
function passesPerRound(events: readonly JobEvent[]): number {
  const owners = eventsNamed(events, "selected")[0]?.owners.length ?? 1;
  const closed = eventsNamed(events, "roundClosed");
  const survivors = closed.reduce((sum, { updateHashes }) => sum + updateHashes.length, 0);
  return closed.length === 0 ? 1 : survivors / closed.length / owners;
}

function toBaselines(results: ReadonlyMap<string, BaselineResult>, owners: readonly string[]): Baselines {
  const central = results.get("central")?.points ?? [];
  const locals = owners.flatMap((agent, index) => {
    const test: ModelEvaluation | undefined = results.get(`owner-${index}`)?.points.at(-1)?.test;
    return test === undefined ? [] : [{ agent, test: evaluationOf(test) }];
  });
  return {
    central:
      central.length === 0
        ? null
        : {
            description: "all owners' samples in one place, as many passes over them as the market made",
            points: central.map(({ at, test }) => ({ round: at, test: evaluationOf(test) })),
          },
    locals:
      locals.length === 0
        ? null
        : { description: "each owner with its own samples only, as many passes over them", results: locals },
  };
}

function evaluationOf({ loss, accuracy, rmse }: ModelEvaluation): ModelEvaluation {
  return { loss, accuracy, rmse };
}
