/** A number short enough for a page that holds thousands of them. */
export function compact(value: number): number {
  return Number(value.toPrecision(5));
}
