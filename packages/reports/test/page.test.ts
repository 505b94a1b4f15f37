import { describe, expect, it } from "vitest";
import { writeRun } from "../src/index.ts";
import { expectReadable, expectWhole, openReportPages, rowsOfChart } from "./support/report-pages.ts";
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

const pages = openReportPages("run", kinds, async (folder, kind) => {
  const { record, data } = syntheticRun(kind);
  await writeRun(folder, record, data);
});

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
    const charts = kind === "empty" ? 3 : kind === "external" ? 5 : 6;
    await pages.visit(kind, look, (visit) => expectWhole(visit, charts));
  });
});

describe("the page", () => {
  it("is dark or light as the system wants, until the reader chooses, and remembers the choice", async () => {
    const ground = "getComputedStyle(document.body).backgroundColor";
    await pages.visit("comparison", { width: 1280, colorScheme: "dark" }, async ({ page }) => {
      expect(await page.evaluate(ground)).toBe("rgb(15, 18, 22)");
      await page.click("#theme-toggle");
      expect(await page.evaluate(ground)).toBe("rgb(246, 247, 248)");
      await page.reload();
      expect(await page.evaluate(ground)).toBe("rgb(246, 247, 248)");
    });
  });

  it("gives each chart's data as a table", async () => {
    await pages.visit("comparison", { width: 1280, colorScheme: "light" }, async ({ page }) => {
      const rows = await rowsOfChart(page, "throughput-multi");
      expect(await rows.count()).toBeGreaterThan(15);
      expect(await rows.first().textContent()).toContain("sub-chain-0");
    });
  });

  it("has one h1, headings in order, a name for every picture, and enough contrast in both themes", async () => {
    await expectReadable(pages, "faulty");
  });

  it("stays small", async () => {
    expect(await pages.largest()).toBeLessThan(600_000);
  });
});
