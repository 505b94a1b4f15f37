/**
 * How the numbers of an axis are written: "1.2 s", "340 ms", "95 %", "12,000", "1.5"; `bytes` "640 kB" (10^3), and
 * `number` with three digits, "0.125" or "2.5e-7".
 */
export type ValueFormat = "seconds" | "ms" | "percent" | "count" | "cores" | "bytes" | "number";

export interface AxisSpec {
  readonly label: string;
  readonly format: ValueFormat;
  readonly scale?: "linear" | "logarithmic";
  readonly min?: number;
  readonly max?: number;
  /** Marks whole numbers only: rounds, owners. */
  readonly whole?: boolean;
  /** Of an x axis: the names of the places 0, 1, 2 ..., which stand there instead of numbers. */
  readonly names?: readonly string[];
}

/** A colour by its role; the theme says what it looks like in light and dark. */
export type ColorToken = "c1" | "c2" | "c3" | "c4" | "c5" | "c6" | "muted";

export interface SeriesSpec {
  readonly label: string;
  readonly color: ColorToken;
  /** `area` stacks on the areas before it, which must have the same x values; `bar` on the bars before it. */
  readonly style: "line" | "dashed" | "area" | "points" | "bar";
  /** [x, y] in ascending x; `null` leaves a gap. */
  readonly points: readonly (readonly [number, number | null])[];
  /** [x, low, high] in ascending x: a shaded band along a line, whiskers of points or bars. */
  readonly interval?: readonly (readonly [x: number, low: number, high: number])[];
}

/** A chart as plain data: drawn by Chart.js in the page and in the PNG alike. */
export interface ChartSpec {
  /** Unique in a page; also the name of the PNG. */
  readonly id: string;
  readonly title: string;
  /** What the chart shows, in one sentence: the caption, and the text for those who cannot see it. */
  readonly description: string;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  readonly series: readonly SeriesSpec[];
  /** Horizontal reference lines, such as a limit. */
  readonly limits?: readonly { readonly y: number; readonly label: string }[];
  /** Shaded intervals of x, such as the steady window. */
  readonly bands?: readonly { readonly from: number; readonly to: number; readonly label: string }[];
  /** Shaded intervals of y, such as where others lie; the description says what they are. */
  readonly ranges?: readonly { readonly from: number; readonly to: number }[];
  /** Moments, such as a fault. */
  readonly marks?: readonly { readonly x: number; readonly label: string }[];
}

/** The colours of one theme. */
export interface ChartTheme {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly band: string;
  readonly alert: string;
  readonly font: string;
  readonly colors: Readonly<Record<ColorToken, string>>;
}
