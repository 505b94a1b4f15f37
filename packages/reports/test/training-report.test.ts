import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  analyseTraining,
  privacyModes,
  summarizeTraining,
  type TrainingRecord,
  type TrainingSummary,
} from "@sheaf/measure";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { syntheticTraining, type TrainingOptions } from "../../measure/test/support/synthetic-training.ts";
import { exportCsv, renderReport, runFiles, writeTraining } from "../src/index.ts";
import { exactAmount, shortAmount } from "../src/page/money.ts";
import { answerOf, explanationOf } from "../src/training-report/answer.ts";
import { renderTrainingMarkdown } from "../src/training-report/training-markdown.ts";
import { renderTrainingPage, trainingCharts } from "../src/training-report/training-page.ts";
import { createTrainingView } from "../src/training-report/training-view.ts";

vi.setConfig({ testTimeout: 60_000 });

let dir: string;
let summary: TrainingSummary;
const record = syntheticTraining({ owners: 8, rounds: 5, attackers: 2, mode: "secagg+dp", groupSize: 4 });
const read = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
const viewOf = (options: Partial<TrainingOptions>) =>
  createTrainingView(syntheticTraining({ owners: 6, rounds: 4, attackers: 1, ...options }), "reports/r");

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sheaf-training-"));
  summary = await writeTraining(dir, record);
}, 60_000);
afterAll(() => rm(dir, { recursive: true }));

describe("the baselines and the payments", () => {
  const view = viewOf({ owners: 12 });
  const markdown = renderTrainingMarkdown(view);

  it("shows the loss of each owner alone, as a line and as a figure", () => {
    const losses = view.record.jobs[0]?.baselines.locals?.results.map(({ test }) => test.loss) ?? [];
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const chart = trainingCharts(view).find(({ id }) => id === "loss");
    expect(chart?.limits?.[0]?.y).toBeCloseTo(mean, 3);
    expect(markdown).toMatch(new RegExp(`Each owner alone, mean .*\\| +${Number(mean.toPrecision(3))} +\\|`));
  });

  it("lists owners by number, the best of them ranked first", () => {
    const table = markdown.slice(markdown.indexOf("Rank, highest is 1"), markdown.indexOf("Other payments"));
    const rows = [...table.matchAll(/^\| (owner-\d+).*$/gm)].map(([row, name]) => {
      const cells = row.split("|").map((cell) => cell.trim());
      return { name, score: Number(cells[4]), rank: Number(cells[5]) };
    });
    expect(rows.map(({ name }) => name)).toEqual(rows.map((_, index) => `owner-${index + 1}`));
    expect(rows.find(({ rank }) => rank === 1)?.score).toBe(Math.max(...rows.map(({ score }) => score)));
  });
});

