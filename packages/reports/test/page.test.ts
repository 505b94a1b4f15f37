import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runFiles, writeRun } from "../src/index.ts";
import { launchBrowser } from "./support/browser.ts";
import { type RunKind, syntheticRun } from "./support/synthetic-run.ts";
import {
  canvasColors,
  type Look,
  lowContrast,
  overflow,
  type Visit,
  visitPage,
} from "./support/visit-page.ts";

const kinds: readonly RunKind[] = [
  "comparison",
  "single",
  "faulty",
  "repeated",
  "short",
  "empty",
  "candidates",
  "open-loop",
  "external",
];
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sheaf-pages-"));
  for (const kind of kinds) {
    const { record, data } = syntheticRun(kind);
    await writeRun(join(dir, kind), record, data);
  }
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true });
});

const visit = (kind: RunKind, look: Look, inspect: (visit: Visit) => Promise<void>): Promise<void> =>
  visitPage(browser, join(dir, kind, runFiles.page), { ...look, name: kind }, inspect);

const looks = kinds.flatMap((kind) => [
  { kind, width: 1280, colorScheme: kind === "empty" ? "dark" : "light" } as const,
  { kind, width: 390, colorScheme: "dark" } as const,
  ...(kind === "comparison" || kind === "faulty"
    ? ([
        { kind, width: 1280, colorScheme: "dark" },
        { kind, width: 320, colorScheme: "light" },
      ] as const)
    : []),
]);

describe("the page of a run", () => {
  it.each(looks)("of the kind $kind is whole at $width px, $colorScheme", async ({ kind, ...look }) => {
    await visit(kind, look, async ({ page, complaints, requests }) => {
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
      expect(requests.filter((url) => url.startsWith("file:"))).toHaveLength(1);
      expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
      const colors = (await page.evaluate(canvasColors)) as number[];
      expect(colors.length).toBeGreaterThanOrEqual(kind === "empty" ? 3 : kind === "external" ? 5 : 6);
      expect(Math.min(...colors)).toBeGreaterThan(8);
    });
  });
});

describe("the page", () => {
  it("is dark or light as the system wants, until the reader chooses, and remembers the choice", async () => {
    const ground = "getComputedStyle(document.body).backgroundColor";
    await visit("comparison", { width: 1280, colorScheme: "dark" }, async ({ page }) => {
      expect(await page.evaluate(ground)).toBe("rgb(15, 18, 22)");
      await page.click("#theme-toggle");
      expect(await page.evaluate(ground)).toBe("rgb(246, 247, 248)");
      await page.reload();
      expect(await page.evaluate(ground)).toBe("rgb(246, 247, 248)");
    });
  });

  it("gives each chart's data as a table", async () => {
    await visit("comparison", { width: 1280, colorScheme: "light" }, async ({ page }) => {
      await page.click("details[data-chart=throughput-multi] summary");
      const rows = page.locator("details[data-chart=throughput-multi] tbody tr");
      await rows.first().waitFor();
      expect(await rows.count()).toBeGreaterThan(15);
      expect(await rows.first().textContent()).toContain("sub-chain-0");
    });
  });

  it("has one h1, headings in order, a name for every picture, and enough contrast in both themes", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await visit("faulty", { width: 1280, colorScheme }, async ({ page }) => {
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

  it("stays small", async () => {
    for (const kind of kinds) {
      expect((await stat(join(dir, kind, runFiles.page))).size).toBeLessThan(600_000);
    }
  });
});
