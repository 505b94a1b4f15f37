import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { runFiles } from "../../src/index.ts";
import { launchBrowser } from "./browser.ts";
import {
  canvasColors,
  fontStates,
  type Look,
  lowContrast,
  overflow,
  type Visit,
  visitPage,
} from "./visit-page.ts";

/** The pages of some runs, open to a browser while the tests of a file run. */
export interface ReportPages<Kind extends string> {
  visit(kind: Kind, look: Look, inspect: (visit: Visit) => Promise<void>): Promise<void>;
  /** The largest page, bytes. */
  largest(): Promise<number>;
}

/** Writes a folder for each kind of run before the tests, and deletes them after. `title` names their photographs. */
export function openReportPages<Kind extends string>(
  title: string,
  kinds: readonly Kind[],
  write: (folder: string, kind: Kind) => Promise<unknown>,
): ReportPages<Kind> {
  vi.setConfig({ testTimeout: 60_000 });
  let browser: Browser;
  let dir: string;
  const file = (kind: Kind): string => join(dir, kind, runFiles.page);
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), `sheaf-${title}-pages-`));
    for (const kind of kinds) await write(join(dir, kind), kind);
    browser = await launchBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await rm(dir, { recursive: true });
  });
  return {
    visit: (kind, look, inspect) =>
      visitPage(browser, file(kind), { ...look, name: `${title}-${kind}` }, inspect),
    async largest() {
      const sizes = await Promise.all(kinds.map(async (kind) => (await stat(file(kind))).size));
      return Math.max(...sizes);
    },
  };
}

/** One file without complaints that fits its window, in its own font, with at least so many charts, none empty. */
export async function expectWhole({ page, complaints, requests }: Visit, charts: number): Promise<void> {
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
  expect(requests.filter((url) => url.startsWith("file:"))).toHaveLength(1);
  expect(await page.evaluate(fontStates)).toEqual(["loaded"]);
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  const colors = (await page.evaluate(canvasColors)) as number[];
  expect(colors.length).toBeGreaterThanOrEqual(charts);
  expect(Math.min(9, ...colors)).toBeGreaterThan(8);
}

/** One h1, headings in order, a name for every picture, and enough contrast, in both themes. */
export async function expectReadable<Kind extends string>(
  pages: ReportPages<Kind>,
  kind: Kind,
): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await pages.visit(kind, { width: 1280, colorScheme }, async ({ page }) => {
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
}

/** The rows of a chart's table, once the reader has opened it. */
export async function rowsOfChart(page: Page, chart: string) {
  await page.click(`details[data-chart=${chart}] summary`);
  const rows = page.locator(`details[data-chart=${chart}] tbody tr`);
  await rows.first().waitFor();
  return rows;
}
