import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { errorMessage, invalidInput } from "@sheaf/base";
import {
  applyFlags,
  checkDraft,
  colonParts,
  type Draft,
  decimal,
  type FlagRule,
  optionOf,
  readSeed,
  whole,
} from "../flag-rules.ts";
import { followFlags } from "./follow-flags.ts";
import { checkTraining, type Training, type TrainingFile, trainingSchema } from "./training-file.ts";

/** Flags of `bench train`, as commander hands them over: text, not yet checked. */
export interface TrainFlags {
  readonly owners?: string;
  readonly rounds?: string;
  readonly cohort?: string;
  readonly privacy?: string;
  readonly groupSize?: string;
  readonly epsilon?: string;
  readonly noise?: string;
  readonly model?: string;
  readonly data?: string;
  readonly label?: string;
  readonly partition?: string;
  readonly optimiser?: string;
  readonly localEpochs?: string;
  readonly batch?: string;
  readonly lr?: string;
  readonly aggregation?: string;
  readonly contribution?: string;
  readonly attack?: readonly string[];
  readonly vanish?: readonly string[];
  readonly killAnalyst?: string;
  readonly jobs?: string;
  readonly chains?: string;
  readonly price?: string;
  readonly broker?: string;
  readonly network?: string;
  readonly seed?: string;
}

/** What a run will do: the training with the flags applied. Frozen into `run.json`. */
export interface TrainingPlan {
  readonly name: string;
  readonly training: Training;
  readonly seed: string;
  /** Number of sub-chains, or `undefined` to leave the network as its file says. */
  readonly chains: number | undefined;
  /** A broker that runs already, or `undefined` for the embedded one. */
  readonly broker: string | undefined;
}

const RULES: readonly FlagRule<TrainFlags>[] = [
  { flag: "owners", path: ["owners"], read: whole },
  { flag: "rounds", path: ["training", "rounds"], read: whole },
  {
    flag: "cohort",
    path: ["training", "cohort"],
    read: (text, at) => (text === "all" ? text : whole(text, at)),
  },
  { flag: "privacy", path: ["privacy", "mode"], read: (text) => text },
  {
    flag: "groupSize",
    path: ["privacy", "secagg", "groupSize"],
    read: (text, at) => (text === "cohort" ? text : whole(text, at)),
  },
  { flag: "epsilon", path: ["privacy", "dp", "epsilonBudget"], read: decimal },
  { flag: "noise", path: ["privacy", "dp", "noiseMultiplier"], read: decimal },
  { flag: "model", path: ["model"], read: readModel },
  { flag: "partition", path: ["partition"], read: readPartition },
  { flag: "optimiser", path: ["training", "optimiser"], read: (text) => ({ kind: text }) },
  { flag: "localEpochs", path: ["training", "localEpochs"], read: whole },
  { flag: "batch", path: ["training", "batchSize"], read: whole },
  {
    flag: "lr",
    path: ["training", "learningRate"],
    read: (text, at) => ({ kind: "constant", initial: decimal(text, at) }),
  },
  { flag: "aggregation", path: ["aggregation"], read: readRule },
  { flag: "contribution", path: ["contribution", "method"], read: (text) => text },
  { flag: "jobs", path: ["jobs"], read: whole },
  { flag: "price", path: ["priceWei"], read: (text) => text },
  { flag: "network", path: ["network"], read: (text) => resolve(text) },
];

/** Applies the flags. Raises `INVALID_INPUT` naming the flag, or the field that no longer fits. */
export function planTraining({ name, training }: TrainingFile, flags: TrainFlags): TrainingPlan {
  const draft = structuredClone(training) as unknown as Draft;
  const changed = applyFlags(draft, flags, RULES);
  applyData(draft, flags);
  if (flags.attack !== undefined) {
    draft["attackers"] = flags.attack.map((text) => readAttack(text));
    changed.push({ option: "--attack", path: ["attackers"] });
  }
  const faults = faultsOf(flags);
  draft["faults"] = [...training.faults, ...faults.map(({ fault }) => fault)];
  for (const [index, { option }] of faults.entries())
    changed.push({ option, path: ["faults", String(training.faults.length + index)] });
  const planned = checkDraft(draft, changed, trainingSchema, checkTraining, (parsed) =>
    followFlags(parsed, flags),
  );
  refuseIdle(planned.privacy.mode, flags);
  return {
    name,
    training: planned,
    seed: readSeed(flags.seed),
    chains: flags.chains === undefined ? undefined : chainsOf(flags.chains),
    broker: flags.broker === undefined ? undefined : readBroker(flags.broker),
  };
}

/** Raises `INVALID_INPUT` for a flag that says something of masks or noise in a mode that has none. */
function refuseIdle(mode: string, flags: TrainFlags): void {
  for (const [flag, part, modes] of [
    ["epsilon", "dp", "dp or secagg+dp"],
    ["noise", "dp", "dp or secagg+dp"],
    ["groupSize", "secagg", "secagg or secagg+dp"],
  ] as const) {
    if (flags[flag] === undefined || mode.includes(part)) continue;
    throw invalidInput(
      optionOf(flag),
      `says nothing in mode ${mode}`,
      `add --privacy ${modes}, or leave it out`,
    );
  }
}

