import type { Random } from "@sheaf/base";
import type {
  Dropout,
  ModelEvaluation,
  OpenedGroup,
  TrainingAgent,
  TrainingPhase,
  TrainingRound,
} from "../../src/index.ts";
import { hash, type TrainingOptions } from "./synthetic-training.ts";

/** Phase, its length in ms, an owner's work in it, and the bytes it sends and receives beside model and update. */
type PhaseShape = readonly [phase: TrainingPhase, ms: number, work: number, sent: number, received: number];

const masked: readonly PhaseShape[] = [
  ["announce", 180, 8, 200, 700],
  ["keys", 90, 2, 410, 300],
  ["open", 1000, 0, 0, 0],
  ["shares", 220, 21, 5200, 5600],
  ["train", 2100, 480, 900, 300],
  ["confirm", 120, 3, 260, 2100],
  ["unmask", 160, 9, 2300, 200],
  ["aggregate", 140, 0, 0, 0],
  ["close", 1000, 0, 0, 0],
];

const shapes: Readonly<Record<TrainingOptions["mode"], readonly PhaseShape[]>> = {
  none: masked.filter(([phase]) => !["keys", "shares", "confirm", "unmask"].includes(phase)),
  dp: masked.filter(([phase]) => !["keys", "shares", "confirm", "unmask"].includes(phase)),
  secagg: masked,
  "secagg+dp": masked,
  paillier: [
    ...masked.filter(
      ([phase]) => !["keys", "shares", "confirm", "unmask", "aggregate", "close"].includes(phase),
    ),
    ["decrypt", 900, 0, 0, 0],
    ["aggregate", 400, 0, 0, 0],
    ["close", 1000, 0, 0, 0],
  ],
};

/** One closed round of a made-up training. */
export function syntheticRound(context: {
  /** From 0. */
  readonly job: number;
  readonly round: number;
  readonly analyst: string;
  readonly owners: readonly TrainingAgent[];
  readonly options: TrainingOptions;
  readonly random: Random;
  readonly before: TrainingRound | undefined;
}): TrainingRound {
  const { job, round, analyst, options, random, before } = context;
  const names = context.owners.map(({ name }) => name);
  const phases = shapes[options.mode].map(([phase, ms]) => ({
    phase,
    ms: ms * (0.9 + 0.2 * random.float()),
  }));
  const dropouts = dropoutsOf(names, options, random);
  const out = new Set(dropouts.filter(({ phase }) => phase !== "unmask").map(({ agent }) => agent));
  const survivors = names.filter((name) => !out.has(name));
  const late = new Set(dropouts.filter(({ phase }) => phase === "keys").map(({ agent }) => agent));
  const startMs = before === undefined ? 21_000 : before.endMs + 20;
  const quality = 0.945 - 0.55 * Math.exp(-0.28 * round) - 0.004 * random.float();
  const sealed = options.mode !== "none" && options.mode !== "dp";
  const bound = 1.9e-6 * 1.7;
  return {
    round,
    attempt: 1,
    analyst,
    startMs,
    endMs: startMs + phases.reduce((sum, { ms }) => sum + ms, 0),
    invited: names,
    cohort: names.filter((name) => !late.has(name)),
    survivors,
    dropouts,
    loss: 2.2 * Math.exp(-0.25 * round) + 0.15,
    learningRate: 0.1,
    validation: evaluation(options, quality - 0.01 + 0.02 * random.float()),
    test: evaluation(options, quality),
    phases,
    work: workOf({ ...context, survivors }),
    aggregation: {
      groups: groupsOf(survivors, options, random),
      error: sealed ? bound * (0.3 + 0.4 * random.float()) : 0,
      errorBound: sealed ? bound : null,
      saturated: 0,
    },
    epsilon: options.mode.endsWith("dp")
      ? names.map((agent, i) => {
          const inJob = 0.9 * Math.sqrt(round) * (i % 4 === 0 ? 0.93 : 1);
          return { agent, inJob, overall: inJob * (1 + job) };
        })
      : [],
    epsilonSampled: options.mode.endsWith("dp") ? 0.5 * Math.sqrt(round) : null,
    hashes: {
      state: before?.hashes.nextState ?? hash(random),
      keysRoot: sealed && options.mode !== "paillier" ? hash(random) : null,
      aggregate: hash(random),
      nextState: hash(random),
    },
    transactions: {
      open: { hash: hash(random), block: 20 + 6 * round, gasUsed: 91_000 },
      close: { hash: hash(random), block: 25 + 6 * round, gasUsed: 240_000 },
    },
  };
}

function evaluation({ task }: TrainingOptions, quality: number): ModelEvaluation {
  return task === "regression"
    ? { loss: 14 * (1.05 - quality), accuracy: null, rmse: 20 * (1.12 - quality) }
    : { loss: 1.4 * (1.02 - quality), accuracy: Number(quality.toFixed(5)), rmse: null };
}

function dropoutsOf(names: readonly string[], options: TrainingOptions, random: Random): Dropout[] {
  const possible = shapes[options.mode]
    .map(([phase]) => phase)
    .filter((phase) => ["keys", "shares", "train", "unmask"].includes(phase));
  const most = names.length - 3;
  return names
    .filter(() => random.chance(options.dropouts))
    .slice(0, Math.max(0, most))
    .map((agent) => ({ agent, phase: random.pick(possible), reason: "silent" }));
}

/** Groups of `groupSize`, the rest in the last; each owner by itself where nothing is masked. */
function groupsOf(survivors: readonly string[], options: TrainingOptions, random: Random): OpenedGroup[] {
  if (options.mode === "none" || options.mode === "dp") {
    return survivors.map((name) => ({ members: [name], kept: true }));
  }
  if (!options.mode.startsWith("secagg") || options.groupSize === 0)
    return [{ members: [...survivors], kept: true }];
  const drawn = random.shuffle(survivors);
  const count = Math.max(1, Math.floor(drawn.length / options.groupSize));
  return Array.from({ length: count }, (_, i) => ({
    members: drawn.filter((_name, at) => at % count === i),
    kept: true,
  }));
}

function workOf(context: {
  readonly survivors: readonly string[];
  readonly analyst: string;
  readonly options: TrainingOptions;
  readonly random: Random;
}): TrainingRound["work"] {
  const { survivors, analyst, options, random } = context;
  const update = 4 * options.parameters * (options.mode === "paillier" ? 7.4 : 1);
  const vary = (value: number): number => Math.round(value * (0.95 + 0.1 * random.float()));
  const owners = survivors.flatMap((agent) =>
    shapes[options.mode].map(([phase, , ms, sent, received]) => ({
      agent,
      phase,
      ms: vary(phase === "train" && options.mode === "paillier" ? 20 * ms : ms),
      sentBytes: vary(sent) + (phase === "train" ? Math.round(update * 1.012) : 0),
      receivedBytes: vary(received) + (phase === "announce" ? Math.round(4 * options.parameters * 1.012) : 0),
    })),
  );
  const central = (phase: TrainingPhase): { readonly sentBytes: number; readonly receivedBytes: number } => ({
    sentBytes: owners.filter((row) => row.phase === phase).reduce((sum, row) => sum + row.receivedBytes, 0),
    receivedBytes: owners.filter((row) => row.phase === phase).reduce((sum, row) => sum + row.sentBytes, 0),
  });
  const own = shapes[options.mode].map(([phase]) => ({
    agent: analyst,
    phase,
    ms: phase === "aggregate" ? 130 : 14,
    ...central(phase),
  }));
  return [...owners, ...own].filter(({ ms, sentBytes, receivedBytes }) => ms + sentBytes + receivedBytes > 0);
}
