import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runFiles, writeRun } from "../src/index.ts";
import { launchBrowser } from "./support/browser.ts";
import { type RunKind, syntheticRun } from "./support/synthetic-run.ts";

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
/** With SHEAF_SCREENSHOTS=folder, the pages are photographed for a person to look at. */
const album = process.env["SHEAF_SCREENSHOTS"];

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
  if (album !== undefined) await mkdir(album, { recursive: true });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true });
});

interface Visit {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

async function visit(
  kind: RunKind,
  look: { readonly width: number; readonly colorScheme: "light" | "dark" },
  inspect: (visit: Visit) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.colorScheme,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => message.type() !== "info" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(join(dir, kind, runFiles.page)).href);
  await page.waitForSelector("html[data-charts=drawn]");
  await page.evaluate("document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(done)))");
  if (album !== undefined) {
    await page.screenshot({
      path: join(album, `${kind}-${look.colorScheme}-${look.width}.png`),
      fullPage: true,
    });
  }
  await inspect({ page, complaints, requests });
  await context.close();
}

/** How many different colours each canvas shows: one or two are an empty chart. */
const canvasColors = `[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return seen.size;
})`;

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
      const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
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

/** Texts whose contrast with the ground behind them is below 4.5 (WCAG 2 AA). */
const lowContrast = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const groundOf = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      const [, , , alpha = 1] = parse(color);
      if (alpha === 1 && color.startsWith("rgb")) return parse(color);
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("main *, .topbar *")]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== ""))
    .filter((e) => e.checkVisibility())
    .flatMap((e) => {
      const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(groundOf(e))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return ratio < 4.5 ? [e.textContent.trim().slice(0, 40) + " " + ratio.toFixed(2)] : [];
    });
})()`;
