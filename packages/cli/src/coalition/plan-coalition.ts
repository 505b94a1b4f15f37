import { basename, join, resolve } from "node:path";
import { invalidInput } from "@sheaf/base";
import {
  applyFlags,
  type Change,
  checkDraft,
  colonParts,
  type Draft,
  decimal,
  type FlagRule,
  optionOf,
  readSeed,
  setField,
  whole,
} from "../flag-rules.ts";
import { layout } from "../layout.ts";
import {
  type CoalitionExperiment,
  type CoalitionFile,
  checkCoalition,
  coalitionSchema,
} from "./coalition-file.ts";

/** Flags of `bench coalition`, as commander hands them over: text, not yet checked. */
export interface CoalitionFlags {
  readonly miners?: string;
  readonly workers?: string;
  readonly reward?: string;
  readonly synergy?: string;
  readonly split?: string;
  readonly linkCost?: string;
  readonly distanceCost?: string;
  readonly table?: string;
  readonly mergeWidth?: string;
  readonly splitParts?: string;
  readonly seeds?: string;
  /** False for `--no-sweeps`. */
  readonly sweeps?: boolean;
  /** True for `--chain`, false for `--no-chain`. */
  readonly chain?: boolean;
  readonly epochs?: string;
  readonly epochBlocks?: string;
  readonly network?: string;
  readonly leave?: readonly string[];
  readonly cheat?: readonly string[];
  readonly seed?: string;
}

/** What a run will do: the experiment with the flags applied. Frozen into `run.json`. */
export interface CoalitionPlan {
  readonly name: string;
  readonly coalition: CoalitionExperiment;
  readonly seed: string;
}

const RULES: readonly FlagRule<CoalitionFlags>[] = [
  { flag: "miners", path: ["game", "miners"], read: whole },
  { flag: "workers", path: ["game", "workersPerMiner"], read: whole },
  { flag: "reward", path: ["game", "rewardTokens"], read: decimal },
  { flag: "synergy", path: ["game", "synergy"], read: decimal },
  { flag: "split", path: ["game", "split"], read: (text) => text },
  { flag: "linkCost", path: ["game", "linkTokens"], read: decimal },
  { flag: "distanceCost", path: ["game", "kilometreTokens"], read: decimal },
  {
    flag: "mergeWidth",
    path: ["formation", "mergeWidth"],
    read: (text, at) => (text === "any" ? text : whole(text, at)),
  },
  { flag: "splitParts", path: ["formation", "splitParts"], read: (text) => text },
  { flag: "seeds", path: ["comparison", "seeds"], read: whole },
];

const CHAIN_RULES: readonly FlagRule<CoalitionFlags>[] = [
  { flag: "epochs", path: ["chain", "epochs"], read: whole },
  { flag: "epochBlocks", path: ["chain", "epochBlocks"], read: whole },
  { flag: "network", path: ["chain", "network"], read: (text) => resolve(text) },
];

/** Applies the flags. Raises `INVALID_INPUT` naming the flag, or the field that no longer fits. */
export function planCoalition({ name, coalition }: CoalitionFile, flags: CoalitionFlags): CoalitionPlan {
  const draft = structuredClone(coalition) as unknown as Draft;
  if (flags.table !== undefined) chooseTable(draft, flags.table);
  refuseForeign(draft, flags);
  const changed = applyFlags(draft, flags, RULES);
  if (flags.sweeps === false) setField(draft, ["comparison", "sweeps"], []);
  changed.push(...applyChain(draft, flags));
  const checked = checkDraft(draft, changed, coalitionSchema, checkCoalition);
  return { name, coalition: checked, seed: readSeed(flags.seed) };
}

/** A table has no parameters to sweep and no data for a chain, and what the file claims is of another game. */
function chooseTable(draft: Draft, file: string): void {
  draft["title"] = `Coalitions of ${basename(file)}`.slice(0, 200);
  draft["claim"] = "";
  draft["game"] = { kind: "table", file: resolve(file) };
  setField(draft, ["comparison", "sweeps"], []);
  delete draft["chain"];
}

const SENSING_FLAGS = [
  "miners",
  "workers",
  "reward",
  "synergy",
  "split",
  "linkCost",
  "distanceCost",
] as const;

function refuseForeign(draft: Draft, flags: CoalitionFlags): void {
  const { kind } = draft["game"] as { readonly kind: string };
  const rule = RULES.find(
    ({ flag }) => SENSING_FLAGS.some((own) => own === flag) && flags[flag] !== undefined,
  );
  if (kind === "sensing" || rule === undefined) return;
  throw invalidInput(
    optionOf(rule.flag),
    `is a parameter of the sensing game, and this is a game of kind ${kind}`,
    "leave it out",
  );
}

function applyChain(draft: Draft, flags: CoalitionFlags): Change[] {
  if (flags.chain === false) {
    delete draft["chain"];
    const asked = [...CHAIN_RULES.map(({ flag }) => flag), "leave", "cheat"] as const;
    const idle = asked.find((flag) => flags[flag as keyof CoalitionFlags] !== undefined);
    if (idle === undefined) return [];
    throw invalidInput(optionOf(idle), "needs the chain", "leave out --no-chain");
  }
  const faults = [...faultsOf("leave", flags.leave), ...faultsOf("cheat", flags.cheat)];
  const wanted =
    flags.chain === true || faults.length > 0 || CHAIN_RULES.some(({ flag }) => flags[flag] !== undefined);
  if (draft["chain"] === undefined) {
    if (!wanted) return [];
    draft["chain"] = { network: join(layout.networks, "coalitions.yaml") };
  }
  const changed = applyFlags(draft, flags, CHAIN_RULES);
  if (faults.length === 0) return changed;
  setField(
    draft,
    ["chain", "faults"],
    faults.map(({ fault }) => fault),
  );
  const places = faults.map(({ option }, index) => ({ option, path: ["chain", "faults", String(index)] }));
  return [...changed, ...places];
}

/** The place of a miner, given as that or by its name. */
function placeOf(miner: string, option: string): number {
  const number = /^m0*([1-9]\d*)$/.exec(miner)?.[1];
  return number === undefined ? whole(miner, option) : Number(number) - 1;
}

/** `--leave 2:m06` or `2:5`: in epoch 2 miner m06, that in place 5, leaves; without it, the run chooses one. */
function faultsOf(flag: "leave" | "cheat", texts: readonly string[] = []) {
  const option = `--${flag}`;
  return texts.map((text) => {
    const [epoch, miner] = colonParts(text, 2, option);
    const chosen = miner === undefined ? {} : { miner: placeOf(miner, option) };
    const kind = flag === "leave" ? "miner-leaves" : "miner-cheats";
    return { option, fault: { kind, epoch: whole(epoch as string, option), ...chosen } };
  });
}
