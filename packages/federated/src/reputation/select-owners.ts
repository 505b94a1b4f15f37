import { invalidInput, type Random } from "@sheaf/base";

export interface Candidate {
  readonly id: string;
  readonly trust: number;
  readonly uncertainty: number;
}

export interface SelectionOptions {
  readonly count: number;
  /** Share of the places given to candidates of whom little is known, 0..1; rounded up to whole places. */
  readonly exploration: number;
  /** Candidates trusted less are never chosen. 0 unless given. */
  readonly minimumTrust?: number;
}

export interface Selection {
  /** Ids chosen, by trust first, then by exploration. */
  readonly chosen: readonly string[];
  /** Those of them chosen by exploration. */
  readonly explored: readonly string[];
}

/**
 * At most `count` candidates, the same for the same state of `random` [REPUTATION.7]: most places to the most
 * trusted (equal ones in random order), the rest drawn from the others with a chance in proportion to
 * uncertainty * trust, so that newcomers get in and the known bad do not.
 */
export function selectOwners(
  candidates: readonly Candidate[],
  options: SelectionOptions,
  random: Random,
): Selection {
  const { count, exploration, minimumTrust = 0 } = options;
  if (!(Number.isInteger(count) && count >= 0)) throw invalidInput("count", `${count} is no count`);
  if (!(exploration >= 0 && exploration <= 1))
    throw invalidInput("exploration", `${exploration} is no share`);
  const ranked = random
    .shuffle(candidates)
    .filter(({ trust }) => trust >= minimumTrust)
    .sort((a, b) => b.trust - a.trust);
  const places = Math.min(count, ranked.length);
  const open = Math.min(places, Math.ceil(count * exploration - 1e-9));
  const trusted = ranked.slice(0, places - open).map(({ id }) => id);
  const others = ranked.slice(places - open);
  const explored: string[] = [];
  while (explored.length < open) explored.push(draw(others, random).id);
  return { chosen: [...trusted, ...explored], explored };
}

/** Takes one candidate out of the list. */
function draw(candidates: Candidate[], random: Random): Candidate {
  const weights = candidates.map(({ uncertainty, trust }) => uncertainty * trust);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let point = random.float() * total;
  let index = weights.findIndex((weight) => {
    point -= weight;
    return point < 0;
  });
  if (index < 0) index = candidates.length - 1;
  return candidates.splice(index, 1)[0] as Candidate;
}
