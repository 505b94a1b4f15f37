import { bytesToHex } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import { foldBlock } from "../../src/agents/view/fold-events.ts";
import { emptyView, isOver } from "../../src/agents/view/market-view.ts";
import { chainEvents, checkMoney, only } from "./check-money.ts";
import { checkSecrecy } from "./check-secrecy.ts";
import { checkSums } from "./check-sums.ts";
import type { Played } from "./market.ts";
import type { Violation } from "./violation.ts";

/** Everything that must hold at the end of a market, whatever happened in it. */
export async function checkMarket(played: Played): Promise<Violation[]> {
  return [
    ...played.witness.broken.map((detail): Violation => ({ kind: "defect", detail })),
    ...ended(played),
    ...(await checkMoney(played)),
    ...(await collected(played)),
    ...checkSums(played),
    ...checkSecrecy(played),
    ...asCommitted(played),
    ...just(played),
    ...calm(played),
  ];
}

/** The market as an agent would know it. */
export function viewOf(played: Played) {
  return played.stage.chain.blocks.reduce(
    (view, { number, hash, timestampMs, events }) => foldBlock(view, { number, hash, timestampMs }, events),
    emptyView,
  );
}

function ended(played: Played): Violation[] {
  return [...viewOf(played).jobs.values()]
    .filter((job) => !isOver(job))
    .map(({ job, state }) => ({ kind: "ending", detail: `job ${job} is ${state}` }));
}

/** Nobody that is there leaves money behind. */
async function collected({ stage, cast }: Played): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const { host, role, index } of cast) {
    const credit = await stage.chain.readMarket<bigint>("credit", host.address);
    if (host.alive && credit > 0n)
      found.push({ kind: "uncollected", detail: `${role} ${index} has ${credit} wei` });
  }
  return found;
}

/** Who accepts because the model is the one on chain holds it. */
function asCommitted(played: Played): Violation[] {
  const { jobs } = viewOf(played);
  return played.witness.events.flatMap(({ event }): Violation[] => {
    if (event.kind !== "decision" || event.because !== "AS_COMMITTED") return [];
    const held = played.witness.models.get(event.job.toString());
    const committed = jobs.get(event.job)?.rounds.at(-1)?.nextStateHash;
    if (held !== undefined && bytesToHex(keccak256(held)) === committed) return [];
    return [{ kind: "model", detail: `job ${event.job} was accepted with another model` }];
  });
}

/** A dispute is upheld against a cheat, or one that was not there to answer; never against an honest analyst that was. */
function just({ cast, profile, stage }: Played): Violation[] {
  const events = chainEvents({ stage });
  const wild = profile.faults.some(({ kind }) => kind === "outage") || (profile.weather.loss ?? 0) > 0;
  return only(events, "settled")
    .filter(({ outcome }) => outcome === "upheld")
    .flatMap(({ job }) => {
      const accused = only(events, "disputed")
        .filter((event) => event.job === job)
        .at(-1)?.accused;
      const actor = cast.find(({ host }) => host.address === accused);
      if (actor === undefined || !actor.honest || actor.faults.length > 0 || wild) return [];
      return [{ kind: "justice", detail: `job ${job}: analyst ${actor.index} was found guilty` } as const];
    });
}

/** Without faults and in fair weather every job is done, in all its rounds, by all owners asked. */
function calm(played: Played): Violation[] {
  const { profile } = played;
  if (profile.faults.length > 0 || (profile.weather.loss ?? 0) > 0 || profile.spec.quality !== undefined)
    return [];
  if ((profile.weather.jitterMs ?? 0) > 500) return [];
  return [...viewOf(played).jobs.values()].flatMap((job): Violation[] => {
    const { rounds } = profile.spec.training;
    const whole = job.rounds.every(({ opening, survivorBitmap }) => survivorBitmap === opening.cohortBitmap);
    if (job.outcome === "full" && job.rounds.length === rounds && whole) return [];
    const detail = `job ${job.job}: ${job.state}, ${job.outcome}, ${job.rounds.length} of ${rounds} rounds, ${whole ? "whole" : "with dropouts"}`;
    return [{ kind: "calm", detail }];
  });
}
