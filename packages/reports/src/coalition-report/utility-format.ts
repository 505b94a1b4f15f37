/** A utility as a reader wants it: "12.35", "1,234", "-0.0512", "1.2e+90"; what is below 1e-9 is rounding. */
export function formatUtility(value: number): string {
  const size = Math.abs(value);
  if (size < 1e-9) return "0";
  if (size < 1 || size >= 1e12) return String(Number(value.toPrecision(3)));
  return value.toLocaleString("en-US", { maximumFractionDigits: size >= 1000 ? 0 : size >= 100 ? 1 : 2 });
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

/** A probability beside its name: "p = 0.63", "p < 0.0001". */
export function formatP(p: number): string {
  return p < 0.0001 ? "p\u00a0<\u00a00.0001" : `p\u00a0=\u00a0${Number(p.toPrecision(2))}`;
}
