import type { Millis } from "@sheaf/base";
import type { NetworkChain } from "@sheaf/launcher";
import { bondOf, type JobSpec, jobSpecOnChain, type MarketAddresses } from "@sheaf/marketplace";
import {
  type Baselines,
  type ConservationBooks,
  type EnvironmentRecord,
  type ModelEvaluation,
  type TrainingAgent,
  type TrainingChain,
  type TrainingFault,
  type TrainingJob,
  type TrainingRecord,
  trainingSchemaName,
} from "@sheaf/measure";
import type { Training } from "../training-file.ts";
import { linesOf } from "./agent-log.ts";
import {
  candidateRows,
  contributionRows,
  disputeRows,
  outcomeOf,
  paymentRows,
  stepRows,
  tradeRows,
} from "./job-rows.ts";
import { planInWords, privacyOf } from "./job-words.ts";
import { eventsNamed, type JobEvent, type MarketSight, nameOf, type SeenEvent } from "./market-sight.ts";
import { opinionRows, ratingRows } from "./reputation-rows.ts";
import { abortedRows, type RoundAudit, roundRows } from "./round-rows.ts";

/** A chain and everything that happened on its market. */
export interface SeenChain {
  readonly chain: NetworkChain;
  readonly contracts: MarketAddresses;
  readonly agents: readonly TrainingAgent[];
  readonly events: readonly SeenEvent[];
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** `undefined` when the chain could no longer be asked. */
  readonly books: Omit<ConservationBooks, "chain"> | undefined;
}

/** What the run found out about one job by itself. */
export interface JobFindings {
  readonly audits: ReadonlyMap<number, RoundAudit>;
  readonly baselines: Baselines;
}

export interface RecordFacts {
  readonly runId: string;
  readonly createdAt: Date;
  readonly command: string;
  readonly training: Training;
  readonly config: TrainingRecord["config"];
  readonly seed: string;
  readonly environment: EnvironmentRecord;
  readonly bus: TrainingRecord["bus"];
  readonly durationMs: Millis;
  readonly interrupted: boolean;
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
  readonly sight: MarketSight;
  readonly chains: readonly SeenChain[];
  readonly faults: readonly TrainingFault[];
  readonly model: { readonly parameters: number; readonly backend: string };
  readonly data: {
    readonly source: string;
    readonly trainSamples: number;
    readonly testSamples: number;
    readonly validationSamples: number;
  };
  readonly findings: (chain: number, job: bigint) => JobFindings;
}

/** The events of one job, in order. */
export function jobEventsOf(events: readonly SeenEvent[], job: bigint): readonly JobEvent[] {
  return events.filter((event) => event.job === job);
}

/** The jobs that were asked for, in order. */
export function jobsOf(events: readonly SeenEvent[]): readonly bigint[] {
  return events.flatMap((event) => (event.event === "requested" ? [event.job] : []));
}

/** The run as a record: facts only, everything derived comes later. */
export function assembleRecord(facts: RecordFacts): TrainingRecord {
  const { training, sight, chains } = facts;
  return {
    schema: trainingSchemaName,
    runId: facts.runId,
    createdAt: facts.createdAt.toISOString(),
    title: training.title,
    command: facts.command,
    config: facts.config,
    seed: facts.seed,
    environment: facts.environment,
    currency: { symbol: "ETH", decimals: 18 },
    bus: facts.bus,
    durationMs: facts.durationMs,
    interrupted: facts.interrupted,
    problems: [...facts.problems],
    remarks: [...facts.remarks],
    chains: chains.map(toChain),
    agents: chains.flatMap(({ agents }) => agents),
    jobs: chains.flatMap((seen, index) => jobsOf(seen.events).map((job) => toJob(facts, seen, index, job))),
    ratings: chains.flatMap(({ events }, index) => ratingRows(sight, index, events)),
    reputation: chains.flatMap(({ events, agents }, index) =>
      opinionRows(
        index,
        events,
        agents.filter(({ role }) => role === "owner" || role === "analyst"),
      ),
    ),
    conservation: chains.flatMap(({ books }, chain) => (books === undefined ? [] : [{ chain, ...books }])),
    faults: [...facts.faults],
  };
}

function toChain({ chain, contracts, agents, firstBlock, lastBlock }: SeenChain): TrainingChain {
  const local = chain.plan.kind === "local" ? chain.plan : undefined;
  return {
    name: chain.name,
    chainId: String(chain.chainId),
    consensus: local === undefined ? "the endpoint's own" : "QBFT",
    validators:
      local === undefined ? [] : agents.filter(({ role }) => role === "analyst").map(({ name }) => name),
    blockPeriodMs: local?.protocol.blockPeriodMs ?? null,
    contracts: { licences: contracts.licences, market: contracts.market, reputation: contracts.reputation },
    firstBlock,
    lastBlock,
  };
}

