/**
 * GF(2^16) by tables: the secrets of 32 bytes are 16 words of it, and a share is as long as its secret.
 * Addition is exclusive or; the generator is x, the polynomial x^16 + x^12 + x^3 + x + 1 (primitive).
 */
export const ORDER = 0xffff;

/** EXP[i] = x^i for i below twice the order, so that sums of two logarithms need no reduction. */
export const EXP = new Uint16Array(2 * ORDER);
/** LOG[x^i] = i; LOG[0] has no meaning. */
export const LOG = new Uint16Array(ORDER + 1);

for (let i = 0, value = 1; i < ORDER; i++) {
  EXP[i] = value;
  EXP[i + ORDER] = value;
  LOG[value] = i;
  value <<= 1;
  if (value > ORDER) value ^= 0x1100b;
}

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (EXP[(LOG[a] as number) + (LOG[b] as number)] as number);
}

/** `b` is not zero. */
export function divide(a: number, b: number): number {
  return a === 0 ? 0 : (EXP[(LOG[a] as number) + ORDER - (LOG[b] as number)] as number);
}
