import { invalidInput } from "@sheaf/base";
import { type Coalition, type CoalitionGame, utilityLimit } from "../game/coalition-game.ts";
import { createCeilings, type SensingParts } from "./ceilings.ts";
import { createCoverage } from "./coverage.ts";
import { distanceKm, parseScenario, type Scenario } from "./scenario.ts";
import { selectWorkers } from "./select-workers.ts";

/** What a coalition is worth and what each of its members gets, in the terms of the paper's equation (1). */
export interface SensingTerms {
  /** V(S) [VALUE.2]. */
  readonly value: number;
  /** P(S): expected share of R that the coalition wins in an epoch [VALUE.3]. */
  readonly awardProbability: number;
  /** T_m, the same for every member: seconds an epoch [VALUE.6]. */
  readonly sensingSeconds: number;
  /** Aligned with the members. */
  readonly members: readonly {
    readonly player: number;
    /** P_m [VALUE.4]. */
    readonly awardProbability: number;
    /** C_m: tokens an epoch [VALUE.5]. */
    readonly communicationTokens: number;
    /** xi_m T_m: tokens an epoch. */
    readonly sensingTokens: number;
    /** u_m = P_m R - C_m - xi_m T_m: tokens an epoch [VALUE.7]. */
    readonly utility: number;
  }[];
}

export interface SensingGame extends CoalitionGame {
  readonly scenario: Scenario;
  /** W_m for each player: indices into `scenario.workers`, ascending [VALUE.1]. */
  readonly selections: readonly (readonly number[])[];
  /** v_m for each player: expected good samples an epoch [VALUE.2]. */
  readonly ownValues: readonly number[];
  /** V* [VALUE.3]. */
  readonly normaliser: number;
  /** The parts of the members' utilities; `members` ascending. */
  terms(members: Coalition): SensingTerms;
}

/**
 * The reference model of the game [VALUE.7]. `INVALID_INPUT` for what `parseScenario` refuses, a miner without a
 * worker in reach, workers that together have no expected good sample, and what makes values overflow or utilities
 * be beyond `utilityLimit`.
 */
export function createSensingGame(input: Scenario, at = "scenario"): SensingGame {
  const scenario = parseScenario(input, at);
  const { synergy, miners, workers } = scenario;
  const selections = selectWorkers(scenario, at);
  const coverage = createCoverage(workers, selections);
  const own = Float64Array.from(miners, (_, player) => coverage.of([player]).samples);
  const normaliser = valueBound(own, synergy);
  if (!(normaliser > 0)) {
    throw invalidInput(`${at} workers`, "have no expected good sample", "give some samples and reputation");
  }
  if (!Number.isFinite(normaliser)) throw invalidInput(`${at} synergy`, "makes values overflow", "lower it");
  checkUtilities(scenario, at);
  const parts: SensingParts = { scenario, own, normaliser, coverage };
  return {
    players: miners.length,
    names: miners.map((miner) => miner.id),
    scenario,
    selections,
    ownValues: [...own],
    normaliser,
    ...createAccounts(parts),
    ceilings: createCeilings(parts),
  };
}

/** Refuses what could take a member of some coalition beyond `utilityLimit`, by the part of its utility that does. */
function checkUtilities(scenario: Scenario, at: string): void {
  const { miners, workers, rewardTokens, linkTokens, kilometreTokens } = scenario;
  const links = miners.length - 1;
  const region = { xKm: extent(miners.map(({ xKm }) => xKm)), yKm: extent(miners.map(({ yKm }) => yKm)) };
  const farthestKm = distanceKm({ xKm: 0, yKm: 0 }, region);
  const dearest = miners.reduce((most, { tokensPerSecond }) => Math.max(most, tokensPerSecond), 0);
  const seconds = workers.reduce((sum, { sensingSeconds }) => sum + sensingSeconds, 0);
  const parts: readonly (readonly [field: string, tokens: number])[] = [
    ["rewardTokens", rewardTokens],
    ["linkTokens", linkTokens * links],
    ["kilometreTokens", kilometreTokens * links * farthestKm],
    ["miners tokensPerSecond", dearest * seconds],
  ];
  for (const [field, tokens] of parts) {
    if (tokens <= utilityLimit / parts.length) continue; // Not where kilometres overflow and cost nothing: NaN.
    throw invalidInput(`${at} ${field}`, `takes utilities beyond ${utilityLimit} tokens`, "choose less");
  }
}

