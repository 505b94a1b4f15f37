import { invalidInput } from "@sheaf/base";
import {
  type Coalition,
  type CoalitionGame,
  canonicalPartition,
  checkPartition,
  partitionUtilities,
  singletons,
} from "../game/coalition-game.ts";
import { acceptance, acceptanceOf, defaultTolerance } from "../game/pareto.ts";
import { checkDhp } from "../stability/check-dhp.ts";
import { findSplit } from "../stability/find-split.ts";
import { defaultEvaluationLimit, growSets, mergeAscending } from "../stability/grow-sets.ts";
import type { Formation, FormationOptions, FormationStep } from "./formation.ts";
import { createFormationState, type FormationState, type LiveCoalition } from "./formation-state.ts";
import { createProspects, type Prospects } from "./prospects.ts";
import { tieRanks } from "./tie-order.ts";

type Settings = Required<Omit<FormationOptions, "order" | "start" | "seed">>;

interface Search {
  readonly state: FormationState;
  readonly settings: Settings;
  readonly ranks: Float64Array;
  readonly prospects: Prospects;
  evaluations: number;
}

/**
 * Coalition formation by merge and split (paper, section 3.3): pairs merge until none does, coalitions split until
 * none does, then wider sets merge; from the start again after every change; until nothing applies [FORM.1]. The
 * same game and options give the same steps. `INVALID_INPUT` for a start that is no partition or options out of
 * range; the start counts as canonical.
 */
export function formCoalitions(game: CoalitionGame, options: FormationOptions = {}): Formation {
  const forming = formationSteps(game, options);
  let next = forming.next();
  while (next.done !== true) next = forming.next();
  return next.value;
}

/** A formation under way: every step, and `null` whenever some time has passed without any. */
export type FormationSteps = Generator<FormationStep | null, Formation, "stop" | undefined>;

/**
 * As `formCoalitions`, for whoever has something else to do in between, or wants to end it: `next("stop")` gives the
 * formation as it stands [FORM.4].
 */
export function* formationSteps(game: CoalitionGame, options: FormationOptions = {}): FormationSteps {
  const settings = settle(options);
  const start = options.start
    ? checkPartition(options.start, game.players, "start")
    : singletons(game.players);
  const ranks = tieRanks(game.players, options.seed ?? 1, options.order);
  const state = createFormationState(game, { ranks, start, ...settings });
  const prospects = createProspects(game, state.utilities);
  const search: Search = { state, settings, ranks, prospects, evaluations: 0 };
  while (state.ended === null) {
    yield* mergePairs(search);
    if (yield* splitCoalitions(search)) continue;
    if (state.ended !== null || !(yield* mergeWide(search))) break;
  }
  const partition = canonicalPartition(state.live.map(({ members }) => members));
  const { evaluationLimit, tolerance } = settings;
  return {
    partition,
    utilities: [...partitionUtilities(game, partition)],
    steps: state.steps,
    stopped: state.ended ?? "stable",
    dhp: checkDhp(game, partition, { evaluationLimit, tolerance }),
    best: bestCoalition(game, partition),
    evaluations: search.evaluations,
  };
}

/** A part of the search; what it comes to. */
type Part<T> = Generator<FormationStep | null, T, "stop" | undefined>;

function* say(state: FormationState, step: FormationStep | null): Part<void> {
  if ((yield step) === "stop") state.stop();
}

function settle(options: FormationOptions): Settings {
  const settings: Settings = {
    mergeWidth: options.mergeWidth ?? Infinity,
    splitParts: options.splitParts ?? "any",
    evaluationLimit: options.evaluationLimit ?? defaultEvaluationLimit,
    stepLimit: options.stepLimit ?? 100_000,
    tolerance: options.tolerance ?? defaultTolerance,
  };
  for (const [name, least] of [
    ["mergeWidth", 2],
    ["evaluationLimit", 1],
    ["stepLimit", 1],
    ["tolerance", 0],
  ] as const) {
    if (!(settings[name] >= least)) throw invalidInput(name, `${settings[name]} is below ${least}`);
  }
  return settings;
}

