import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  analyseCoalition,
  type CoalitionChain,
  type CoalitionRecord,
  type CoalitionSummary,
  summarizeCoalition,
} from "@sheaf/measure";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type CoalitionOptions, syntheticCoalition } from "../../measure/test/support/synthetic-coalition.ts";
import { answerOf, explanationOf, formedPhrase, meaningOfP } from "../src/coalition-report/answer.ts";
import { renderCoalitionMarkdown } from "../src/coalition-report/coalition-markdown.ts";
import {
  coalitionCharts,
  coalitionPictures,
  renderCoalitionPage,
} from "../src/coalition-report/coalition-page.ts";
import { type CoalitionView, createCoalitionView } from "../src/coalition-report/coalition-view.ts";
import { verdictOf } from "../src/coalition-report/hero.ts";
import { convexHull, hullAround } from "../src/coalition-report/hull.ts";
import { formatGain, formatP, formatUtility } from "../src/coalition-report/utility-format.ts";
import {
  exportCsv,
  type Point,
  renderPicture,
  renderReport,
  runFiles,
  writeCoalition,
} from "../src/index.ts";

vi.setConfig({ testTimeout: 60_000 });

let dir: string;
let summary: CoalitionSummary;
const record = syntheticCoalition({ seeds: 2 });
const chain = record.chain as CoalitionChain;
const read = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
const viewOf = (options: Partial<CoalitionOptions>): CoalitionView =>
  createCoalitionView(syntheticCoalition({ seeds: 0, epochs: 0, ...options }), "reports/r");
const changed = (change: Partial<CoalitionRecord>): CoalitionView =>
  createCoalitionView({ ...record, ...change }, "d");

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sheaf-coalition-"));
  summary = await writeCoalition(dir, record);
}, 60_000);
afterAll(() => rm(dir, { recursive: true }));

describe("a written coalition run", () => {
  it("has its record and everything made from it, and a PNG of every chart and picture of the page", async () => {
    const { record: run, summary: json, markdown, page, charts } = runFiles;
    expect((await readdir(dir)).sort()).toEqual([charts, page, run, json, markdown].sort());
    const html = await read(page);
    const drawn = [...html.matchAll(/canvas data-chart="([^"]+)"/g)].map((m) => `${m[1]}.png`);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.length).toBeGreaterThan(8);
    expect(html.match(/<figure class="chart picture">/g)).toHaveLength(2);
    const pictures = ["partition-before.png", "partition-after.png"];
    expect((await readdir(join(dir, charts))).sort()).toEqual([...drawn, ...pictures].sort());
    const linked = [...(await read(markdown)).matchAll(/\(charts\/([^)]+)\)/g)].map(([, name]) => name);
    expect(linked.sort()).toEqual([...drawn, ...pictures].sort());
  });

  it("[CRECORD.3] returns and stores the object that --json prints, with the whole analysis beside it", async () => {
    expect(summary).toEqual(summarizeCoalition(record, dir));
    const { detail, ...stored } = JSON.parse(await read(runFiles.summary)) as CoalitionSummary & {
      detail: object;
    };
    expect(stored).toEqual(summary);
    expect(Object.keys(detail)).toEqual(Object.keys(analyseCoalition(record)));
  });

  it("is made again from the folder alone, byte for byte, by the same call as every run", async () => {
    const files = [
      runFiles.summary,
      runFiles.markdown,
      runFiles.page,
      "charts/gains.png",
      "charts/partition-after.png",
    ];
    const before = await Promise.all(files.map((name) => readFile(join(dir, name))));
    await rm(join(dir, runFiles.charts), { recursive: true });
    expect(await renderReport(dir)).toEqual(summary);
    const after = await Promise.all(files.map((name) => readFile(join(dir, name))));
    for (const [i, content] of after.entries())
      expect(content.equals(before[i] as Buffer), files[i]).toBe(true);
  });

  it("[CRECORD.1] with a record that does not fit is refused, and the field is named", async () => {
    const other = await mkdtemp(join(tmpdir(), "sheaf-coalition-broken-"));
    await writeFile(join(other, runFiles.record), JSON.stringify({ ...record, players: [] }));
    await expect(renderReport(other)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(exportCsv(other)).rejects.toThrow(/run\.json: players/);
    await rm(other, { recursive: true });
  });

  it("exports its steps as CSV, one line for each player concerned", async () => {
    const lines = (await readFile(await exportCsv(dir), "utf8")).trimEnd().split("\n");
    const { steps } = record.formation;
    const concerned = steps.flatMap((step, i) => step.players.map((player, at) => ({ step, i, player, at })));
    expect(lines).toHaveLength(1 + concerned.length);
    const heads = lines[0]?.split(",") ?? [];
    for (const [row, { step, i, player, at }] of concerned.entries()) {
      const cells = lines[row + 1]?.split(",") ?? [];
      expect(cells).toHaveLength(heads.length);
      expect(cells.slice(0, 2)).toEqual([String(i + 1), step.kind]);
      expect(cells[heads.indexOf("player")]).toBe(record.players[player]?.id);
      expect(cells[heads.indexOf("utility_after")]).toBe(String(step.utilitiesAfter[at]));
      expect(cells[heads.indexOf("sum_after")]).toBe(String(step.sum));
    }
    await rm(join(dir, runFiles.stepsCsv));
  });

  it("the text has no broken table", async () => {
    const lines = (await read(runFiles.markdown)).split("\n");
    const tables = lines.flatMap((line, i) => (/^\| -/.test(line) ? [i] : []));
    expect(tables.length).toBeGreaterThan(10);
    const cells = (line: string | undefined): number => (line ?? "").replaceAll("\\|", "").split("|").length;
    for (const rule of tables) {
      let row = rule + 1;
      while (lines[row]?.startsWith("|")) expect(cells(lines[row++])).toBe(cells(lines[rule]));
      expect(cells(lines[rule - 1])).toBe(cells(lines[rule]));
      expect(row).toBeGreaterThan(rule + 1);
    }
  });
});

