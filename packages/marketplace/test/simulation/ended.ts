import { expect } from "vitest";
import type { AgentEvent } from "../../src/agents/events.ts";
import type { JobFacts } from "../../src/agents/view/market-view.ts";
import type { Address, LicenceRole } from "../../src/chain/types.ts";
import { checkMarket, viewOf } from "./check-market.ts";
import { chainEvents, only } from "./check-money.ts";
import { type Actor, type Played, playMarket, type Weakness } from "./market.ts";
import type { Mode } from "./orders.ts";
import { calmProfile, type Fault, type Profile } from "./profile.ts";
import type { CrashPlan } from "./sim-host.ts";
import type { TrickName } from "./tricks.ts";

/** A market that was played and in which nothing happened that must not. */
export interface Ended extends Played {
  readonly job: JobFacts;
}

/** Plays a market in a mode with these faults, and checks it. */
export async function play(
  mode: Mode,
  faults: readonly Fault[],
  change: Partial<Profile> = {},
  weaken: Weakness = {},
): Promise<Ended> {
  const played = await playMarket({ ...calmProfile(`scenario ${mode}`, mode), faults, ...change }, weaken);
  expect(await checkMarket(played)).toEqual([]);
  return { ...played, job: jobOf(played) };
}

export function jobOf(played: Played): JobFacts {
  const job = viewOf(played).jobs.get(1n);
  if (job === undefined) throw new TypeError("nothing was requested");
  return job;
}

export function actorOf({ cast }: Played, role: LicenceRole, index: number): Actor {
  const actor = cast.find((each) => each.role === role && each.index === index);
  if (actor === undefined) throw new TypeError(`there is no ${role} ${index}`);
  return actor;
}

export const addressOf = (played: Played, role: LicenceRole, index: number): Address =>
  actorOf(played, role, index).host.address;

/** What an account was credited for a kind of work, in wei. */
export function earned(
  played: Played,
  account: Address,
  kind: "owner" | "analyst" | "refund" | "bond",
): bigint {
  return only(chainEvents(played), "credited")
    .filter((event) => event.account === account && event.kind === kind)
    .reduce((sum, { amount }) => sum + amount, 0n);
}

export function records<K extends AgentEvent["kind"]>(
  { witness }: Played,
  kind: K,
): (Extract<AgentEvent, { readonly kind: K }> & { readonly by: Address })[] {
  return witness.events.flatMap(({ by, event }) =>
    event.kind === kind ? [{ ...(event as Extract<AgentEvent, { readonly kind: K }>), by }] : [],
  );
}

export const trick = (role: LicenceRole, index: number, name: TrickName): Fault => ({
  kind: "trick",
  role,
  index,
  trick: name,
});

export const crash = (role: LicenceRole, index: number, plan: CrashPlan): Fault => ({
  kind: "crash",
  role,
  index,
  plan,
});
