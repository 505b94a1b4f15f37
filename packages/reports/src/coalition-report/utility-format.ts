/** A utility as a reader wants it: "12.35", "1,234", "-0.05". */
export function formatUtility(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
  const text = value.toLocaleString("en-US", { maximumFractionDigits: digits });
  return text === "-0" ? "0" : text;
}

/** A difference of utilities, with its sign: "+1.25", "0", "-3". */
export function formatGain(value: number): string {
  const text = formatUtility(value);
  return value > 0 && text !== "0" ? `+${text}` : text;
}

/** "12.3 tokens an epoch"; without a unit the figure alone. */
export function withUnit(figure: string, unit: string): string {
  return unit === "" ? figure : `${figure} ${unit}`;
}

/** A probability: "0.63", "0.004", "below 0.0001". */
export function formatP(p: number): string {
  return p < 0.0001 ? "below\u00a00.0001" : String(Number(p.toPrecision(2)));
}
