import * as hdr from "hdr-histogram-js";
import type { CensoredSample } from "./percentiles.ts";

/** Microseconds up to one hour, three significant digits. */
const lowest = 1;
const highest = 3_600_000_000;
const digits = 3;

/**
 * The observed part of a sample as an HDR histogram in microseconds, base64 of the V2 compressed
 * encoding that every HdrHistogram library reads and can add up. Negative values (a defect, reported
 * apart [CLOCK.1]) cannot be held and are left out.
 */
export function encodeHistogram(sample: CensoredSample): string {
  const histogram = hdr.build({
    lowestDiscernibleValue: lowest,
    highestTrackableValue: highest,
    numberOfSignificantValueDigits: digits,
  });
  for (const ms of sample.observed) {
    if (ms >= 0) histogram.recordValue(Math.min(highest, Math.round(ms * 1000)));
  }
  return hdr.encodeIntoCompressedBase64(histogram as Parameters<typeof hdr.encodeIntoCompressedBase64>[0]);
}

/** The percentile `p` of an encoded histogram, milliseconds. */
export function histogramPercentile(encoded: string, p: number): number {
  return hdr.decodeFromCompressedBase64(encoded).getValueAtPercentile(p) / 1000;
}

/** One point of a percentile curve. */
export interface PercentilePoint {
  readonly percentile: number;
  readonly ms: number;
}

/** At which percentiles a curve is drawn: every half up to 99, then denser and denser. */
const curvePercentiles: readonly number[] = [
  ...Array.from({ length: 199 }, (_, i) => i / 2),
  99.25,
  99.5,
  99.75,
  99.9,
  99.95,
  99.99,
  100,
];

/**
 * The distribution for drawing: exact at each point. It ends where censored values begin to count,
 * so that a lost transaction is seen as a curve that does not reach 100 % [LOST.2].
 */
export function percentileCurve(sample: CensoredSample): readonly PercentilePoint[] {
  const size = sample.merged.length;
  const points: PercentilePoint[] = [];
  for (const percentile of curvePercentiles) {
    const rank = Math.max(1, Math.ceil((percentile / 100) * size));
    const ms = sample.merged[rank - 1];
    if (ms === undefined || sample.observed[rank - 1] !== ms) break;
    points.push({ percentile, ms });
  }
  return points;
}
