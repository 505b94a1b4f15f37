import { invalidInput } from "@sheaf/base";
import { z } from "zod";

const place = { id: z.string(), xKm: z.number(), yKm: z.number() };

/** What the sensing game is made of; [VALUE.1] to [VALUE.7] say what each part does. */
export const scenarioSchema = z.strictObject({
  /** R: tokens an epoch, for the whole network. */
  rewardTokens: z.number().nonnegative(),
  /** beta: above 1 coalitions are worth more than their members' data, below 1 less. */
  synergy: z.number().positive(),
  /** How members share their coalition's award probability. */
  split: z.enum(["proportional", "equal"]),
  /** a: tokens an epoch that each link to another member costs. */
  linkTokens: z.number().nonnegative(),
  /** b: tokens an epoch and kilometre of each such link. */
  kilometreTokens: z.number().nonnegative(),
  /** Most workers that a miner picks. */
  workersPerMiner: z.int().min(1),
  /** A miner picks among workers at most this far away. */
  reachKm: z.number().positive(),
  miners: z
    .array(
      z.strictObject({
        ...place,
        /** xi: what a second of sensing costs this miner. */
        tokensPerSecond: z.number().nonnegative(),
      }),
    )
    .min(1),
  workers: z
    .array(
      z.strictObject({
        ...place,
        /** d: distinct records an epoch. */
        samples: z.number().nonnegative(),
        /** rho, 0 to 1: the share of its samples that is expected to be good. */
        reputation: z.number().min(0).max(1),
        /** tau: seconds an epoch to collect them. */
        sensingSeconds: z.number().nonnegative(),
      }),
    )
    .min(1),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Miner = Scenario["miners"][number];
export type Worker = Scenario["workers"][number];

/** The scenario in `value`; `INVALID_INPUT` names `at` and the field that is wrong, and an id that is there twice. */
export function parseScenario(value: unknown, at: string): Scenario {
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidInput([at, ...(issue?.path ?? [])].join(" "), issue?.message ?? "is not a scenario");
  }
  for (const [kind, list] of [
    ["miners", parsed.data.miners],
    ["workers", parsed.data.workers],
  ] as const) {
    const seen = new Set<string>();
    for (const { id } of list) {
      if (seen.has(id)) throw invalidInput(`${at} ${kind}`, `"${id}" is there twice`, "give each its own id");
      seen.add(id);
    }
  }
  return parsed.data;
}

/** Kilometres between two places in the plane. */
export function distanceKm(
  a: { readonly xKm: number; readonly yKm: number },
  b: { readonly xKm: number; readonly yKm: number },
): number {
  return Math.sqrt((a.xKm - b.xKm) ** 2 + (a.yKm - b.yKm) ** 2);
}