describe("a written training", () => {
  it("has its record and everything made from it, and a picture of every chart of the page", async () => {
    const { record: run, summary: json, markdown, page, charts } = runFiles;
    expect((await readdir(dir)).sort()).toEqual([charts, page, run, json, markdown].sort());
    const drawn = [...(await read(page)).matchAll(/canvas data-chart="([^"]+)"/g)].map((m) => `${m[1]}.png`);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.length).toBeGreaterThan(9);
    expect((await readdir(join(dir, charts))).sort()).toEqual(drawn.sort());
    for (const [, picture] of (await read(markdown)).matchAll(/\(charts\/([^)]+)\)/g)) {
      expect(drawn).toContain(picture);
    }
  });

  it("returns and stores the object that --json prints, with the whole analysis beside it", async () => {
    expect(summary).toEqual(summarizeTraining(record, dir));
    const { detail, ...stored } = JSON.parse(await read(runFiles.summary)) as TrainingSummary & {
      detail: object;
    };
    expect(stored).toEqual(summary);
    expect(Object.keys(detail)).toEqual(Object.keys(analyseTraining(record)));
  });

  it("is made again from the folder alone, byte for byte, by the same call as a load run", async () => {
    const files = [runFiles.summary, runFiles.markdown, runFiles.page, `${runFiles.charts}/quality.png`];
    const before = await Promise.all(files.map((name) => readFile(join(dir, name))));
    await rm(join(dir, runFiles.charts), { recursive: true });
    expect(await renderReport(dir)).toEqual(summary);
    const after = await Promise.all(files.map((name) => readFile(join(dir, name))));
    for (const [i, content] of after.entries())
      expect(content.equals(before[i] as Buffer), files[i]).toBe(true);
  });

  it("[TRAINING.1] with a record that does not fit is refused, and the field is named", async () => {
    const other = await mkdtemp(join(tmpdir(), "sheaf-training-broken-"));
    await writeFile(join(other, runFiles.record), JSON.stringify({ ...record, currency: "wei" }));
    await expect(renderReport(other)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(renderReport(other)).rejects.toThrow(/run\.json: currency/);
    await rm(other, { recursive: true });
  });

  it("exports its rounds as CSV, one line each", async () => {
    const lines = (await readFile(await exportCsv(dir), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(1 + 5);
    const heads = lines[0]?.split(",") ?? [];
    for (const [i, line] of lines.slice(1).entries()) {
      const cells = line.split(",");
      expect(cells).toHaveLength(heads.length);
      const round = record.jobs[0]?.rounds[i];
      expect(cells[heads.indexOf("test_accuracy")]).toBe(String(round?.test?.accuracy));
      expect(cells[heads.indexOf("close_hash")]).toBe(round?.transactions.close.hash);
    }
    await rm(join(dir, runFiles.roundsCsv));
  });

  it("the text has no broken table", async () => {
    const lines = (await read(runFiles.markdown)).split("\n");
    const tables = lines.flatMap((line, i) => (/^\| -/.test(line) ? [i] : []));
    expect(tables.length).toBeGreaterThan(12);
    const cells = (line: string | undefined): number => (line ?? "").replaceAll("\\|", "").split("|").length;
    for (const rule of tables) {
      let row = rule + 1;
      while (lines[row]?.startsWith("|")) expect(cells(lines[row++])).toBe(cells(lines[rule]));
      expect(cells(lines[rule - 1])).toBe(cells(lines[rule]));
      expect(row).toBeGreaterThan(rule + 1);
    }
  });
});

describe("the words of a training's report", () => {
  it("answer in one sentence, for every outcome", () => {
    expect(answerOf(viewOf({}))).toMatch(
      /^Six owners trained a model to [\d.]+\u00a0% accuracy in 4 rounds, and none of them showed its data\.$/,
    );
    expect(answerOf(viewOf({ task: "regression" }))).toMatch(/an error of [\d.]+ \(RMSE\)/);
    expect(answerOf(viewOf({ outcome: "refunded" }))).toMatch(/^No model was delivered/);
    expect(answerOf(viewOf({ outcome: "partly-settled" }))).toMatch(/^Training stopped after 4 rounds, at/);
  });

  it("[TRAINING.11] never claim that updates were hidden in the modes that show them", () => {
    for (const mode of privacyModes) {
      const view = viewOf({ mode, noise: "central" });
      const shown = mode === "none" || mode === "dp";
      expect(explanationOf(view).includes("The analyst saw the update"), mode).toBe(shown);
      expect(/nothing but sums of \d+ owners/.test(explanationOf(view)), mode).toBe(!shown);
      const page = renderTrainingPage(view);
      expect(page.includes(">Hidden<"), mode).toBe(mode === "secagg" || mode === "paillier");
      expect(page.includes("<dt>Privacy spent<"), mode).toBe(mode.endsWith("dp"));
    }
  });

  it("[TRAINING.7] show every equation, in page and text, and a broken one as broken", () => {
    const broken: TrainingRecord = {
      ...record,
      conservation: record.conservation.map((books) => ({ ...books, withdrawn: "1" })),
    };
    for (const [own, sign] of [
      [record, "="],
      [broken, "≠"],
    ] as const) {
      const view = createTrainingView(own, "d");
      for (const text of [renderTrainingPage(view), renderTrainingMarkdown(view)]) {
        expect(text).toContain(`ever paid in 1,000,000 ${sign} ever withdrawn`);
        expect(text.includes("Value is conserved")).toBe(sign === "=");
        expect(/not valid/i.test(text)).toBe(sign === "≠");
      }
    }
  });

  it("[TRAINING.10] mark attackers wherever they stand, and say that the market did not know", () => {
    const text = renderTrainingMarkdown(createTrainingView(record, "d"));
    expect(text).toContain("2 of 2 attackers among the 2 lowest scores");
    expect(text).toMatch(/\| owner-8 \(scaling\) +\| +\d+ \| +\d+ \| -0/);
    expect(text).toContain("the market was not told");
    expect(renderTrainingMarkdown(viewOf({ attackers: 0 }))).not.toContain("attacker");
  });

  it("[TRAINING.2] have every job of a run with several, each chart under a name of its own", () => {
    const view = viewOf({ jobs: 3 });
    const ids = trainingCharts(view).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const job of [1, 2, 3]) expect(ids).toContain(`quality-job-${job}`);
    expect(explanationOf(view)).toContain("The run had 3 jobs");
    expect(renderTrainingMarkdown(view)).toContain("## Jobs");
  });

  it("draw no empty chart where nothing was trained", () => {
    expect(trainingCharts(viewOf({ outcome: "refunded" })).map(({ id }) => id)).toEqual(["reputation"]);
  });

  it("cannot be left by hostile names", () => {
    const attack = '</script><script>alert(1)</script><img src=x onerror="alert(2)">';
    const hostile = JSON.parse(
      JSON.stringify(record).replaceAll('"owner-3"', JSON.stringify(attack)),
    ) as TrainingRecord;
    const page = renderTrainingPage(createTrainingView({ ...hostile, title: attack, command: attack }, "d"));
    expect(page.match(/<script[ >]/g)).toHaveLength(3);
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    expect(page).not.toContain("<img");
  });
});

describe("amounts", () => {
  it("keep every digit", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.integer({ min: 0, max: 18 }),
        (amount, decimals) => {
          const text = exactAmount(amount, { symbol: "x", decimals }).replaceAll(",", "");
          const [whole = "", fraction = ""] = text.split(".");
          expect(BigInt(whole + fraction.padEnd(decimals, "0"))).toBe(amount);
        },
      ),
    );
  });

  it("are short in a sentence", () => {
    const ether = { symbol: "ETH", decimals: 18 };
    expect(shortAmount(1_500_000_000_000_000_000n, ether)).toBe("1.5\u00a0ETH");
    expect(shortAmount(47_368_421_052_631_579n, ether)).toBe("0.0474\u00a0ETH");
    expect(shortAmount("1000000", { symbol: "wei", decimals: 0 })).toBe("1,000,000\u00a0wei");
  });
});
