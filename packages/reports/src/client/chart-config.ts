import type { Chart, ChartConfiguration, ChartDataset, Plugin } from "chart.js";
import type { AxisSpec, ChartSpec, ChartTheme, SeriesSpec, ValueFormat } from "../charts/chart-spec.ts";

// These functions run in Node for the PNGs and, as their own source text, in the page (see script.ts):
// they refer to each other and to their arguments, and to nothing else.

/** A number as a reader wants it. */
export function formatValue(value: number, format: ValueFormat): string {
  const short = (n: number, digits: number): string =>
    n.toLocaleString("en-US", { maximumFractionDigits: digits });
  if (format === "seconds") return `${short(value, value < 1 ? 2 : 1)} s`;
  if (format === "percent") return `${short(value, 2)} %`;
  if (format === "cores") return short(value, 2);
  if (format === "count") return short(value, value < 10 ? 2 : 0);
  if (format === "number") {
    const size = Math.abs(value);
    if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2).replace(/\.?0+e/, "e");
    return size >= 1000 ? short(value, 0) : String(Number(value.toPrecision(3)));
  }
  if (format === "bytes") {
    const [unit, scale] =
      value >= 1e6 ? (["MB", 1e6] as const) : value >= 1e3 ? (["kB", 1e3] as const) : (["B", 1] as const);
    return `${short(value / scale, value / scale < 10 ? 2 : value / scale < 100 ? 1 : 0)} ${unit}`;
  }
  return value >= 1000 ? `${short(value / 1000, 2)} s` : `${short(value, value < 10 ? 1 : 0)} ms`;
}

/** A place on an axis as a reader wants it: its name, or its number. */
export function formatPlace(value: number, axis: AxisSpec): string {
  return axis.names?.[value] ?? formatValue(value, axis.format);
}

/** Shaded intervals, limits and moments, drawn under and over the data. */
export function marksPlugin(spec: ChartSpec, theme: ChartTheme): Plugin {
  const label = (chart: Chart, text: string, x: number, y: number, color: string, end: boolean): void => {
    const { ctx, chartArea } = chart;
    ctx.font = `500 11px ${theme.font}`;
    ctx.textAlign = end ? "right" : "left";
    ctx.textBaseline = "top";
    const width = ctx.measureText(text).width;
    const left = Math.min(Math.max(end ? x - width : x, chartArea.left + 2), chartArea.right - width - 2);
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = theme.surface;
    ctx.fillRect(left - 3, y - 2, width + 6, 15);
    ctx.globalAlpha = 1;
    ctx.fillStyle = color;
    ctx.textAlign = "left";
    ctx.fillText(text, left, y);
  };
  const rule = (chart: Chart, from: [number, number], to: [number, number], color: string): void => {
    const { ctx } = chart;
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.5;
    ctx.setLineDash([5, 4]);
    ctx.beginPath();
    ctx.moveTo(from[0], from[1]);
    ctx.lineTo(to[0], to[1]);
    ctx.stroke();
    ctx.setLineDash([]);
  };
  return {
    id: "marks",
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      const { x, y } = scales;
      if (x === undefined || y === undefined) return;
      for (const range of spec.ranges ?? []) {
        const top = Math.max(y.getPixelForValue(range.to), chartArea.top);
        const bottom = Math.min(y.getPixelForValue(range.from), chartArea.bottom);
        ctx.fillStyle = theme.band;
        ctx.fillRect(chartArea.left, top, chartArea.right - chartArea.left, Math.max(bottom - top, 2));
      }
      for (const band of spec.bands ?? []) {
        const from = Math.max(x.getPixelForValue(band.from), chartArea.left);
        const to = Math.min(x.getPixelForValue(band.to), chartArea.right);
        ctx.fillStyle = theme.band;
        ctx.fillRect(from, chartArea.top, to - from, chartArea.bottom - chartArea.top);
      }
    },
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      const { x, y } = scales;
      if (x === undefined || y === undefined) return;
      ctx.save();
      const { limits = [], bands = [], marks = [] } = spec;
      for (const mark of marks) {
        const at = x.getPixelForValue(mark.x);
        rule(chart, [at, chartArea.top], [at, chartArea.bottom], theme.alert);
      }
      for (const limit of limits) {
        const at = y.getPixelForValue(limit.y);
        rule(chart, [chartArea.left, at], [chartArea.right, at], theme.muted);
        label(chart, limit.label, chartArea.right - 4, at - 17, theme.muted, true);
      }
      for (const band of bands) {
        label(chart, band.label, x.getPixelForValue(band.from) + 6, chartArea.top + 4, theme.muted, false);
      }
      for (const [index, mark] of marks.entries()) {
        const row = (index % 3) + (bands.length === 0 ? 0 : 1);
        label(
          chart,
          mark.label,
          x.getPixelForValue(mark.x) + 5,
          chartArea.top + 4 + row * 18,
          theme.alert,
          false,
        );
      }
      ctx.restore();
    },
  };
}

