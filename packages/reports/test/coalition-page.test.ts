import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type CoalitionOptions, syntheticCoalition } from "../../measure/test/support/synthetic-coalition.ts";
import { runFiles, writeCoalition } from "../src/index.ts";
import { launchBrowser } from "./support/browser.ts";
import {
  canvasColors,
  fontStates,
  type Look,
  lowContrast,
  overflow,
  type Visit,
  visitPage,
} from "./support/visit-page.ts";

/** The runs that a report must look good for. */
const kinds = {
  plain: {},
  table: { kind: "table", miners: 5, epochs: 0, seeds: 0, dhp: "unstable" },
  biased: { biased: true, miners: 6, seeds: 2 },
  large: { miners: 200, epochs: 0, seeds: 0, dhp: "not-refuted" },
} satisfies Record<string, Partial<CoalitionOptions>>;
type Kind = keyof typeof kinds;
const names = Object.keys(kinds) as Kind[];

vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sheaf-coalition-pages-"));
  for (const name of names) await writeCoalition(join(dir, name), syntheticCoalition(kinds[name]));
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true });
});

const visit = (kind: Kind, look: Look, inspect: (visit: Visit) => Promise<void>): Promise<void> =>
  visitPage(browser, join(dir, kind, runFiles.page), { ...look, name: `coalition-${kind}` }, inspect);

const looks = names.flatMap((kind) => [
  { kind, width: 1280, colorScheme: "light" } as const,
  { kind, width: 400, colorScheme: "dark" } as const,
]);

/** How many forms of each picture stick out of it. */
const strayForms = `[...document.querySelectorAll("figure.picture svg")].map((svg) => {
  const frame = svg.getBoundingClientRect();
  return [...svg.children].filter((form) => {
    const box = form.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).length;
})`;

describe("the page of a coalition run", () => {
  it.each(looks)("$kind is whole at $width px, $colorScheme", async ({ kind, ...look }) => {
    await visit(kind, look, async ({ page, complaints, requests }) => {
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
      expect(await page.evaluate(fontStates)).toEqual(["loaded"]);
      expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
      const colors = (await page.evaluate(canvasColors)) as number[];
      expect(colors.length).toBeGreaterThanOrEqual(kind === "table" ? 0 : 2);
      expect(Math.min(9, ...colors)).toBeGreaterThan(8);
      expect(await page.evaluate(strayForms)).toEqual([0, 0]);
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

  it("[CRECORD.9] gives the intervals of a chart in its table", async () => {
    await visit("plain", { width: 1280, colorScheme: "light" }, async ({ page }) => {
      await page.click("details[data-chart=gain-by-method] summary");
      const rows = page.locator("details[data-chart=gain-by-method] tbody tr");
      await rows.first().waitFor();
      expect(await rows.first().textContent()).toMatch(/merge and split[\d.]+ \([\d.]+ to [\d.]+\)/);
    });
  });

  it("stays small", async () => {
    for (const name of names) {
      expect((await stat(join(dir, name, runFiles.page))).size, name).toBeLessThan(800_000);
    }
  });
});
