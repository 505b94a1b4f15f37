import type { Interval, LatencyStatistic, LatencyStatistics } from "@sheaf/measure";

/** What stands where there is no value. */
export const noValue = "n/a";

/** "12,345". */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A rate: "1,234" or, when small, "12.3". */
export function formatRate(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
}

/** "340 ms", "7.2 ms", "3.00 s". */
export function formatMs(ms: number | null): string {
  if (ms === null || Number.isNaN(ms)) return noValue;
  if (Math.abs(ms) >= 1000) return `${(ms / 1000).toFixed(2)}\u00a0s`;
  return `${ms.toFixed(Math.abs(ms) < 10 ? 1 : 0)}\u00a0ms`;
}

/** One figure of a latency distribution; "≥" where lost transactions make it a lower bound [LOST.2]. */
export function formatLatency(statistics: LatencyStatistics, name: LatencyStatistic): string {
  const text = formatMs(statistics[name]);
  return statistics.atLeast.includes(name) ? `≥\u00a0${text}` : text;
}

/** A share as "95 %", "4.2 %". */
export function formatShare(share: number | null): string {
  if (share === null || Number.isNaN(share)) return noValue;
  const percent = share * 100;
  return `${percent.toFixed(Math.abs(percent) < 10 && percent !== 0 ? 1 : 0)}\u00a0%`;
}

/** A ratio: "2.85", "0.35", "0.0042". */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? noValue : String(Number(ratio.toPrecision(ratio < 1 ? 2 : 3)));
}

/** "1.86" cores. */
export function formatCores(cores: number | null): string {
  return cores === null ? noValue : cores.toFixed(2);
}

/** "340 MB". */
export function formatMb(mb: number | null): string {
  return mb === null ? noValue : `${formatCount(mb)}\u00a0MB`;
}

/** "989 to 1,010". */
export function formatInterval(interval: Interval | null, format: (value: number) => string): string {
  return interval === null ? noValue : `${format(interval.low)} to ${format(interval.high)}`;
}

/** "three" up to twelve, then digits. */
export function numberWord(value: number): string {
  const words = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
  return words[value] ?? formatCount(value);
}

/** "1 block", "3 blocks". */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** The text with its first letter large. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
