import { createRandom, type Random } from "@sheaf/base";
import {
  type PrivacyMode,
  parseTrainingRecord,
  type TrainingAgent,
  type TrainingRecord,
} from "../../src/index.ts";
import { environment } from "./arms.ts";
import { syntheticJob } from "./synthetic-job.ts";

/** What a made-up training is like. Same options, same record. */
export interface TrainingOptions {
  readonly mode: PrivacyMode;
  readonly task: "classification" | "regression";
  readonly owners: number;
  readonly rounds: number;
  readonly jobs: number;
  readonly parameters: number;
  /** Members of one sum; 0: one sum a round. */
  readonly groupSize: number;
  readonly noise: "central" | "distributed";
  /** How many owners attack: the last ones. */
  readonly attackers: number;
  /** Probability that an owner falls out of a round. */
  readonly dropouts: number;
  readonly outcome: "settled" | "partly-settled" | "refunded";
  readonly baselines: boolean;
  readonly seed: string;
}

const defaults: TrainingOptions = {
  mode: "secagg",
  task: "classification",
  owners: 20,
  rounds: 25,
  jobs: 1,
  parameters: 159_010,
  groupSize: 5,
  noise: "distributed",
  attackers: 3,
  dropouts: 0.04,
  outcome: "settled",
  baselines: true,
  seed: "training",
};

/** A complete record that keeps all rules: hashes are chained, money is conserved, sums are within their bounds. */
export function syntheticTraining(overrides: Partial<TrainingOptions> = {}): TrainingRecord {
  const options = { ...defaults, ...overrides };
  const random = createRandom(options.seed);
  const agents = agentsOf(options, random.fork("agents"));
  const jobs = Array.from({ length: options.jobs }, (_, index) =>
    syntheticJob(index, agents, options, random.fork(`job ${index}`)),
  );
  const deposited = jobs.reduce((sum, { price }) => sum + BigInt(price), 0n);
  const withdrawn = (deposited * 2n) / 3n;
  const left = (deposited - withdrawn).toString();
  const record: TrainingRecord = {
    schema: "sheaf.train/1",
    runId: "2030-01-01T00-00-00-train",
    createdAt: "2030-01-01T00:00:00.000Z",
    title: "Training on the market",
    command: "./bench train --seed training",
    config: { owners: options.owners, privacy: options.mode },
    seed: options.seed,
    environment: environment(),
    currency: { symbol: "wei", decimals: 0 },
    bus: { broker: "aedes, embedded", protocol: "MQTT 3.1.1", tls: false },
    durationMs: jobs.reduce((sum, { rounds }) => Math.max(sum, rounds.at(-1)?.endMs ?? 0), 9_000) + 6_000,
    interrupted: false,
    problems: [],
    remarks: [],
    chains: [
      {
        name: "main",
        chainId: "1337",
        consensus: "QBFT",
        validators: agents.filter(({ role }) => role === "analyst").map(({ name }) => name),
        blockPeriodMs: 1000,
        contracts: { licences: account(random), market: account(random), reputation: account(random) },
        firstBlock: 1,
        lastBlock: 190,
      },
    ],
    agents: [...agents],
    jobs,
    ratings: ratingsOf(jobs, random.fork("ratings")),
    reputation: reputationOf(jobs, agents),
    conservation: [
      {
        chain: 0,
        block: 188,
        deposited: deposited.toString(),
        locked: "0",
        credited: left,
        withdrawn: withdrawn.toString(),
        balance: left,
      },
    ],
    faults: [],
  };
  return parseTrainingRecord(JSON.parse(JSON.stringify(record)));
}

/** 32 random bytes as hex. */
export function hash(random: Random): string {
  return `0x${Buffer.from(random.bytes(32)).toString("hex")}`;
}

function account(random: Random): string {
  return hash(random).slice(0, 42);
}

const attacks = [
  { kind: "label-flip", description: "trains on flipped labels" },
  { kind: "scaling", description: "sends its update ten times as large" },
  { kind: "free-rider", description: "sends noise and trains nothing" },
] as const;

function agentsOf(options: TrainingOptions, random: Random): readonly TrainingAgent[] {
  const agent = (name: string, role: TrainingAgent["role"]): TrainingAgent => ({
    name,
    role,
    address: account(random),
    data: null,
    attack: null,
    busBytes: { sent: 1_000_000 + random.int(200_000), received: 1_200_000 + random.int(90_000) },
    cpuMs: 9_000 + random.int(4_000),
    peakRssMb: 150 + random.int(40),
    exit: "ended",
  });
  const owners = Array.from({ length: options.owners }, (_, i): TrainingAgent => {
    const samples = 180 + random.int(440);
    const honest = i < options.owners - options.attackers;
    return {
      ...agent(`owner-${i + 1}`, "owner"),
      data: {
        samples,
        labels:
          options.task === "regression" ? null : Array.from({ length: 10 }, () => Math.round(samples / 10)),
      },
      attack: honest ? null : (attacks[i % attacks.length] ?? attacks[0]),
    };
  });
  const analysts = Array.from({ length: 4 }, (_, i) => agent(`analyst-${i + 1}`, "analyst"));
  return [...owners, ...analysts, agent("consumer", "consumer"), agent("authority", "authority")];
}

function ratingsOf(jobs: TrainingRecord["jobs"], random: Random): TrainingRecord["ratings"] {
  return jobs.flatMap((job) =>
    (job.contributions?.rows ?? []).map(({ agent, score }) => ({
      job: job.id,
      chain: job.chain,
      rater: job.analysts[0] ?? job.consumer,
      subject: agent,
      positive: score > 0 ? 3 : 0,
      negative: score > 0 ? 0 : 4,
      uncertain: 1,
      block: 186,
      transaction: hash(random),
    })),
  );
}

function reputationOf(
  jobs: TrainingRecord["jobs"],
  agents: readonly TrainingAgent[],
): TrainingRecord["reputation"] {
  const owners = agents.filter(({ role }) => role === "owner");
  return jobs.flatMap((job, index) =>
    [0, ...job.rounds.map(({ round }) => round), null].flatMap((round) =>
      owners.map(({ name, attack }, i) => {
        const facts = index * job.rounds.length + (round ?? job.rounds.length);
        const uncertainty = 1 / (1 + 0.15 * facts);
        const belief = (1 - uncertainty) * (attack === null ? 0.93 - 0.01 * (i % 5) : 0.12 + 0.05 * (i % 3));
        return {
          job: job.id,
          chain: job.chain,
          round,
          agent: name,
          belief,
          disbelief: 1 - uncertainty - belief,
          uncertainty,
          trust: belief + 0.5 * uncertainty,
        };
      }),
    ),
  );
}