function applyData(draft: Draft, { data, label, partition }: TrainFlags): void {
  if (data === undefined) {
    if (label === undefined) return;
    const current = draft["data"] as Draft;
    if (current["kind"] !== "table")
      throw invalidInput("--label", "there is no file", "name one with --data");
    current["label"] = label;
    return;
  }
  if (data === "digits") {
    draft["data"] = { kind: "digits" };
    return;
  }
  if (label === undefined)
    throw invalidInput("--data", "does not say what to predict", "name the column with --label");
  draft["data"] = { kind: "table", file: resolve(data), label };
  draft["title"] = `Training on ${basename(data)}`.slice(0, 200);
  if (partition === undefined) draft["partition"] = { kind: "iid" };
}

function readModel(text: string, option: string): unknown {
  if (text.endsWith(".json")) return { kind: "layers", model: readJson(text, option) };
  const [kind, sizes] = colonParts(text, 2, option);
  switch (kind) {
    case "softmax":
    case "linear":
      return { kind };
    case "mlp":
      return { kind, hidden: (sizes ?? "64").split(",").map((size) => whole(size, option)) };
    case "cnn":
      return {
        kind,
        filters: (sizes ?? "8,16").split(",").map((size) => whole(size, option)),
        kernel: 3,
        dense: 32,
      };
    default:
      throw invalidInput(
        option,
        `"${text}" is no model`,
        "choose softmax, linear, mlp:64,32, cnn:8,16 or a .json file of a LayersModel",
      );
  }
}

function readJson(file: string, option: string): unknown {
  try {
    const value = JSON.parse(readFileSync(file, "utf8")) as { readonly modelTopology?: unknown };
    return value.modelTopology ?? value;
  } catch (error) {
    throw invalidInput(
      `${option} ${file}`,
      `cannot be read as JSON (${errorMessage(error)})`,
      "name the model.json of a LayersModel",
    );
  }
}

function readPartition(text: string, option: string): unknown {
  const [kind, value] = colonParts(text, 2, option);
  if (kind === "iid" && value === undefined) return { kind };
  if (kind === "shards") return { kind, shardsPerOwner: whole(value ?? "2", option) };
  if (kind === "dirichlet") return { kind, alpha: decimal(value ?? "0.5", option) };
  if (kind === "column" && value !== undefined) return { kind, column: value };
  throw invalidInput(
    option,
    `"${text}" is no partition`,
    "choose iid, shards:2, dirichlet:0.5 or column:NAME",
  );
}

function readRule(text: string, option: string): unknown {
  const [kind, value] = colonParts(text, 2, option);
  switch (kind) {
    case "mean":
    case "median":
      return { kind };
    case "trimmed-mean":
      return { kind, trim: decimal(value ?? "0.2", option) };
    case "krum":
      return { kind, byzantine: whole(value ?? "1", option) };
    case "multi-krum": {
      const [byzantine = "1", keep = "2"] = (value ?? "1,2").split(",");
      return { kind, byzantine: whole(byzantine, option), keep: whole(keep, option) };
    }
    default:
      throw invalidInput(
        option,
        `"${text}" is no rule`,
        "choose mean, median, trimmed-mean:0.2, krum:1 or multi-krum:1,2",
      );
  }
}

function readAttack(text: string): unknown {
  const [kind, owners] = colonParts(text, 2, "--attack");
  return { kind, owners: owners === undefined ? 1 : whole(owners, "--attack") };
}

function faultsOf({ vanish = [], killAnalyst }: TrainFlags) {
  const faults: { readonly option: string; readonly fault: object }[] = vanish.map((text) => {
    const option = "--vanish";
    const [phase, round = "2", owners = "1"] = colonParts(text, 3, option);
    const numbers = { round: whole(round, option), owners: whole(owners, option) };
    return { option, fault: { kind: "owners-vanish", phase, ...numbers } };
  });
  if (killAnalyst === undefined) return faults;
  const option = "--kill-analyst";
  const [round = "2", phase = "train"] = colonParts(killAnalyst, 2, option);
  return [...faults, { option, fault: { kind: "analyst-dies", round: whole(round, option), phase } }];
}

function chainsOf(text: string): number {
  const chains = whole(text, "--chains");
  if (chains >= 1) return chains;
  throw invalidInput("--chains", "must be at least 1, not 0");
}

function readBroker(text: string): string {
  const advice = "give mqtt://host:port or mqtts://host:port";
  if (!URL.canParse(text)) throw invalidInput("--broker", `"${text}" is no URL`, advice);
  const { protocol, hostname, username, password } = new URL(text);
  if ((protocol !== "mqtt:" && protocol !== "mqtts:") || hostname === "")
    throw invalidInput("--broker", `"${text}" is no address of a broker`, advice);
  if (username === "" && password === "") return text;
  throw invalidInput("--broker", "must not hold a user or a password", "use bench agent for such a broker");
}
