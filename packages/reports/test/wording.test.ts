import { describe, expect, it } from "vitest";
import { answerOf, explanationOf, littlesLawNote } from "../src/load-report/answer.ts";
import { environmentFacts } from "../src/load-report/environment-facts.ts";
import { renderReportPage } from "../src/load-report/report-page.ts";
import { createRunView, type RunView } from "../src/load-report/run-view.ts";
import { renderSummaryMarkdown } from "../src/load-report/summary-markdown.ts";
import { comparisonTable, outcomeTable, resourceTable } from "../src/load-report/tables.ts";
import { reportAgain, runAgain } from "../src/page/reproduce.ts";
import { type RunKind, syntheticRun } from "./support/synthetic-run.ts";

function viewOf(kind: RunKind, transactions = 12_000): RunView {
  const { record, data } = syntheticRun(kind, { transactions });
  return createRunView(record, data, `reports/${record.runId}`);
}

describe("the words of a report", () => {
  it("[COMPARE.8] speak of the first of several candidates, and list all of them", () => {
    const view = viewOf("candidates");
    expect(answerOf(view)).toMatch(/^Three parallel chains reached .* the throughput of one chain/);
    const { rows } = comparisonTable(view);
    expect(rows.map(([candidate, baseline]) => [candidate, baseline])).toEqual([
      ["multi", "single"],
      ["two chains", "single"],
    ]);
    expect(rows[0]?.[2]).not.toBe(rows[1]?.[2]);
    for (const text of [renderReportPage(view), renderSummaryMarkdown(view)]) {
      expect(text).toContain("Each candidate against the baseline");
    }
    expect(new Set(view.arms.map(({ color }) => color)).size).toBe(3);
  });

  it("[COMPARE.5] say that a ranking rests on one repetition, and do not where it does not", () => {
    const once = viewOf("comparison", 20_000);
    expect(answerOf(once)).toContain("in one repetition each");
    expect(explanationOf(once)).toContain("rests on one repetition each");
    const repeated = viewOf("repeated", 20_000);
    expect(answerOf(repeated)).not.toContain("repetition");
    expect(explanationOf(repeated)).not.toContain("repetition");
  });

  it("[LATENCY.2] say who was down, when and for how long, and that all are those that were up", () => {
    const view = viewOf("faulty", 30_000);
    const markdown = renderSummaryMarkdown(view);
    for (const text of [explanationOf(view), markdown]) {
      expect(text).toMatch(/kill -9 of validator 2 of sub-chain-1, .* at 3\.00\u00a0s for 3\.00\u00a0s/);
      expect(text).toMatch(/[\d,]+ transactions committed before the validator that was down had shown them/);
    }
    expect(markdown).toContain("Faults injected");
    expect(renderReportPage(view)).toContain("all validators that were up");
    expect(renderReportPage(viewOf("comparison"))).not.toContain("validators that were up had shown");
    const [, multi] = outcomeTable(view).rows;
    expect(Number(multi?.at(-1)?.replaceAll(",", ""))).toBeGreaterThan(100);
  });

  it("[COMPARE.7] lead with latency where two open loops carried their load", () => {
    const view = viewOf("open-loop", 10_000);
    expect(answerOf(view)).toMatch(/^Three parallel chains committed in .* both carried the load/);
    const page = renderReportPage(view);
    expect(page).not.toContain("Speed-up");
    expect(page).not.toMatch(/<dt>Scaling efficiency/);
    expect(littlesLawNote(view)).toBeNull();
  });

  it("[LITTLE.1] say what a window makes of latency", () => {
    const note = littlesLawNote(viewOf("single"));
    expect(note).toMatch(/single: 3,000 \/ [\d,.]+ a second = /);
    expect(renderReportPage(viewOf("single"))).toContain("Little&#39;s law");
    expect(renderReportPage(viewOf("comparison"))).toContain("at all validators; follows from the window");
  });

  it("[EFFICIENCY.1] call a foreign endpoint an endpoint, and claim no bound for it", () => {
    const view = viewOf("external");
    expect(answerOf(view)).toMatch(/^One chain behind one endpoint commits .* shown there after/);
    expect(environmentFacts(view).map(([term]) => term)).toContain("Observed endpoints");
    const [hero] = renderReportPage(view).split("<section");
    expect(hero?.replace(view.record.benchmark.claim, "").split("</style>")[1]).not.toMatch(
      /validators|Signature bound/,
    );
  });

  it("give a heading to every figure of the resource table", () => {
    const { columns, rows } = resourceTable(viewOf("comparison"));
    for (const row of rows) expect(row).toHaveLength(columns.length);
    expect(columns.map(({ title }) => title)).toContain("Other processes");
  });

  it("show the claim that was tested under the answer", () => {
    const view = viewOf("comparison");
    expect(renderReportPage(view)).toContain(`<strong>Claim tested</strong> ${view.record.benchmark.claim}`);
    expect(renderSummaryMarkdown(view)).toContain(`Claim tested: ${view.record.benchmark.claim}`);
  });

  it("[LOST.3] call what an interruption left in flight so", () => {
    const view = viewOf("empty");
    expect(outcomeTable(view).columns.map(({ title }) => title)).toContain("In flight when interrupted");
    expect(view.summary.arms[0]).toMatchObject({ lost: 0, inFlight: 40 });
    expect(view.summary.problems.join()).not.toContain("lost");
  });
});

describe("the commands of a report", () => {
  it("work again: without the folder that is taken", () => {
    const cases = [
      ["./bench run x --tx 5 --out reports/a --json", "./bench run x --tx 5"],
      ["./bench run x --json --out=/tmp/a --seed 1", "./bench run x --seed 1"],
      ["./bench run x --out '/tmp/a b' --seed 1", "./bench run x --seed 1"],
      ["./bench run x '--out=/tmp/it'\\''s b' --seed 1", "./bench run x --seed 1"],
      ["./bench run ./my--output.yaml --jsonish", "./bench run ./my--output.yaml --jsonish"],
    ] as const;
    for (const [command, again] of cases) expect(runAgain(command)).toBe(again);
  });

  it("name the run where it lies in reports, else its folder", () => {
    expect(reportAgain({ dir: "/home/me/sheaf/reports/r1", runId: "r1" })).toBe("./bench report r1");
    expect(reportAgain({ dir: "reports/mine", runId: "r1" })).toBe("./bench report reports/mine");
    expect(reportAgain({ dir: "/tmp/my runs", runId: "r1" })).toBe("./bench report '/tmp/my runs'");
  });
});
