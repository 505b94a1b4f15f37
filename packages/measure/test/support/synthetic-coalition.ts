import { createRandom, type Random } from "@sheaf/base";
import {
  type CoalitionMethod,
  type CoalitionRecord,
  estimateOf,
  type MethodEstimates,
  type OverSeeds,
} from "../../src/index.ts";
import { environment } from "./arms.ts";
import {
  changeOf,
  mergeAndSplit,
  type Scenario,
  sensingScenario,
  singletons,
  type Utilities,
  utilitiesIn,
} from "./small-game.ts";
import { syntheticCoalitionChain } from "./synthetic-coalition-chain.ts";

/** What a made-up coalition run is like. Same options, same record. */
export interface CoalitionOptions {
  readonly kind: "sensing" | "table";
  readonly miners: number;
  /** 0: no chain. */
  readonly epochs: number;
  /** One miner cheats and is expelled, another leaves. */
  readonly events: boolean;
  /** Makes proposers not follow the weights. */
  readonly biased: boolean;
  readonly dhp: "stable" | "unstable" | "not-refuted";
  /** 0: nothing over seeds, and no sweeps. */
  readonly seeds: number;
  readonly seed: string;
}

const defaults: CoalitionOptions = {
  kind: "sensing",
  miners: 12,
  epochs: 10,
  events: true,
  biased: false,
  dhp: "stable",
  seeds: 5,
  seed: "coalition",
};

/** A complete record that keeps all rules: steps really are merges and splits, money is conserved. */
export function syntheticCoalition(overrides: Partial<CoalitionOptions> = {}): CoalitionRecord {
  const options = { ...defaults, ...overrides };
  const random = createRandom(options.seed);
  const scenario =
    options.kind === "sensing"
      ? sensingScenario(options.miners, random.fork("plane"))
      : trapScenario(options.miners);
  const { utilities, players, workers } = scenario;
  const start = singletons(options.miners);
  const { steps, final } = mergeAndSplit(options.miners, utilities);
  const alone = utilitiesIn(start, utilities);
  return {
    schema: "sheaf.coalition-run/1",
    runId: "2030-01-01T00-00-00-coalition",
    createdAt: "2030-01-01T00:00:00.000Z",
    title: "Coalitions by merge and split",
    claim:
      "Merge and split ends in coalitions that nobody wants to merge or split, and that leave nobody worse off.",
    command: `./bench coalition --seed ${options.seed} --out reports/x`,
    config: { miners: options.miners },
    seed: options.seed,
    environment: environment(),
    durationMs: 4321,
    interrupted: false,
    problems: [],
    remarks: [],
    model: modelOf(options),
    players: [...players],
    workers: [...workers],
    formation: {
      rules: { maxMerge: 2, maxSplitParts: 2, maxSplitSize: null },
      start: { partition: start, sum: sum(alone), minimum: Math.min(...alone) },
      steps,
      final,
      stoppedBecause: "no merge and no split applies",
      evaluations: 1234,
      durationMs: 56.7,
    },
    utilities: { alone, final: utilitiesIn(final, utilities) },
    stability: stabilityOf(options, final, utilities),
    comparison: {
      alternatives: alternativesOf(scenario, random.fork("random")),
      overSeeds: options.seeds === 0 ? null : overSeeds(options, random.fork("seeds"), 1.5, 900),
      sweeps: options.seeds === 0 ? [] : sweepsOf(options, random.fork("sweeps")),
      fairness: "Jain's index of the gains over being alone, losses counted as zero.",
      seeds: options.seeds === 0 ? null : `1 to ${options.seeds}`,
    },
    chain:
      options.epochs === 0
        ? null
        : syntheticCoalitionChain(scenario, final, { ...options, random: random.fork("chain") }),
  };
}

/** Per head nothing alone, less in a pair, more in threes: pairwise merges find nothing. */
function trapScenario(miners: number): Scenario {
  const perHead = [0, -0.5, 1];
  return {
    players: Array.from({ length: miners }, (_, i) => ({
      id: String.fromCharCode(97 + (i % 26)) + (i < 26 ? "" : String(Math.floor(i / 26))),
      position: null,
      powerCost: null,
      workers: [],
      ownValue: null,
    })),
    workers: [],
    utilities: (members) => members.map(() => perHead[members.length - 1] ?? -1),
    value: (members) => members.length,
  };
}

function modelOf({ kind, miners }: CoalitionOptions): CoalitionRecord["model"] {
  if (kind === "table") {
    return {
      kind,
      description: "Utility of each member by the coalition, read from a file.",
      utilityUnit: "",
      parameters: [{ name: "file", value: "trap.json", unit: "", meaning: "The table." }],
    };
  }
  return {
    kind,
    description:
      "Miners pick workers nearby, share their data, and win blocks by the value of what they hold together.",
    utilityUnit: "tokens an epoch",
    parameters: [
      { name: "miners", value: miners, unit: "", meaning: "How many miners play." },
      {
        name: "reward",
        value: 900,
        unit: "tokens an epoch",
        meaning: "R: what a coalition of all data would get.",
      },
      { name: "synergy", value: 1.5, unit: "", meaning: "beta: exponent of the data's value." },
      {
        name: "linkCost",
        value: 1,
        unit: "tokens a link",
        meaning: "a: what talking to another member costs.",
      },
      { name: "distanceCost", value: 0.3, unit: "tokens a km", meaning: "b: what its distance adds." },
      { name: "split", value: "proportional", unit: "", meaning: "Members share by their own value." },
    ],
  };
}

