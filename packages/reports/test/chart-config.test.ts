import { describe, expect, it } from "vitest";
import { darkTheme, lightTheme } from "../src/charts/palette.ts";
import { buildChartConfig, formatPlace, formatValue } from "../src/client/chart-config.ts";
import { type ChartSpec, createPngRenderer } from "../src/index.ts";

const bars: ChartSpec = {
  id: "bars",
  title: "Bytes by owner",
  description: "What each owner sent.",
  x: { label: "Owner", format: "count", names: ["ann", "bob"] },
  y: { label: "Bytes", format: "bytes" },
  series: [
    {
      label: "update",
      color: "c1",
      style: "bar",
      points: [
        [0, 640_000],
        [1, 640_000],
      ],
    },
    {
      label: "keys",
      color: "c6",
      style: "bar",
      points: [
        [0, 5000],
        [1, 7000],
      ],
    },
    {
      label: "plain",
      color: "c2",
      style: "dashed",
      points: [
        [0, 600_000],
        [1, 600_000],
      ],
    },
  ],
  ranges: [{ from: 100_000, to: 200_000 }],
};

interface Scales {
  readonly x: { readonly type: string; readonly stacked: boolean; readonly labels?: readonly string[] };
  readonly y: { readonly stacked: boolean; readonly min?: number };
}

const scalesOf = (spec: ChartSpec): Scales =>
  buildChartConfig(spec, lightTheme).options?.scales as unknown as Scales;

describe("a chart with bars", () => {
  it("stacks the bars on each other and leaves lines alone", () => {
    const { x, y } = scalesOf(bars);
    expect([x.stacked, y.stacked, x.type, x.labels]).toEqual([true, true, "category", ["ann", "bob"]]);
    const { datasets } = buildChartConfig(bars, darkTheme).data as {
      datasets: readonly { readonly type?: string; readonly stack: string }[];
    };
    expect(datasets.map(({ type }) => type)).toEqual(["bar", "bar", undefined]);
    expect(datasets[0]?.stack).toBe(datasets[1]?.stack);
    expect(datasets[2]?.stack).not.toBe(datasets[0]?.stack);
  });

  it("begins at zero, unless something is below or the axis is logarithmic", () => {
    expect(scalesOf(bars).y.min).toBe(0);
    const below = { ...bars, series: [{ ...bars.series[0], points: [[0, -1]] }] } as ChartSpec;
    expect(scalesOf(below).y.min).toBeUndefined();
    expect(scalesOf({ ...bars, y: { ...bars.y, scale: "logarithmic" } }).y.min).toBeUndefined();
    expect(scalesOf({ ...bars, y: { ...bars.y, min: 40 } }).y.min).toBe(40);
  });

  it("is drawn, and a range and a second bar change the picture", () => {
    const renderer = createPngRenderer();
    const picture = Buffer.from(renderer.render(bars));
    const { ranges: _, ...plain } = bars;
    expect(picture.equals(renderer.render(plain))).toBe(false);
    expect(picture.equals(renderer.render({ ...bars, series: bars.series.slice(0, 1) }))).toBe(false);
    expect(picture.equals(renderer.render(bars))).toBe(true);
  });
});

describe("a chart with intervals", () => {
  const line = (interval: NonNullable<ChartSpec["series"][number]["interval"]>): ChartSpec => ({
    ...bars,
    x: { label: "x", format: "count" },
    ranges: [],
    series: [
      {
        label: "mean",
        color: "c1",
        style: "line",
        points: [
          [0, 5],
          [1, 6],
        ],
        interval,
      },
    ],
  });

  it("has room for their ends, below zero too", () => {
    const { y } = scalesOf(
      line([
        [0, -2, 9],
        [1, 4, 8],
      ]),
    ) as unknown as {
      readonly y: { readonly suggestedMin: number; readonly suggestedMax: number; readonly min?: number };
    };
    expect([y.suggestedMin, y.suggestedMax, y.min]).toEqual([-2, 9, undefined]);
    expect(scalesOf(line([])).y.min).toBe(0);
  });

  it("draws them: as a band, as whiskers of bars, as whiskers of points", () => {
    const renderer = createPngRenderer();
    const interval = [
      [0, 4, 6],
      [1, 5, 7],
    ] as const;
    const styled = (style: "line" | "bar" | "points", ends: typeof interval | readonly []): Buffer => {
      const spec = line(ends);
      const y = { ...spec.y, min: 0, max: 10 };
      return Buffer.from(
        renderer.render({ ...spec, y, series: spec.series.map((own) => ({ ...own, style })) }),
      );
    };
    for (const style of ["line", "bar", "points"] as const) {
      expect(styled(style, interval).equals(styled(style, [])), style).toBe(false);
    }
  });
});

describe("the numbers of an axis", () => {
  it("are bytes in thousands, small numbers with an exponent, and places by name", () => {
    expect([0, 999, 5230, 641_000, 1_234_567].map((value) => formatValue(value, "bytes"))).toEqual([
      "0 B",
      "999 B",
      "5.23 kB",
      "641 kB",
      "1.23 MB",
    ]);
    expect([0, 0.12345, 3.2e-6, 1e-6, 12_345, -0.02].map((value) => formatValue(value, "number"))).toEqual([
      "0",
      "0.123",
      "3.2e-6",
      "1e-6",
      "12,345",
      "-0.02",
    ]);
    expect([formatPlace(1, bars.x), formatPlace(7, bars.x), formatPlace(5, bars.y)]).toEqual([
      "bob",
      "7",
      "5 B",
    ]);
  });
});
