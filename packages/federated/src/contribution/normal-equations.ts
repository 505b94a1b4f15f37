/** Coefficients of all members, and what they add up to. */
export interface Equation {
  readonly row: Float64Array;
  readonly value: number;
}

/** Symmetric matrix, row major. */
export interface Matrix {
  readonly size: number;
  readonly cells: Float64Array;
}

/** Sum over the equations of row * row^T. */
export function normalMatrix(equations: readonly Equation[], size: number): Matrix {
  const cells = new Float64Array(size * size);
  for (const { row } of equations) {
    for (let i = 0; i < size; i++) {
      const left = row[i] as number;
      if (left === 0) continue;
      for (let j = 0; j <= i; j++) {
        cells[i * size + j] = (cells[i * size + j] as number) + left * (row[j] as number);
      }
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) cells[j * size + i] = cells[i * size + j] as number;
  }
  return { size, cells };
}

/** Sum over the equations of row * value. */
export function rightSide(equations: readonly Equation[], size: number): Float64Array {
  const right = new Float64Array(size);
  for (const { row, value } of equations) {
    for (let i = 0; i < size; i++) right[i] = (right[i] as number) + (row[i] as number) * value;
  }
  return right;
}

/**
 * Condition number of the matrix among the members `present`, on the vectors that sum to zero: what is common
 * to all members is not for the equations to tell.
 */
export function conditionOf(whole: Matrix, present: readonly number[]): number {
  if (present.length < 2) return 1;
  const cells = present.flatMap((i) => present.map((j) => whole.cells[i * whole.size + j] as number));
  const matrix = { size: present.length, cells: Float64Array.from(cells) };
  const largest = rayleigh(matrix, (x) => multiply(matrix, x));
  if (largest === 0) return Number.POSITIVE_INFINITY;
  const lower = factor(matrix, 1e-9 * largest);
  const smallest = rayleigh(matrix, (x) => solve(lower, x));
  return smallest > 1e-8 * largest ? largest / smallest : Number.POSITIVE_INFINITY;
}

/** Lower Cholesky factor of matrix + shift * identity. */
export function factor({ size, cells }: Matrix, shift: number): Matrix {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = (cells[i * size + j] as number) + (i === j ? shift : 0);
      for (let k = 0; k < j; k++) sum -= (lower[i * size + k] as number) * (lower[j * size + k] as number);
      lower[i * size + j] =
        i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / (lower[j * size + j] as number);
    }
  }
  return { size, cells: lower };
}

/** x with L L^T x = right. */
export function solve({ size, cells }: Matrix, right: Float64Array): Float64Array {
  const x = right.slice();
  for (let i = 0; i < size; i++) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k++) sum -= (cells[i * size + k] as number) * (x[k] as number);
    x[i] = sum / (cells[i * size + i] as number);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < size; k++) sum -= (cells[k * size + i] as number) * (x[k] as number);
    x[i] = sum / (cells[i * size + i] as number);
  }
  return x;
}

function multiply({ size, cells }: Matrix, x: Float64Array): Float64Array {
  const out = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += (cells[i * size + j] as number) * (x[j] as number);
    out[i] = sum;
  }
  return out;
}

/** Rayleigh quotient of the matrix after iterating `apply` on the vectors that sum to zero. */
function rayleigh(matrix: Matrix, apply: (x: Float64Array) => Float64Array): number {
  let x = unit(Float64Array.from({ length: matrix.size }, (_, i) => Math.sin(1 + 1.7 * i)));
  for (let k = 0; k < 100; k++) x = unit(apply(x));
  return Math.max(0, dot(x, multiply(matrix, x)));
}

/** Without its mean, and of length 1. */
function unit(x: Float64Array): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const centred = x.map((value) => value - mean);
  const norm = Math.sqrt(dot(centred, centred));
  return norm === 0 ? centred : centred.map((value) => value / norm);
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
