import { formatCount, formatMs, plural } from "../page/format.ts";
import { machineFacts } from "../page/machine-facts.ts";
import type { JobView, TrainingView } from "./training-view.ts";

type Facts = readonly (readonly [term: string, value: string])[];

/** What was learnt, from what, and how. */
export function planFacts({ job }: JobView): Facts {
  const { plan } = job;
  const kind =
    plan.task.kind === "regression" ? "regression" : `classification, ${plan.task.classes} classes`;
  return [
    ["Task", `${job.title}: ${kind}`],
    ["Model", `${plan.model}, ${formatCount(plan.parameters)} parameters`],
    [
      "Data",
      `${plan.data.source}; ${formatCount(plan.data.trainSamples)} samples to train on, ${formatCount(plan.data.testSamples)} to test; spread ${plan.data.partition}`,
    ],
    [
      "Training",
      `${plan.optimiser}; at most ${plural(plan.maxRounds, "round")} of ${plan.cohort === "all" ? "all" : plan.cohort} owners, ${plural(plan.localEpochs, "local epoch")}, batches of ${plan.batchSize}`,
    ],
    ["Aggregation", plan.aggregationRule],
    ["Ended", endings[job.ended]],
    ["Backend", plan.backend],
  ];
}

const endings: Readonly<Record<JobView["job"]["ended"], string>> = {
  converged: "the loss had converged",
  rounds: "all rounds were done",
  budget: "the privacy budget was spent",
  owners: "too few owners were left",
  analyst: "no analyst went on",
  interrupted: "the run was interrupted",
};

/** Where and with what the run was made. */
export function environmentFacts({ record }: TrainingView): Facts {
  return [
    ...record.chains.map((chain): Facts[number] => [
      record.chains.length === 1 ? "Chain" : `Chain ${chain.name}`,
      [
        `${chain.name}, id ${chain.chainId}`,
        chain.consensus,
        ...(chain.validators.length === 0 ? [] : [`validated by ${chain.validators.join(", ")}`]),
        ...(chain.blockPeriodMs === null ? [] : [`a block every ${formatMs(chain.blockPeriodMs)}`]),
        `blocks ${formatCount(chain.firstBlock)} to ${formatCount(chain.lastBlock)}`,
      ].join("; "),
    ]),
    ...record.chains.map(({ name, contracts }): Facts[number] => [
      record.chains.length === 1 ? "Contracts" : `Contracts on ${name}`,
      `licences ${contracts.licences}, market ${contracts.market}, reputation ${contracts.reputation}`,
    ]),
    ["Bus", `${record.bus.broker}, ${record.bus.protocol}, ${record.bus.tls ? "inside TLS" : "without TLS"}`],
    ...machineFacts(record.environment),
    [
      "Started",
      `${record.createdAt}; agents and chains ran for ${formatMs(record.durationMs)}, before the baselines`,
    ],
    ["Seed", record.seed],
  ];
}

/** The terms of the report; the numbered rules are in specs/training-record.md. */
export const definitions: Facts = [
  [
    "Owner, analyst, consumer",
    "Who holds data, who runs the training and validates the chain, who pays and gets the model.",
  ],
  [
    "Round",
    "From the sending of the model to the closing in a block. Its survivors are the owners whose updates are in the sum.",
  ],
  [
    "All data in one place, each owner alone",
    "The same model trained without the market, with as many epochs, by who made this run; tested on the same data.",
  ],
  [
    "Plain update",
    "One 32-bit float a parameter. Bytes are on the wire of the bus, the packets of its protocol, signatures and everything else of the round included.",
  ],
  [
    "Aggregation error",
    "Largest absolute difference in any coordinate between the mean that was opened and the mean of the updates before quantisation. Its bound is one step of quantisation for each owner of the sum, divided as the mean is.",
  ],
  [
    "Epsilon",
    "What a model can tell at most of the whole data of one owner, whatever else is known, at the given delta; over all rounds, for those who know in which of them the owner took part.",
  ],
  [
    "Trust",
    "Belief plus half of the uncertainty, after subjective logic; bad events weigh more than good ones, recent ones more than old ones.",
  ],
  [
    "Conserved",
    "On each chain the contract's balance is what is locked plus what is owed, and what came in is what went out plus the balance; the price of each job is the sum of its payments.",
  ],
];

/** What this run does not show, honestly. */
export function caveats(view: TrainingView): readonly string[] {
  const { record, jobs } = view;
  const attacked = record.agents.some(({ attack }) => attack !== null);
  const groups = jobs.some(({ job }) => job.contributions?.basis === "groups");
  const known = jobs.some(({ analysis }) => analysis.exactness.errorMax !== null);
  const compared = jobs.some(({ job }) => job.baselines.central !== null || job.baselines.locals !== null);
  return [
    "One run with one seed: another seed may differ by more than the last digit shown, and there is no interval.",
    ...(compared
      ? ["The baselines have the model's own settings and as many epochs; neither was tuned for itself."]
      : []),
    ...(known
      ? [
          "The plain updates were written aside by the owners for this report, so that sums can be compared with them. Outside of a simulation nobody has them.",
        ]
      : []),
    ...(attacked
      ? ["Attackers are owners that were told to attack in the way named; a real one may be cleverer."]
      : []),
    ...(groups
      ? [
          "Contributions are estimated from sums of groups: they have an error that falls with the number of rounds.",
        ]
      : []),
    "Times are of agents that may share one machine and its cores: see the environment.",
  ];
}