/**
 * Merges of two until none is accepted [MERGE.1]. The coalition of lowest rank that has not been tried with all
 * others is tried with them by rank; the first merge that is accepted is made, and the merged coalition is new.
 * A pair that was refused is not tried again until one of the two changes [MERGE.5].
 */
function* mergePairs(search: Search): Part<void> {
  const { state } = search;
  while (state.ended === null) {
    const coalition = state.live.find(({ triedAt }) => triedAt === Infinity);
    if (coalition === undefined) return;
    const partner = state.live.find(
      (other) => other !== coalition && !wasTriedWith(other, coalition) && accepts(search, coalition, other),
    );
    if (partner === undefined) {
      coalition.triedAt = state.tick();
      yield* say(state, null);
    } else {
      const merged = mergeAscending(coalition.members, partner.members);
      yield* say(state, state.apply("merge", [coalition, partner], [merged]));
    }
  }
}

/** Whether `other` has been tried with all there were when `coalition` was there. */
function wasTriedWith(other: LiveCoalition, coalition: LiveCoalition): boolean {
  return other.triedAt !== Infinity && other.triedAt > coalition.bornAt;
}

function accepts(search: Search, a: LiveCoalition, b: LiveCoalition): boolean {
  if (!search.prospects.compatible(a.members, b.members)) return false;
  const { state, settings } = search;
  const members = mergeAscending(a.members, b.members);
  search.evaluations += 1;
  return acceptanceOf(state.game, members, state.utilities, settings.tolerance) === 2;
}

/** Splits by rank until none is accepted [SPLIT.1]; whether there was one. */
function* splitCoalitions(search: Search): Part<boolean> {
  const { state, settings, ranks } = search;
  let changed = false;
  while (state.ended === null) {
    const coalition = state.live.find(({ unsplittable }) => !unsplittable);
    if (coalition === undefined) return changed;
    const split = findSplit({
      game: state.game,
      ordered: [...coalition.members].sort((a, b) => (ranks[a] as number) - (ranks[b] as number)),
      before: state.utilities,
      parts: settings.splitParts,
      limit: settings.evaluationLimit,
      tolerance: settings.tolerance,
    });
    search.evaluations += split.evaluations;
    if (split.parts === null) {
      coalition.unsplittable = true;
      yield* say(state, null);
    } else {
      changed = true;
      yield* say(state, state.apply("split", [coalition], split.parts));
    }
  }
  return changed;
}

/** One merge of three or more coalitions [MERGE.2], narrow ones first, of equal width by rank; whether there was one. */
function* mergeWide(search: Search): Part<boolean> {
  const { state, settings } = search;
  if (settings.mergeWidth < 3) return false;
  const grown = growSets({
    game: state.game,
    coalitions: state.live.map(({ members }) => members),
    accepts: (members) => acceptanceOf(state.game, members, state.utilities, settings.tolerance) === 2,
    couldAccept: (members, ceilings) => acceptance(members, ceilings, state.utilities, 0) !== 0,
    fromWidth: 3,
    toWidth: settings.mergeWidth,
    limit: settings.evaluationLimit,
  });
  search.evaluations += grown.evaluations;
  if (grown.found === null) return false;
  const from = grown.found.map((index) => state.live[index] as LiveCoalition);
  const merged = from.flatMap(({ members }) => members).sort((a, b) => a - b);
  yield* say(state, state.apply("merge", from, [merged]));
  return true;
}

/** The coalition whose utilities sum to most; of equal ones that of the smallest first member [FORM.3]. */
function bestCoalition(game: CoalitionGame, partition: readonly Coalition[]): Formation["best"] {
  let best: Formation["best"] | undefined;
  for (const members of partition) {
    const utility = [...game.utilities(members)].reduce((sum, value) => sum + value, 0);
    if (best === undefined || utility > best.utility) best = { members, utility };
  }
  return best as Formation["best"];
}
