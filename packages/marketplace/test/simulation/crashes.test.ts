import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import type { LicenceRole } from "../../src/chain/types.ts";
import { checkMarket, viewOf } from "./check-market.ts";
import { crashPoints, onePerInput, playCrash } from "./crash-points.ts";
import { calmProfile } from "./profile.ts";

const every = process.env["SHEAF_EVERY_CRASH"] === "1";
const ROLES: readonly (readonly [LicenceRole, number])[] = [
  ["consumer", 0],
  ["analyst", 0],
  ["owner", 1],
];

/** How a market ended, or what went wrong in it. */
async function endOf(played: Awaited<ReturnType<typeof playCrash>>): Promise<string> {
  const [violation] = await checkMarket(played);
  if (violation !== undefined) return `${violation.kind}: ${violation.detail}`;
  return [...viewOf(played).jobs.values()].map(({ state, outcome }) => `${state} ${outcome}`).join(", ");
}

describe("a crash of one agent at each of its steps", { timeout: 3_600_000 }, () => {
  const profile = calmProfile("crashes", "secagg", { analysts: 2 });
  for (const [role, index] of ROLES) {
    it(`of the ${role}, which comes back: the job is done all the same`, async () => {
      const all = await crashPoints(profile, role, index);
      const points = every ? all : onePerInput(all, createRandom(role));
      expect(points.length).toBeGreaterThan(5);
      const ends: unknown[] = [];
      for (const { input, outputs } of points) {
        const end = await endOf(await playCrash(profile, role, index, { input, outputs, downMs: 1_200 }));
        if (end !== "settled full") ends.push([input, outputs, end]);
      }
      expect(ends).toEqual([]);
    });

    it(`of the ${role}, for good: every job ends, and every wei is where it belongs`, async () => {
      const all = await crashPoints(profile, role, index);
      const points = every ? all : onePerInput(all, createRandom(`${role} for good`));
      const ends: unknown[] = [];
      for (const { input, outputs } of points) {
        const end = await endOf(await playCrash(profile, role, index, { input, outputs }));
        const good =
          role === "owner" ? end === "settled full" : /^$|^settled (full|partial)$|^refunded none$/.test(end);
        if (!good) ends.push([input, outputs, end]);
      }
      expect(ends).toEqual([]);
    });
  }
});
