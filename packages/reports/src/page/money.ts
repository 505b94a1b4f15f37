/** The money of a chain: how many decimals of it the smallest unit is. */
export interface Currency {
  readonly symbol: string;
  readonly decimals: number;
}

/** Every digit of an amount, in whole units: "1,000,000", "0.047368421052631579". The unit is not named. */
export function exactAmount(amount: string | bigint, { decimals }: Currency): string {
  const digits = BigInt(amount)
    .toString()
    .padStart(decimals + 1, "0");
  const whole = BigInt(digits.slice(0, digits.length - decimals)).toLocaleString("en-US");
  const fraction = decimals === 0 ? "" : digits.slice(-decimals).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** An amount for a sentence: "1,000,000 wei", "0.0474 ETH" (to three digits where it has more). */
export function shortAmount(amount: string | bigint, currency: Currency): string {
  return `${shortFigure(amount, currency)}\u00a0${currency.symbol}`;
}

/** The figure of `shortAmount`. */
export function shortFigure(amount: string | bigint, currency: Currency): string {
  const exact = exactAmount(amount, currency);
  if (exact.length <= 9 || currency.decimals === 0) return exact;
  return Number(exact.replaceAll(",", "")).toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** The ends of a hash: "0x12345678…cdef". */
export function shortHash(hash: string): string {
  return hash.length <= 18 ? hash : `${hash.slice(0, 10)}…${hash.slice(-4)}`;
}
