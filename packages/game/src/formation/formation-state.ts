import { type Coalition, type CoalitionGame, type Partition, utilitiesOf } from "../game/coalition-game.ts";
import { deviation } from "../stability/check-dhp.ts";
import type { FormationStep } from "./formation.ts";

/** A coalition of the current partition. */
export interface LiveCoalition {
  readonly members: Coalition;
  /** Lowest rank of a member: its place among the coalitions. */
  readonly rank: number;
  /** When it came, on the clock of `FormationState.tick`. */
  readonly bornAt: number;
  /** When it had been tried with every other coalition there was, `Infinity` before. */
  triedAt: number;
  /** No split is accepted: this stays so, because no utility depends on other coalitions [SPLIT.3]. */
  unsplittable: boolean;
}

export interface FormationState {
  readonly game: CoalitionGame;
  /** Coalitions by rank. */
  readonly live: readonly LiveCoalition[];
  readonly steps: readonly FormationStep[];
  /** Utility of each player now. */
  readonly utilities: Float64Array;
  /** Why the formation is over, or `null`. */
  readonly ended: "step-limit" | "stopped" | null;
  /** Time, one more at every call. */
  tick(): number;
  /** Replaces coalitions, and logs the step. */
  apply(rule: FormationStep["rule"], from: readonly LiveCoalition[], to: readonly Coalition[]): FormationStep;
  /** Ends the formation as it stands. */
  stop(): void;
}

interface StateOptions {
  readonly ranks: Float64Array;
  readonly start: Partition;
  readonly stepLimit: number;
}

/** The partition while it changes. */
export function createFormationState(game: CoalitionGame, options: StateOptions): FormationState {
  const { ranks, start, stepLimit } = options;
  const steps: FormationStep[] = [];
  const utilities = new Float64Array(game.players);
  let time = 0;
  let ended: FormationState["ended"] = null;

  function enter(members: Coalition): LiveCoalition {
    utilitiesOf(game, members).forEach((utility, i) => {
      utilities[members[i] as number] = utility;
    });
    const rank = members.reduce((least, player) => Math.min(least, ranks[player] as number), Infinity);
    return { members, rank, bornAt: ++time, triedAt: Infinity, unsplittable: members.length === 1 };
  }

  const live = start.map(enter).sort((a, b) => a.rank - b.rank);

  return {
    game,
    live,
    steps,
    utilities,
    get ended() {
      return ended;
    },
    tick: () => ++time,
    apply(rule, from, to) {
      const step = deviation(game, rule, byFirst(from.map(({ members }) => members)), to, utilities);
      const logged = { index: steps.length, ...step };
      steps.push(logged);
      for (const coalition of from) live.splice(live.indexOf(coalition), 1);
      live.push(...to.map(enter));
      live.sort((a, b) => a.rank - b.rank);
      if (steps.length >= stepLimit) ended = "step-limit";
      return logged;
    },
    stop() {
      ended ??= "stopped";
    },
  };
}

function byFirst(coalitions: readonly Coalition[]): Coalition[] {
  return [...coalitions].sort((a, b) => (a[0] as number) - (b[0] as number));
}