/** The intervals of series: bands under lines, whiskers under points and over bars. */
export function intervalPlugin(spec: ChartSpec, theme: ChartTheme): Plugin {
  type Ends = readonly (readonly [x: number, low: number, high: number])[];
  const band = ({ ctx }: Chart, ends: Ends): void => {
    ctx.beginPath();
    for (const [x, low] of ends) ctx.lineTo(x, low);
    for (const [x, , high] of [...ends].reverse()) ctx.lineTo(x, high);
    ctx.fill();
  };
  const whiskers = ({ ctx }: Chart, ends: Ends): void => {
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    for (const [x, low, high] of ends) {
      ctx.moveTo(x, low);
      ctx.lineTo(x, high);
      for (const end of [low, high]) {
        ctx.moveTo(x - 5, end);
        ctx.lineTo(x + 5, end);
      }
    }
    ctx.stroke();
  };
  const draw = (chart: Chart, index: number, isBar: boolean): void => {
    const { ctx, chartArea: area, scales } = chart;
    const { x, y } = scales;
    const series = spec.series[index];
    if (series?.interval === undefined || x === undefined || y === undefined) return;
    if (isBar !== (series.style === "bar") || !chart.isDatasetVisible(index)) return;
    const ends = series.interval.map(
      ([at, low, high]) =>
        [x.getPixelForValue(at), y.getPixelForValue(low), y.getPixelForValue(high)] as const,
    );
    const color = theme.colors[series.color];
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    ctx.clip();
    ctx.fillStyle = `${color}2b`;
    ctx.strokeStyle = isBar ? theme.text : color;
    if (isBar || series.style === "points") whiskers(chart, ends);
    else band(chart, ends);
    ctx.restore();
  };
  return {
    id: "intervals",
    beforeDatasetDraw(chart, { index }) {
      draw(chart, index, false);
    },
    afterDatasetDraw: (chart, { index }) => draw(chart, index, true),
  };
}

/** One series as a dataset; `fill` is the ground of an area: the axis, or the series before it. */
export function toDataset(
  series: SeriesSpec,
  theme: ChartTheme,
  fill: "origin" | "-1" | false,
): ChartDataset<"line" | "bar", { x: number; y: number }[]> {
  const color = theme.colors[series.color];
  if (series.style === "bar") {
    return {
      type: "bar",
      label: series.label,
      data: series.points.map(([x, y]) => ({ x, y: y === null ? Number.NaN : y })),
      backgroundColor: color,
      stack: "bars",
      maxBarThickness: 44,
      categoryPercentage: 0.8,
      barPercentage: 0.95,
      pointStyle: "rectRounded",
      order: 2,
    } as ChartDataset<"bar", { x: number; y: number }[]>;
  }
  const area = series.style === "area";
  return {
    label: series.label,
    data: series.points.map(([x, y]) => ({ x, y: y === null ? Number.NaN : y })),
    borderColor: color,
    backgroundColor: area ? `${color}d9` : color,
    fill,
    stack: area ? "areas" : series.label,
    borderWidth: series.style === "points" ? 0 : area ? 1 : 2,
    borderDash: series.style === "dashed" ? [6, 4] : [],
    // A line of one point would not be seen.
    pointRadius:
      series.style !== "points" && series.points.length > 1 ? 0 : series.points.length > 100 ? 2.5 : 3.5,
    pointHitRadius: 8,
    pointBackgroundColor: color,
    pointBorderWidth: area ? 0 : series.style === "points" ? 0 : 2,
    pointStyle: area || series.style === "points" ? "rectRounded" : "line",
    showLine: series.style !== "points",
    tension: 0,
    order: area ? 2 : 1,
  };
}