describe("the words of a coalition run's report", () => {
  it("[CRECORD.4] answer in one sentence: how many, how stable, what it brings beside the best", () => {
    expect(answerOf(createCoalitionView(record, "d"))).toMatch(
      /^Twelve miners form four coalitions of 2 to 4 and one stays alone, proven stable against every merge and split, and each gains [\d.]+ tokens an epoch on average, 96\u00a0% of what the best partition would bring\.$/,
    );
    expect(answerOf(viewOf({ dhp: "not-refuted", miners: 20 }))).toMatch(
      /with no merge or split that was tried left to make, and each gains [\d.]+ tokens an epoch on average\.$/,
    );
    expect(answerOf(viewOf({ kind: "table", miners: 5, dhp: "unstable" }))).toBe(
      "Five miners stay alone, not stable, for a merge still applies, and on average nobody gains.",
    );
  });

  it("count coalitions and those who stay alone", () => {
    const sizes = [
      [[[0, 1, 2]], "Three miners form one coalition of all"],
      [[[0], [1, 2]], "Three miners form one coalition of 2 and one stays alone"],
      [
        [
          [0, 1],
          [2, 3],
        ],
        "Four miners form two coalitions of 2",
      ],
      [[[0]], "One miner stays alone"],
    ] as const;
    for (const [partition, phrase] of sizes)
      expect(formedPhrase(partition.flat().length, partition)).toBe(phrase);
  });

  it("[CRECORD.8] show a check that fails as failing, in page and text, and the run as valid all the same", () => {
    const view = createCoalitionView(syntheticCoalition({ biased: true, miners: 6, seeds: 0 }), "d");
    expect(verdictOf(view)).toEqual({ tone: "alert", label: "A check fails" });
    expect(explanationOf(view)).toContain("do not agree with the shares");
    expect(renderCoalitionPage(view)).toContain('<span class="chip alert">Fails</span>');
    const text = renderCoalitionMarkdown(view);
    expect(text).toMatch(/Blocks follow the predicted shares \| Fails/);
    expect(text).toContain("these blocks speak against the prediction");
    expect(text).toContain(": valid; a check fails.");
    expect(verdictOf(viewOf({ dhp: "unstable" })).label).toBe("A check fails");
    expect(verdictOf(viewOf({ dhp: "not-refuted" })).label).toBe("Not all decided");
    expect(verdictOf(viewOf({})).label).toBe("All checks hold");
    expect(verdictOf(changed({ interrupted: true })).label).toBe("Not valid");
  });

  it("[CRECORD.7] show every equation, and a broken one as broken", () => {
    const broken = { ...chain, books: { ...chain.books, withdrawn: "1" } };
    for (const [view, sign] of [
      [createCoalitionView(record, "d"), "="],
      [changed({ chain: broken }), "≠"],
    ] as const) {
      for (const text of [renderCoalitionPage(view), renderCoalitionMarkdown(view)]) {
        expect(text).toMatch(new RegExp(`awarded and paid in as bonds [\\d.,]+ ${sign} owed`));
        expect(text.includes("Value is conserved, to the last unit (in ETH)")).toBe(sign === "=");
        expect(/not valid/i.test(text)).toBe(sign === "≠");
      }
    }
  });

  it("[CRECORD.6] say what p means, and never that it proves", () => {
    expect(meaningOfP(0.4)).toMatch(/40\u00a0% of all such runs.*no reason to doubt.*no proof/);
    expect(meaningOfP(0.004)).toMatch(/0\.4\u00a0% of all such runs.*speak against/);
    expect(meaningOfP(1e-9)).toMatch(/fewer than 1 in 10,000 such runs/);
    expect(meaningOfP(null)).toMatch(/^Too few blocks/);
    expect([0.4, 0.0312, 1e-9].map(formatP)).toEqual([
      "p\u00a0=\u00a00.4",
      "p\u00a0=\u00a00.031",
      "p\u00a0<\u00a00.0001",
    ]);
  });

  it("give the witness against each notion that fails, with utilities", () => {
    const text = renderCoalitionMarkdown(viewOf({ kind: "table", miners: 5, dhp: "unstable" }));
    expect(text).toContain("{a, b, c} instead of {a} {b} {c}: a 0 to 1, b 0 to 1, c 0 to 1");
  });

  it("claim nothing of a chain, of seeds or of the best where there is none", () => {
    const text = renderCoalitionMarkdown(viewOf({ miners: 20 }));
    expect(text).not.toMatch(
      /chi-square,|On a real chain|Over \d+ seeds|of what the best partition would bring/,
    );
    expect(text).toContain("Nothing here was run on a chain");
    expect(text).toContain("How far it is from the best partition is not known");
  });

  it("list who left and who cheated, with the transaction", () => {
    const text = renderCoalitionMarkdown(createCoalitionView(record, "d"));
    for (const { kind, detail } of chain.events)
      expect(text).toMatch(new RegExp(`\\| ${kind} .*${detail.slice(0, 30)}`));
  });

  it("cannot be left by hostile names", () => {
    const attack = '</script><script>alert(1)</script><img src=x onerror="alert(2)">';
    const hostile = JSON.parse(
      JSON.stringify(record).replaceAll('"miner-3"', JSON.stringify(attack)),
    ) as CoalitionRecord;
    const page = renderCoalitionPage(createCoalitionView({ ...hostile, title: attack, claim: attack }, "d"));
    expect(page.match(/<script[ >]/g)).toHaveLength(3);
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    expect(page).not.toContain("<img");
  });
});

