import { describe, expect, it } from "vitest";
import { type CoalitionOptions, syntheticCoalition } from "../../measure/test/support/synthetic-coalition.ts";
import { writeCoalition } from "../src/index.ts";
import { expectReadable, expectWhole, openReportPages, rowsOfChart } from "./support/report-pages.ts";

/** The runs that a report must look good for. */
const kinds = {
  plain: {},
  table: { kind: "table", miners: 5, epochs: 0, seeds: 0, dhp: "unstable" },
  biased: { biased: true, miners: 6, seeds: 2 },
  large: { miners: 200, epochs: 0, seeds: 0, dhp: "not-refuted" },
} satisfies Record<string, Partial<CoalitionOptions>>;
const names = Object.keys(kinds) as (keyof typeof kinds)[];

const pages = openReportPages("coalition", names, (folder, kind) =>
  writeCoalition(folder, syntheticCoalition(kinds[kind])),
);

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
    await pages.visit(kind, look, async (visit) => {
      await expectWhole(visit, kind === "table" ? 0 : 2);
      expect(await visit.page.evaluate(strayForms)).toEqual([0, 0]);
    });
  });

  it("has one h1, headings in order, a name for every picture, and enough contrast in both themes", async () => {
    await expectReadable(pages, "plain");
  });

  it("[CRECORD.9] gives the intervals of a chart in its table", async () => {
    await pages.visit("plain", { width: 1280, colorScheme: "light" }, async ({ page }) => {
      const rows = await rowsOfChart(page, "gain-by-method");
      expect(await rows.first().textContent()).toMatch(/merge and split[\d.]+ \([\d.]+ to [\d.]+\)/);
    });
  });

  it("stays small", async () => {
    expect(await pages.largest()).toBeLessThan(800_000);
  });
});
