import type { Random } from "@sheaf/base";
import type { LicenceRole } from "../../src/chain/types.ts";
import { actorOf } from "./ended.ts";
import { type Played, playMarket } from "./market.ts";
import type { Profile } from "./profile.ts";
import type { CrashPlan } from "./sim-host.ts";

/** A place in an agent's life where it may die. */
export interface CrashPoint {
  readonly input: number;
  readonly outputs: number;
}

const NO_EFFECT = new Set(["record", "schedule", "cancel", "audit"]);

/** Every place between two outputs of one agent in a market that nothing disturbs. */
export async function crashPoints(profile: Profile, role: LicenceRole, index: number): Promise<CrashPoint[]> {
  const calm = await playMarket(profile);
  const points: CrashPoint[] = [];
  calm.witness.stepsOf(actorOf(calm, role, index).host.address).forEach((outputs, at) => {
    const idle = outputs.every((name) => NO_EFFECT.has(name));
    outputs.forEach((_, place) => {
      if (!idle) points.push({ input: at + 1, outputs: place });
    });
  });
  return points;
}

/** One of the places of each input. */
export function onePerInput(points: readonly CrashPoint[], random: Random): CrashPoint[] {
  const inputs = [...new Set(points.map(({ input }) => input))];
  return inputs.map((input) => random.pick(points.filter((point) => point.input === input)));
}

/** The market with this one crash in it. */
export function playCrash(
  profile: Profile,
  role: LicenceRole,
  index: number,
  plan: CrashPlan,
): Promise<Played> {
  return playMarket({ ...profile, faults: [...profile.faults, { kind: "crash", role, index, plan }] });
}