describe("the pictures of partitions", () => {
  it("have an outline around each coalition of several that holds its members", () => {
    const view = createCoalitionView(record, "d");
    const [before, after] = coalitionPictures(view);
    const regions = after?.shapes.filter(({ kind }) => kind === "region") ?? [];
    expect(before?.shapes.filter(({ kind }) => kind === "region")).toEqual([]);
    expect(regions).toHaveLength(record.formation.final.filter(({ length }) => length > 1).length);
    expect(after?.shapes.filter(({ kind }) => kind === "disc")).toHaveLength(12 + record.workers.length);
    const links = record.players.reduce((sum, { workers }) => sum + workers.length, 0);
    expect(after?.shapes.filter(({ kind }) => kind === "line")).toHaveLength(links);
  });

  it("are blocks for a game without places, one tile a player", () => {
    const [picture] = coalitionPictures(viewOf({ kind: "table", miners: 60 }));
    expect(picture?.shapes.filter(({ kind }) => kind === "tile")).toHaveLength(60);
  });

  it("are PNGs in which a name and a colour make a difference", () => {
    const [, after] = coalitionPictures(createCoalitionView(record, "d"));
    const spec = after as NonNullable<typeof after>;
    const picture = Buffer.from(renderPicture(spec));
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
    expect(picture.readUInt32BE(16)).toBe(2000);
    expect(picture.equals(renderPicture(spec))).toBe(true);
    const shorter = spec.shapes.slice(0, -1);
    expect(picture.equals(renderPicture({ ...spec, shapes: shorter }))).toBe(false);
    const recolored = spec.shapes.map((shape) =>
      shape.color === "c1" ? { ...shape, color: "c2" as const } : shape,
    );
    expect(picture.equals(renderPicture({ ...spec, shapes: recolored }))).toBe(false);
  });

  it("the outline is convex and holds every disc", () => {
    const place = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 }));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 12 }), (points) => {
        const outline = hullAround(points, 10);
        const side = (a: Point, b: Point, [x, y]: Point): number =>
          (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
        for (const [i, a] of outline.entries()) {
          const b = outline[(i + 1) % outline.length] as Point;
          const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
          // Of a circle of 24 corners the edges are at cos(pi / 24) of the radius.
          for (const point of points) expect(side(a, b, point) / length).toBeGreaterThan(9.9);
        }
        expect(convexHull(outline)).toHaveLength(outline.length);
      }),
    );
  });
});

describe("the charts of a coalition run", () => {
  it("[CRECORD.9] have an interval wherever there is a mean over seeds", () => {
    const charts = coalitionCharts(createCoalitionView(record, "d"));
    const over = charts.filter(({ id }) => id.startsWith("sweep-") || id === "gain-by-method");
    expect(over).toHaveLength(5);
    for (const { series } of over) {
      for (const { points, interval = [] } of series) {
        expect(interval).toHaveLength(points.length);
        for (const [i, [x, low, high]] of interval.entries()) {
          expect(points[i]?.[0]).toBe(x);
          expect(low).toBeLessThanOrEqual(points[i]?.[1] as number);
          expect(high).toBeGreaterThanOrEqual(points[i]?.[1] as number);
        }
      }
    }
  });

  it("leave out what would be empty", () => {
    expect(coalitionCharts(viewOf({ kind: "table", miners: 5 }))).toEqual([]);
  });
});

describe("utilities", () => {
  it("are short, and rounding is nothing", () => {
    expect([12.345, 1234.5, -0.05123, 191.52, 1e-12, 0].map(formatUtility)).toEqual([
      "12.35",
      "1,235",
      "-0.0512",
      "191.5",
      "0",
      "0",
    ]);
    expect([1.25, -3, -1e-13].map(formatGain)).toEqual(["+1.25", "-3", "0"]);
  });
});
