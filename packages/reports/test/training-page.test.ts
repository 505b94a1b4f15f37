import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { syntheticTraining, type TrainingOptions } from "../../measure/test/support/synthetic-training.ts";
import { runFiles, writeTraining } from "../src/index.ts";
import { launchBrowser } from "./support/browser.ts";
import {
  canvasColors,
  type Look,
  lowContrast,
  overflow,
  type Visit,
  visitPage,
} from "./support/visit-page.ts";

/** The trainings that a report must look good for. */
const kinds = {
  plain: {},
  "secagg-dp": { mode: "secagg+dp", dropouts: 0.1, attackers: 0, groupSize: 0 },
  regression: { mode: "paillier", task: "regression", owners: 6, rounds: 6, attackers: 1, parameters: 300 },
  several: { jobs: 3, mode: "dp", noise: "central", rounds: 8, owners: 10, attackers: 2 },
  refunded: { outcome: "refunded", baselines: false, attackers: 0, owners: 4 },
  stopped: { outcome: "partly-settled", rounds: 1, mode: "none", owners: 5 },
  large: { owners: 100, rounds: 60, attackers: 10, groupSize: 10 },
} satisfies Record<string, Partial<TrainingOptions>>;
type Kind = keyof typeof kinds;
const names = Object.keys(kinds) as Kind[];

vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sheaf-training-pages-"));
  for (const name of names) await writeTraining(join(dir, name), syntheticTraining(kinds[name]));
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true });
});

const visit = (kind: Kind, look: Look, inspect: (visit: Visit) => Promise<void>): Promise<void> =>
  visitPage(browser, join(dir, kind, runFiles.page), { ...look, name: `training-${kind}` }, inspect);

const looks = names.flatMap((kind) => [
  { kind, width: 1280, colorScheme: "light" } as const,
  { kind, width: 390, colorScheme: "dark" } as const,
  ...(kind === "plain"
    ? ([
        { kind, width: 1280, colorScheme: "dark" },
        { kind, width: 390, colorScheme: "light" },
      ] as const)
    : []),
]);

describe("the page of a training", () => {
  it.each(looks)("$kind is whole at $width px, $colorScheme", async ({ kind, ...look }) => {
    await visit(kind, look, async ({ page, complaints, requests }) => {
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
      expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
      const colors = (await page.evaluate(canvasColors)) as number[];
      expect(colors.length).toBeGreaterThanOrEqual(kind === "refunded" ? 0 : 7);
      expect(Math.min(9, ...colors)).toBeGreaterThan(8);
    });
  });

  it("has one h1, headings in order, a name for every picture, and enough contrast in both themes", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await visit("plain", { width: 1280, colorScheme }, async ({ page }) => {
        const levels = (await page.evaluate(
          `[...document.querySelectorAll("h1,h2,h3")].map((heading) => Number(heading.tagName[1]))`,
        )) as number[];
        expect(levels.filter((level) => level === 1)).toHaveLength(1);
        expect(levels.every((level, i) => level <= (levels[i - 1] ?? 0) + 1)).toBe(true);
        const unnamed = await page.evaluate(
          `[...document.querySelectorAll("canvas,[role=img],[role=region]")].filter((e) => !e.getAttribute("aria-label")).length`,
        );
        expect(unnamed).toBe(0);
        expect(await page.evaluate(lowContrast)).toEqual([]);
      });
    }
  });

  it("names owners in a chart's table, not their places", async () => {
    await visit("plain", { width: 1280, colorScheme: "light" }, async ({ page }) => {
      await page.click("details[data-chart=paid] summary");
      const rows = page.locator("details[data-chart=paid] tbody tr");
      await rows.first().waitFor();
      expect(await rows.first().textContent()).toContain("owner-1");
      expect(await rows.count()).toBe(20);
    });
  });

  it("stays small", async () => {
    for (const name of names) {
      expect((await stat(join(dir, name, runFiles.page))).size, name).toBeLessThan(800_000);
    }
  });
});
