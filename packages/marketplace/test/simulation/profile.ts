import { createRandom, type Millis, type Random } from "@sheaf/base";
import type { MemoryBrokerOptions } from "@sheaf/bus";
import type { LicenceRole } from "../../src/chain/types.ts";
import type { JobSpec } from "../../src/job-spec.ts";
import { type Mode, tinySpec } from "./orders.ts";
import type { CrashPlan } from "./sim-host.ts";
import type { TrickName } from "./tricks.ts";

/** One agent of a market, by role and place. */
export interface Role {
  readonly role: LicenceRole;
  readonly index: number;
}

export type Fault =
  | ({ readonly kind: "crash"; readonly plan: CrashPlan } & Role)
  | ({ readonly kind: "trick"; readonly trick: TrickName } & Role)
  | ({ readonly kind: "revoke"; readonly atMs: Millis } & Role)
  | { readonly kind: "outage"; readonly atMs: Millis; readonly forMs: Millis }
  /** Somebody that hears everything sends old frames again, and changed ones. */
  | { readonly kind: "eavesdropper" }
  | { readonly kind: "poor" };

/** Everything about a market that is drawn. The same profile gives the same run. */
export interface Profile {
  readonly seed: string;
  readonly spec: JobSpec;
  readonly owners: number;
  readonly analysts: number;
  /** Analysts without a licence, that try all the same. */
  readonly unlicensed: number;
  readonly jobs: number;
  readonly weather: MemoryBrokerOptions;
  readonly faults: readonly Fault[];
}

/** No fault at all. */
export function calmProfile(seed: string, mode: Mode, change: Partial<Profile> = {}): Profile {
  return {
    seed,
    spec: tinySpec(mode),
    owners: 4,
    analysts: 3,
    unlicensed: 0,
    jobs: 1,
    weather: { latencyMs: 5, jitterMs: 30 },
    faults: [],
    ...change,
  };
}

const MODES: readonly Mode[] = ["none", "secagg", "secagg", "secagg", "dp", "secagg+dp"];

/** A market drawn from a seed: its job, its weather and, mostly, its faults. */
export function drawProfile(seed: string): Profile {
  const random = createRandom(`profile ${seed}`);
  const mode = random.pick(MODES);
  const owners = 3 + random.int(4);
  const analysts = random.pick([1, 1, 2, 3, 4]);
  const profile = {
    seed,
    owners,
    analysts,
    spec: drawSpec(random, mode, owners),
    unlicensed: random.chance(0.2) ? 1 : 0,
    jobs: random.chance(0.2) ? 2 : 1,
    weather: drawWeather(random),
  };
  const count = random.pick([0, 1, 1, 2, 2, 3, 4]);
  const faults = Array.from({ length: count }, () => drawFault(random, owners, analysts));
  return { ...profile, faults };
}

function drawSpec(random: Random, mode: Mode, owners: number): JobSpec {
  const base = tinySpec(mode);
  const rounds = 1 + random.int(3);
  const kind = random.pick(["fedavg", "fedavg", "fedprox", "fedsgd", "fedadam"] as const);
  const grouped = mode === "secagg" && owners >= 6 && random.chance(0.5);
  const quality = random.chance(0.15) ? { minAccuracy: 0.999 } : undefined;
  return tinySpec(mode, {
    seed: `s${random.int(1000)}`,
    training: {
      ...base.training,
      rounds,
      optimiser: { kind },
      ...(random.chance(0.2) && owners > 3 && !grouped ? { cohort: 3 + random.int(owners - 3) } : {}),
    },
    ...(grouped && {
      privacy: { mode, secagg: { threshold: 0.6, neighbours: "all", groupSize: 3, bits: 16, clip: 2 } },
      contribution: { method: "leave-one-out" },
    }),
    ...(mode === "none" && {
      contribution: {
        method: random.pick(["participation", "leave-one-out", "truncated-monte-carlo", "gtg"] as const),
      },
      ...(random.chance(0.3) && { aggregation: { kind: "median" } as const }),
    }),
    ...(quality && { quality }),
  });
}

function drawWeather(random: Random): MemoryBrokerOptions {
  const bad = random.chance(0.4);
  return {
    latencyMs: 5 + random.int(20),
    jitterMs: bad ? random.int(800) : random.int(60),
    loss: bad ? random.float() * 0.15 : 0,
    duplication: bad ? random.float() * 0.2 : 0,
  };
}

function drawFault(random: Random, owners: number, analysts: number): Fault {
  const role = drawRole(random, owners, analysts);
  switch (
    random.pick([
      "crash",
      "crash",
      "crash",
      "crash",
      "trick",
      "trick",
      "revoke",
      "outage",
      "eavesdropper",
      "poor",
    ])
  ) {
    case "trick":
      return drawTrick(random, role);
    case "revoke":
      return { kind: "revoke", atMs: 3_000 + random.int(25_000), ...role };
    case "outage":
      return { kind: "outage", atMs: 2_000 + random.int(20_000), forMs: 500 + random.int(15_000) };
    case "eavesdropper":
      return { kind: "eavesdropper" };
    case "poor":
      return random.chance(0.3) ? { kind: "poor" } : drawTrick(random, role);
    default:
      return { kind: "crash", plan: drawCrash(random, role.role), ...role };
  }
}

const STEPS: Record<LicenceRole, readonly string[]> = {
  owner: [
    "join",
    "round.keys",
    "round.shares",
    "round.masked",
    "round.update",
    "round.confirm",
    "round.unmask",
    "withdraw",
  ],
  analyst: [
    "offer",
    "invite",
    "select",
    "round.announce",
    "openRound",
    "round.adverts",
    "round.shares-for",
    "round.survivors",
    "round.confirmations",
    "round.result",
    "closeRound",
    "deliver",
    "model.deliver",
    "transcript.answer",
    "vote",
  ],
  consumer: ["request", "award", "accept", "dispute", "withdraw"],
};

/** At some input (mostly blocks, about one a second, and messages of a round), or before a step of the role. */
function drawCrash(random: Random, role: LicenceRole): CrashPlan {
  const place = random.chance(0.5)
    ? { input: 2 + random.int(70), outputs: random.int(5) }
    : { before: random.pick(STEPS[role]), nth: 1 + random.int(8) };
  return random.chance(0.5) ? place : { ...place, downMs: 100 + random.exponential(8_000) };
}

function drawRole(random: Random, owners: number, analysts: number): Role {
  const role = random.pick(["owner", "owner", "analyst", "analyst", "analyst", "consumer"] as const);
  return {
    role,
    index:
      role === "owner"
        ? random.int(owners)
        : role === "analyst" && random.chance(0.3)
          ? random.int(analysts)
          : 0,
  };
}

function drawTrick(random: Random, { role, index }: Role): Fault {
  const tricks: Record<LicenceRole, readonly TrickName[]> = {
    owner: [
      "mute-keys",
      "mute-shares",
      "mute-input",
      "mute-confirm",
      "mute-unmask",
      "mangle-input",
      "mangle-all",
      "nan",
      "babble",
    ],
    analyst: [
      "withhold-model",
      "wrong-model",
      "withhold-all",
      "wrong-aggregate",
      "drop-owner",
      "substitute-input",
      "babble",
    ],
    consumer: ["babble"],
  };
  return { kind: "trick", role, index, trick: random.pick(tricks[role]) };
}