function extent(values: readonly number[]): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most - least;
}

/** Utilities, and what they are made of. */
function createAccounts(
  parts: SensingParts,
): Pick<SensingGame, "utilities" | "utilitiesUnlessWorse" | "terms"> {
  const { scenario, own, normaliser, coverage } = parts;
  const { rewardTokens, synergy } = scenario;
  const xi = Float64Array.from(scenario.miners, (miner) => miner.tokensPerSecond);
  const communication = createLinkCosts(scenario);
  const proportional = scenario.split === "proportional";

  /** P_m / P(S) [VALUE.4]; nothing for anybody where nobody has data. */
  function share(player: number, size: number, ownSum: number): number {
    if (!proportional) return 1 / size;
    return ownSum > 0 ? (own[player] as number) / ownSum : 0;
  }

  function account(members: Coalition) {
    const { samples, seconds } = coverage.of(members);
    const value = samples ** synergy;
    let ownSum = 0;
    for (let i = 0; i < members.length; i++) ownSum += own[members[i] as number] as number;
    return { value, awardProbability: value / normaliser, sensingSeconds: seconds / members.length, ownSum };
  }

  function utilitiesUnlessWorse(members: Coalition, least: ArrayLike<number> | null): Float64Array | null {
    const { awardProbability, sensingSeconds, ownSum } = account(members);
    const out = new Float64Array(members.length);
    for (let i = 0; i < members.length; i++) {
      const player = members[i] as number;
      const reward = awardProbability * share(player, members.length, ownSum) * rewardTokens;
      const utility = reward - communication(members, i) - (xi[player] as number) * sensingSeconds;
      if (least !== null && utility < (least[player] as number)) return null;
      out[i] = utility;
    }
    return out;
  }

  const utilities = (members: Coalition): Float64Array => utilitiesUnlessWorse(members, null) as Float64Array;

  function terms(members: Coalition): SensingTerms {
    const { value, awardProbability, sensingSeconds, ownSum } = account(members);
    const all = utilities(members);
    return {
      value,
      awardProbability,
      sensingSeconds,
      members: members.map((player, i) => ({
        player,
        awardProbability: awardProbability * share(player, members.length, ownSum),
        communicationTokens: communication(members, i),
        sensingTokens: (xi[player] as number) * sensingSeconds,
        utility: all[i] as number,
      })),
    };
  }

  return { utilities, utilitiesUnlessWorse, terms };
}

/** C_m of the member at an index [VALUE.5]: a link to each other member, and the kilometres to it. */
function createLinkCosts({ miners, linkTokens, kilometreTokens }: Scenario) {
  const x = Float64Array.from(miners, (miner) => miner.xKm);
  const y = Float64Array.from(miners, (miner) => miner.yKm);
  return (members: Coalition, index: number): number => {
    const self = members[index] as number;
    let km = 0;
    for (let i = 0; i < members.length; i++) {
      const other = members[i] as number;
      const dx = (x[other] as number) - (x[self] as number);
      const dy = (y[other] as number) - (y[self] as number);
      km += Math.sqrt(dx * dx + dy * dy);
    }
    return linkTokens * (members.length - 1) + kilometreTokens * km;
  };
}

/**
 * V* = max((sum of v_m)^beta, sum of v_m^beta): at least the sum of V over the coalitions of any partition,
 * because V is superadditive for beta >= 1 and subadditive below [VALUE.3].
 */
function valueBound(own: Float64Array, synergy: number): number {
  let sum = 0;
  let powers = 0;
  for (const value of own) {
    sum += value;
    powers += value ** synergy;
  }
  return Math.max(sum ** synergy, powers);
}
