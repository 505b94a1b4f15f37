import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ChartSpec,
  chartBlock,
  columns,
  createPngRenderer,
  escapeHtml,
  formatMs,
  formatRatio,
  formatShare,
  heroBlock,
  html,
  markdownTable,
  renderPage,
  section,
  tableBlock,
  textBlock,
} from "../src/index.ts";

const spec: ChartSpec = {
  id: "accuracy",
  title: "Accuracy by round",
  description: "Share of right answers after each round of training.",
  x: { label: "Round", format: "count" },
  y: { label: "Accuracy", format: "percent", max: 100 },
  series: [
    {
      label: "model",
      color: "c1",
      style: "line",
      points: [
        [1, 40],
        [2, 70],
        [3, 82],
      ],
    },
  ],
  marks: [{ x: 2, label: "a client left" }],
};

describe("the building blocks", () => {
  it("serve a report that knows nothing of chains", () => {
    const page = renderPage({
      title: "Training",
      hero: heroBlock({
        kicker: "Federated training",
        answer: "The model reached 82 % in three rounds.",
        verdict: { tone: "good", label: "Valid" },
        explanation: "Ten clients took part.",
        tiles: [{ label: "Accuracy", value: "82 %" }],
        contenders: [],
      }),
      sections: [
        section({ id: "training", title: "Training" }, [
          columns([chartBlock(spec), textBlock("As expected.")]),
          tableBlock({ caption: "Rounds", columns: [{ title: "Round" }], rows: [["1"]] }),
        ]),
      ],
      footer: "End.",
    });
    expect(page).toContain("The model reached 82 % in three rounds.");
    expect(page).toContain('<a href="#training">Training</a>');
    expect(page).toContain('"id":"accuracy"');
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it("escape every text that is put into HTML", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { html: out } = html`<p title="${text}">${[text, null, false, 3]}</p>`;
        expect(out).toBe(`<p title="${escapeHtml(text)}">${escapeHtml(text)}3</p>`);
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });

  it("keep every row of a Markdown table on one line", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 }), (rows) => {
        const table = markdownTable({
          caption: "c",
          columns: [{ title: "a" }, { title: "b", numeric: true }],
          rows,
        });
        expect(table.split("\n")).toHaveLength(rows.length + 4);
      }),
    );
  });

  it("refuse a table whose rows and columns differ in number", () => {
    const table = { caption: "c", columns: [{ title: "a" }, { title: "b" }], rows: [["1", "2", "3"]] };
    expect(() => tableBlock(table)).toThrow(/a cell for every column/);
    expect(() => markdownTable(table)).toThrow(/a cell for every column/);
  });

  it("write numbers as a reader wants them", () => {
    expect([0.04, 7.21, 340.4, 2999, -12].map(formatMs)).toEqual([
      "0.0\u00a0ms",
      "7.2\u00a0ms",
      "340\u00a0ms",
      "3.00\u00a0s",
      "-12\u00a0ms",
    ]);
    expect([2.8453, 0.3532, 0.00421, null].map(formatRatio)).toEqual(["2.85", "0.35", "0.0042", "n/a"]);
    expect([1, 0.042, 0, null].map(formatShare)).toEqual(["100\u00a0%", "4.2\u00a0%", "0\u00a0%", "n/a"]);
  });
});

describe("the PNG renderer", () => {
  it("draws a picture of 2000 x 1040, the same for the same chart, another for another", () => {
    const renderer = createPngRenderer();
    const picture = Buffer.from(renderer.render(spec));
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([2000, 1040]);
    expect(picture.equals(renderer.render(spec))).toBe(true);
    expect(picture.equals(renderer.render({ ...spec, title: "Another title" }))).toBe(false);
  });
});