function stabilityOf(
  { dhp, kind }: CoalitionOptions,
  final: number[][],
  utilities: Utilities,
): CoalitionRecord["stability"] {
  const holds = (statement: string) => ({ verdict: "holds", statement, witness: null }) as const;
  const [first = [], second = []] = final;
  const move = changeOf(
    [first, second],
    [first.slice(0, -1), [...second, ...first.slice(-1)].sort((a, b) => a - b)].filter(
      (own) => own.length > 0,
    ),
    utilities,
  );
  return {
    dhp: {
      verdict: dhp,
      exact: dhp !== "not-refuted",
      statement: {
        stable:
          "Every merge of any number of coalitions and every split of each coalition was tried: none applies.",
        unstable: "A merge of three coalitions makes somebody better off and nobody worse off.",
        "not-refuted": "Pairwise merges and two-way splits were tried: none applies. Larger ones were not.",
      }[dhp],
      witness: dhp === "unstable" ? mergeOfAll(final, utilities) : null,
    },
    dc: {
      verdict: "fails",
      statement: "Another partition is better for some and worse for none of those in it.",
      witness: move,
    },
    nash: {
      verdict: "fails",
      statement: "Somebody would rather be in another coalition.",
      witness: {
        ...move,
        players: move.players.slice(-1),
        utilitiesBefore: move.utilitiesBefore.slice(-1),
        utilitiesAfter: move.utilitiesAfter.slice(-1),
      },
    },
    individual: holds("Wherever somebody would rather be, one of those who are there would lose."),
    core:
      kind === "table"
        ? holds("All sets of players were tried: none would all gain.")
        : {
            verdict: "not-checked",
            statement: "Not checked: too many players for all sets of them.",
            witness: null,
          },
  };
}

function mergeOfAll(final: number[][], utilities: Utilities) {
  const before = final.slice(0, 3);
  return changeOf(before, [before.flat().sort((a, b) => a - b)], utilities);
}

const methods = ["merge-and-split", "singletons", "grand", "random"] as const;

function partitionsOf(
  scenario: Scenario,
  random: Random,
): Readonly<Record<(typeof methods)[number], number[][]>> {
  const n = scenario.players.length;
  const groups = new Map<number, number[]>();
  for (let i = 0; i < n; i++) {
    const group = random.int(Math.ceil(n / 3));
    groups.set(group, [...(groups.get(group) ?? []), i]);
  }
  return {
    "merge-and-split": mergeAndSplit(n, scenario.utilities).final,
    singletons: singletons(n),
    grand: [Array.from({ length: n }, (_, i) => i)],
    random: [...groups.values()],
  };
}

function figuresOf(partition: number[][], { players, utilities }: Scenario) {
  const own = utilitiesIn(partition, utilities);
  const gains = own.map((value, i) => value - (utilities([i])[0] as number));
  const positive = gains.map((gain) => Math.max(0, gain));
  const squares = sum(positive.map((gain) => gain ** 2));
  return {
    coalitions: partition.length,
    sum: sum(own),
    minimum: Math.min(...own),
    meanGain: sum(gains) / players.length,
    fairness: squares === 0 ? null : Math.min(1, sum(positive) ** 2 / (players.length * squares)),
  };
}

function alternativesOf(scenario: Scenario, random: Random): CoalitionRecord["comparison"]["alternatives"] {
  const partitions = partitionsOf(scenario, random);
  const rows = methods.map((name) => ({
    name,
    partition: partitions[name],
    ...figuresOf(partitions[name], scenario),
  }));
  const found = figuresOf(partitions["merge-and-split"], scenario);
  const best = (name: CoalitionMethod, factor: number) => ({
    ...found,
    name,
    partition: partitions["merge-and-split"],
    sum: found.sum * factor,
    meanGain: found.meanGain * factor,
  });
  return scenario.players.length > 12 ? rows : [...rows, best("best-sum", 1.04), best("best-min", 0.97)];
}

function overSeeds(
  { seeds, miners }: CoalitionOptions,
  random: Random,
  synergy: number,
  reward: number,
): OverSeeds {
  const worlds = Array.from({ length: seeds }, (_, i) => {
    const own = random.fork(String(i));
    const scenario = sensingScenario(Math.min(miners, 7), own, synergy, reward);
    const partitions = partitionsOf(scenario, own);
    return methods.map((name) => figuresOf(partitions[name], scenario));
  });
  return {
    seeds,
    rows: methods.map((name, m): MethodEstimates => {
      const figure = (key: "coalitions" | "sum" | "minimum" | "meanGain") =>
        estimateOf(worlds.map((world) => world[m]?.[key] as number)) as NonNullable<
          ReturnType<typeof estimateOf>
        >;
      return {
        name,
        coalitions: figure("coalitions"),
        sum: figure("sum"),
        minimum: figure("minimum"),
        meanGain: figure("meanGain"),
        fairness: estimateOf(worlds.flatMap((world) => world[m]?.fairness ?? [])),
      };
    }),
  };
}

function sweepsOf(options: CoalitionOptions, random: Random): CoalitionRecord["comparison"]["sweeps"] {
  return [
    {
      parameter: { name: "synergy", label: "synergy exponent", unit: "" },
      points: [1, 1.2, 1.4, 1.6, 1.8].map((value) => ({
        value,
        ...overSeeds(options, random.fork(`s${value}`), value, 900),
      })),
    },
    {
      parameter: { name: "reward", label: "reward", unit: "tokens an epoch" },
      points: [300, 600, 900, 1200].map((value) => ({
        value,
        ...overSeeds(options, random.fork(`r${value}`), 1.5, value),
      })),
    },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
