const calendar =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/**
 * Milliseconds since 1970 of a time as data files write it, or `undefined`.
 *
 * Understood are year-month-day with an optional time of day and offset (UTC where none stands),
 * `YYYYMMDD`, and numbers since 1970 in seconds, milliseconds, microseconds or nanoseconds, told
 * apart by their size. Nothing depends on the time zone of the machine. Times before 1970 are none.
 */
export function parseTimestamp(text: string): number | undefined {
  const trimmed = text.trim();
  const compact = /^((?:19|20)\d{2})(\d{2})(\d{2})$/.exec(trimmed);
  if (compact !== null) return parseTimestamp(`${compact[1]}-${compact[2]}-${compact[3]}`);
  if (/^\d+(\.\d+)?$/.test(trimmed)) return fromNumber(Number(trimmed));
  const match = calendar.exec(trimmed);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const utc = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  if (new Date(utc).getUTCDate() !== Number(day) || new Date(utc).getUTCMonth() !== Number(month) - 1) {
    return undefined;
  }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const ms = utc + Math.floor(Number(`0.${fraction || "0"}`) * 1_000) - offsetMs(zone);
  return ms < 0 ? undefined : ms;
}

function fromNumber(value: number): number | undefined {
  if (value < 1e11) return Math.floor(value * 1e3);
  if (value < 1e14) return Math.floor(value);
  if (value < 1e17) return Math.floor(value / 1e3);
  return value < 1e20 ? Math.floor(value / 1e6) : undefined;
}

function offsetMs(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -1 : 1) * minutes * 60_000;
}