function toJob(facts: RecordFacts, { events: all }: SeenChain, chain: number, job: bigint): TrainingJob {
  const { sight, training, model, data } = facts;
  const events = jobEventsOf(all, job);
  const requested = eventsNamed(events, "requested")[0] as Extract<JobEvent, { readonly event: "requested" }>;
  const spec = jobSpecOnChain(requested.spec) as JobSpec;
  const { audits, baselines } = facts.findings(chain, job);
  const holders = [...eventsNamed(events, "awarded"), ...eventsNamed(events, "tookOver")].map(({ analyst }) =>
    nameOf(sight, analyst),
  );
  const grouped = spec.privacy.mode.startsWith("secagg") || spec.privacy.mode === "paillier";
  const { validationSamples, ...samples } = data;
  const consumer = nameOf(sight, requested.consumer);
  return {
    id: String(job),
    chain,
    title: spec.title,
    spec: JSON.parse(requested.spec) as TrainingJob["spec"],
    plan: planInWords(spec, training, { ...model, ...samples }),
    privacy: privacyOf(spec),
    consumer,
    analysts: holders,
    candidates: candidateRows(sight, events, trustsAt(facts, all, chain, job), limitOf(training)),
    price: String(requested.price),
    fee: eventsNamed(events, "awarded")[0]?.fee.toString() ?? null,
    steps: stepRows(sight, events),
    rounds: [...roundRows(sight, spec, events, audits)],
    aborted: [...abortedRows(sight, job)],
    ended: endedBy(facts, job, holders, events),
    delivered: deliveredTo(sight, consumer, job),
    baselines,
    contributions: contributionRows(
      sight,
      job,
      events,
      spec.contribution.method === "participation"
        ? "rounds survived"
        : `validation loss taken away, on the analyst's ${validationSamples.toLocaleString("en-US")} samples`,
      grouped ? "groups" : "members",
    ),
    payments: paymentRows(sight, events),
    trades: tradeRows(sight, events),
    disputes: disputeRows(sight, events, bondOf(requested.price)),
    ...outcomeOf(events),
  };
}

function trustsAt(
  { sight }: RecordFacts,
  events: readonly SeenEvent[],
  chain: number,
  job: bigint,
): ReadonlyMap<string, number> {
  const raters = new Set(
    events.flatMap((event) =>
      event.event === "rated" && event.job < job ? [nameOf(sight, event.subject)] : [],
    ),
  );
  const agents = [...sight.names].map(([address, name]) => ({ address, name }));
  const points = opinionRows(chain, events, agents).filter(
    (point) => point.job === String(job) && point.round === 0,
  );
  return new Map(points.filter(({ agent }) => raters.has(agent)).map(({ agent, trust }) => [agent, trust]));
}

const ENDS: Readonly<Record<string, TrainingJob["ended"]>> = {
  CONVERGED: "converged",
  ROUNDS: "rounds",
  PRIVACY_BUDGET_EXHAUSTED: "budget",
  TOO_FEW_OWNERS: "owners",
};

/** Why training ended: what the analyst that ended it decided. */
function endedBy(
  { sight, interrupted }: RecordFacts,
  job: bigint,
  holders: readonly string[],
  events: readonly JobEvent[],
): TrainingJob["ended"] {
  const lines = sight.logs.get(holders.at(-1) ?? "") ?? [];
  const decided = linesOf(lines, "decision").findLast(
    (line) => line.job === String(job) && line.what === "end",
  );
  const known = decided === undefined ? undefined : ENDS[decided.because];
  if (known !== undefined) return known;
  if (interrupted && eventsNamed(events, "delivered").length === 0) return "interrupted";
  return eventsNamed(events, "delivered").length > 0
    ? "rounds"
    : decided === undefined
      ? "analyst"
      : "owners";
}

function deliveredTo(sight: MarketSight, consumer: string, job: bigint): ModelEvaluation | null {
  const found = linesOf(sight.logs.get(consumer) ?? [], "evaluated").findLast(
    (line) => line.job === String(job),
  );
  return found === undefined ? null : { loss: found.loss, accuracy: found.accuracy, rmse: found.rmse };
}

/** What every owner of the run lets itself spend; `null` without differential privacy. */
function limitOf({ privacy }: Training): number | null {
  return privacy.mode.endsWith("dp") ? privacy.dp.epsilonBudget : null;
}
