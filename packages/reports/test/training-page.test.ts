import { describe, expect, it } from "vitest";
import { syntheticTraining, type TrainingOptions } from "../../measure/test/support/synthetic-training.ts";
import { writeTraining } from "../src/index.ts";
import { expectReadable, expectWhole, openReportPages, rowsOfChart } from "./support/report-pages.ts";

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
const names = Object.keys(kinds) as (keyof typeof kinds)[];

const pages = openReportPages("training", names, (folder, kind) =>
  writeTraining(folder, syntheticTraining(kinds[kind])),
);

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
    await pages.visit(kind, look, (visit) => expectWhole(visit, kind === "refunded" ? 0 : 7));
  });

  it("has one h1, headings in order, a name for every picture, and enough contrast in both themes", async () => {
    await expectReadable(pages, "plain");
  });

  it("names owners in a chart's table, not their places", async () => {
    await pages.visit("plain", { width: 1280, colorScheme: "light" }, async ({ page }) => {
      const rows = await rowsOfChart(page, "paid");
      expect(await rows.first().textContent()).toContain("owner-1");
      expect(await rows.count()).toBe(20);
    });
  });

  it("stays small", async () => {
    expect(await pages.largest()).toBeLessThan(800_000);
  });
});
