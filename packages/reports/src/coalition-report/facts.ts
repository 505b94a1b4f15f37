import { formatCount, formatMs, plural } from "../page/format.ts";
import { machineFacts } from "../page/machine-facts.ts";
import type { CoalitionView } from "./coalition-view.ts";
import { withUnit } from "./utility-format.ts";

type Facts = readonly (readonly [term: string, value: string])[];

/** The game, with the unit and the meaning of every parameter. */
export function modelFacts({ record }: CoalitionView): Facts {
  const { model, players, workers } = record;
  return [
    ["Game", `${model.kind}: ${model.description}`],
    [
      "Players",
      `${plural(players.length, "miner")}${workers.length === 0 ? "" : `, ${plural(workers.length, "worker")}`}`,
    ],
    ["Unit of utility", model.utilityUnit || "none"],
    ...model.parameters.map(({ name, value, unit, meaning }): Facts[number] => [
      name,
      `${withUnit(typeof value === "number" ? value.toLocaleString("en-US", { maximumSignificantDigits: 6 }) : value, unit)}: ${meaning}`,
    ]),
  ];
}

/** Where and with what the run was made. */
export function environmentFacts({ record }: CoalitionView): Facts {
  const { chain } = record;
  return [
    ...(chain === null
      ? []
      : ([
          [
            "Chain",
            `${chain.consensus}, ${plural(chain.validators, "validator")}, epochs of ${plural(chain.epochBlocks, "block")}, ${formatCount(chain.epochs.at(-1)?.lastBlock ?? 0)} blocks`,
          ],
          ["Contract", chain.contract],
        ] as const)),
    ...machineFacts(record.environment),
    ["Started", `${record.createdAt}, took ${formatMs(record.durationMs)}`],
    ["Seed", record.seed],
  ];
}

/** The terms of the report; the numbered rules are in specs/coalition-record.md. */
export const definitions: Facts = [
  [
    "Utility",
    "What a miner has of an epoch in its coalition: expected reward less cost of coordination and power.",
  ],
  ["Coalition, partition", "Miners who mine as one; a way to put every miner into exactly one coalition."],
  [
    "Merge, split",
    "Coalitions become one, or one becomes several, when nobody concerned has less by it and somebody has more (Pareto order).",
  ],
  ["D_hp", "No set of coalitions would merge, and no coalition would split into any parts."],
  [
    "D_c",
    "No collection of disjoint coalitions is better, in the Pareto order, for its members than what they have (Apt and Witzel).",
  ],
  ["Nash", "Nobody alone would rather move to another coalition of the partition, or be by itself."],
  ["Individual", "Nobody would rather move where nobody who is there would lose by it."],
  ["Core", "No set of miners would all have more by themselves."],
  ["Gain", "Utility in the final partition less utility alone."],
  [
    "p",
    "How often blocks drawn by exactly the predicted shares are at least as far from them, by Pearson's chi-square. Below 0.01 the prediction is said to fail.",
  ],
  [
    "95 % interval",
    "Of the mean over seeds, by Student's t. It says how well the mean is known, not how far single runs spread.",
  ],
];

/** What this run does not show, honestly. */
export function caveats({ record, analysis }: CoalitionView): readonly string[] {
  const { stability, comparison, chain } = record;
  const names = new Set(comparison.alternatives.map(({ name }) => name));
  return [
    "Stable is not best: merge and split ends in one of possibly many stable partitions, and the order in which it tries decides in which.",
    ...(stability.dhp.verdict === "not-refuted"
      ? ["Stability was not proven: merges or splits that were not tried might apply."]
      : []),
    ...(Object.values(stability).some(({ verdict }) => verdict === "not-checked")
      ? ["Notions marked as not checked may hold or fail."]
      : []),
    ...(names.has("best-sum")
      ? []
      : ["How far it is from the best partition is not known: there are too many to try all."]),
    ...(comparison.overSeeds === null
      ? ["One scenario: another seed may give other coalitions and other gains."]
      : ["Scenarios are made up: miners and workers are placed at random, and real ones may not be."]),
    "The game knows every utility exactly. Miners who do not know each other's data would have to estimate, and might merge wrongly.",
    "Utility is not transferable: a merge that would pay with a compensation is not made.",
    ...(chain === null
      ? ["Nothing here was run on a chain: that rewards follow the game is assumed."]
      : [
          "Validators share one machine; the chain shows that blocks and rewards follow coalitions, not how fast it is.",
          "A test with few blocks finds only large deviations.",
          "The game counts in tokens an epoch, the chain pays coins a block: shares are compared, amounts are not.",
          ...(chain.events.some(({ kind }) => kind === "suspended")
            ? [
                "A planned cheat is challenged by a miner that was told what to ask for: how soon a check at random finds one was not measured.",
              ]
            : []),
        ]),
    ...(analysis.chain !== null && analysis.chain.laterRoundBlocks > 0
      ? ["Who is down when drawn loses its block: the test leaves out such blocks, but not this bias."]
      : []),
  ];
}