/** An axis for Chart.js; `spread` leaves half a bar of room at its ends. */
export function toScale(axis: AxisSpec, theme: ChartTheme, stacked: boolean, spread = false): object {
  const powers = (value: number): boolean => {
    const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    return [1, 2, 5].some((nice) => Math.abs(digit - nice) < 1e-6);
  };
  const { names = [] } = axis;
  // So many stand below an axis, however little room there is; of more, some are left out.
  const mostNames = 12;
  return {
    type: axis.names !== undefined ? "category" : axis.scale === "logarithmic" ? "logarithmic" : "linear",
    ...(axis.names === undefined ? {} : { labels: axis.names }),
    offset: spread,
    stacked,
    ...(axis.min === undefined ? {} : { min: axis.min }),
    ...(axis.max === undefined ? {} : { max: axis.max }),
    title: {
      display: true,
      text: axis.label,
      color: theme.muted,
      font: { family: theme.font, size: 12, weight: 500 },
    },
    border: { display: false },
    grid: { color: theme.grid, drawTicks: false, display: !spread },
    ticks: {
      color: theme.muted,
      font: { family: theme.font, size: 12 },
      padding: 8,
      maxRotation: names.every((name) => name.length <= 4) ? 0 : 60,
      autoSkip: names.length === 0 || names.length > mostNames,
      autoSkipPadding: 16,
      ...(axis.whole === true ? { precision: 0 } : {}),
      callback: (value: number) =>
        axis.scale === "logarithmic" && !powers(value) ? "" : formatPlace(value, axis),
    },
  };
}

/** The chart for Chart.js: one look for every chart of every report. */
export function buildChartConfig(spec: ChartSpec, theme: ChartTheme): ChartConfiguration {
  const ends = spec.series.flatMap(({ interval = [] }) => interval.flatMap(([, low, high]) => [low, high]));
  const below =
    spec.series.some(({ points }) => points.some(([, y]) => y !== null && y < 0)) ||
    ends.some((end) => end < 0);
  const bars = spec.series.some((series) => series.style === "bar");
  const stacked = bars || spec.series.some((series) => series.style === "area");
  const bottom = spec.series.findIndex((series) => series.style === "area");
  const datasets = spec.series.map((series, index) =>
    toDataset(series, theme, series.style !== "area" ? false : index === bottom ? "origin" : "-1"),
  );
  return {
    type: "line",
    data: { datasets },
    plugins: [marksPlugin(spec, theme), intervalPlugin(spec, theme)],
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      layout: { padding: { top: 6, right: 8 } },
      scales: {
        x: toScale(spec.x, theme, bars, bars || spec.x.names !== undefined),
        y: {
          ...toScale(
            { ...(below || spec.y.scale === "logarithmic" ? {} : { min: 0 }), ...spec.y },
            theme,
            stacked,
          ),
          // Room for the ends of intervals, which are no data of Chart.js.
          ...(ends.length === 0 ? {} : { suggestedMin: Math.min(...ends), suggestedMax: Math.max(...ends) }),
        },
      },
      plugins: {
        legend: {
          position: "top",
          align: "start",
          labels: {
            color: theme.text,
            usePointStyle: true,
            pointStyleWidth: 18,
            boxHeight: 7,
            padding: 14,
            font: { family: theme.font, size: 12 },
            generateLabels: (chart) =>
              datasets.map((dataset, datasetIndex) => ({
                text: dataset.label ?? "",
                fontColor: theme.text,
                fillStyle: theme.colors[spec.series[datasetIndex]?.color ?? "muted"],
                strokeStyle: theme.colors[spec.series[datasetIndex]?.color ?? "muted"],
                lineWidth: 2,
                lineDash: spec.series[datasetIndex]?.style === "dashed" ? [4, 3] : [],
                pointStyle: dataset.pointStyle as "line",
                hidden: !chart.isDatasetVisible(datasetIndex),
                datasetIndex,
              })),
          },
        },
        // Room between the legend and the chart: a box of its own, nearer to the chart than the legend.
        subtitle: { display: true, text: "", weight: 500, font: { size: 1 }, padding: { top: 2, bottom: 8 } },
        tooltip: {
          backgroundColor: theme.text,
          titleColor: theme.surface,
          bodyColor: theme.surface,
          titleFont: { family: theme.font, size: 12 },
          bodyFont: { family: theme.font, size: 12 },
          padding: 10,
          boxPadding: 4,
          usePointStyle: true,
          callbacks: {
            title: (items) => `${spec.x.label}: ${formatPlace(items[0]?.parsed.x ?? 0, spec.x)}`,
            label: (item) => ` ${item.dataset.label}: ${formatValue(item.parsed.y ?? 0, spec.y.format)}`,
          },
        },
      },
    },
  } as ChartConfiguration;
}
