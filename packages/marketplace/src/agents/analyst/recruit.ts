import { bytesToHex, createRandom } from "@sheaf/base";
import { reputationsOf, selectOwners } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { isAsked, record, transactOnce } from "../effects.ts";
import { also, andThen, stay, type Turn } from "../turn.ts";
import { ratingRows } from "../view/ratings.ts";
import { giveUp } from "./give-up.ts";
import { type AnalystContext, type AnalystJob, holdsJob } from "./state.ts";

/** Invites licensed owners and selects among those that join [ANALYST.2]; with too few it gives the job up [ANALYST.12]. */
export function recruit(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts } = context;
  if (facts.state !== "recruiting" || !holdsJob(context)) return stay(job);
  if (facts.invited.length === 0) return invite(context, job);
  const answered = facts.joined.length + facts.declined.length >= facts.invited.length;
  if ((!answered && !job.recruited) || isAsked(job, "select")) return stay(job);
  if (facts.joined.length < facts.terms.minOwners) return giveUp(context, job, "TOO_FEW_JOINED");
  return select(context, job);
}

interface Candidate {
  readonly id: Address;
  readonly trust: number;
  readonly uncertainty: number;
}

/** What this analyst thinks of owners: by its own experience and others' ratings. */
function candidates({ options, view }: AnalystContext, owners: Iterable<Address>): Candidate[] {
  const { reputation } = options.policy;
  const params = Object.fromEntries(Object.entries(reputation).filter(([, value]) => value !== undefined));
  const known = reputationsOf(ratingRows(view), { ...params, viewer: options.ports.self });
  const stranger = { trust: reputation.base ?? 0.5, uncertainty: 1 };
  return [...owners].map((id) => {
    const { trust, uncertainty } = known.get(id) ?? stranger;
    return { id, trust, uncertainty };
  });
}

/** The most trusted first; all of them in most consortia. */
function invite(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts, options, view } = context;
  const { maxInvitations } = options.policy;
  const others = [...view.licences.owner].filter(
    (owner) => owner !== facts.consumer && owner !== options.ports.self,
  );
  const owners = candidates(context, others)
    .sort((a, b) => b.trust - a.trust || (a.id < b.id ? -1 : 1))
    .slice(0, maxInvitations)
    .map(({ id }) => id);
  if (owners.length < facts.terms.minOwners)
    return job.recruited ? giveUp(context, job, "TOO_FEW_OWNERS") : stay(job);
  return transactOnce(job, "invite", { method: "invite", job: job.job, owners });
}

/** Until when owners may answer before those that joined are chosen among. */
export function answersUntilMs({ facts, options }: AnalystContext): number {
  return facts.deadlineMs - 1000 * facts.terms.recruitSeconds * (1 - options.policy.recruitShare);
}

/** By reputation, with a share of places for the little known; the order on chain is that of the addresses. */
function select(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts, options, view } = context;
  const { exploration, minimumTrust } = options.policy;
  const joined = facts.joined.filter((owner) => view.licences.owner.has(owner));
  const random = createRandom(bytesToHex(options.ports.entropy(16)));
  const count = facts.terms.maxOwners;
  const { chosen, explored } = selectOwners(
    candidates(context, joined),
    { count, exploration, minimumTrust },
    random,
  );
  if (chosen.length < facts.terms.minOwners) return giveUp(context, job, "TOO_FEW_TRUSTED");
  const owners = ([...chosen] as Address[]).sort();
  const turn = transactOnce(job, "select", { method: "select", job: job.job, owners });
  if (turn[1].length === 0) return turn;
  return andThen(also(turn, chosenFor(job, "TRUST", owners)), (next) =>
    explored.length === 0
      ? stay(next)
      : also(stay(next), chosenFor(job, "EXPLORATION", explored as readonly Address[])),
  );
}

function chosenFor({ job }: AnalystJob, because: string, subjects: readonly Address[]) {
  return record({ kind: "decision", job, what: "select", because, subjects });
}
