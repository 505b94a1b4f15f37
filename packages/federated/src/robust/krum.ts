/** Coordinates compared at a time: 100 rows of them fit a core's cache. */
const BLOCK = 1024;

/**
 * Krum score of each row: the sum of the squared distances to its rows.length - byzantine - 2 nearest others
 * (Blanchard et al. 2017). Needs rows.length >= 2 byzantine + 3.
 */
export function krumScores(rows: readonly Float32Array[], byzantine: number): number[] {
  const count = rows.length;
  const distances = squaredDistances(rows);
  return rows.map((_, i) => {
    const others = distances.slice(i * count, (i + 1) * count).sort();
    let score = 0;
    // others[0] is the row's distance to itself
    for (let k = 1; k <= count - byzantine - 2; k++) score += others[k] as number;
    return score;
  });
}

/** Positions of the `keep` lowest scores, ascending; of equal scores the lower position. */
export function lowest(scores: readonly number[], keep: number): number[] {
  return scores
    .map((_, position) => position)
    .sort((a, b) => (scores[a] as number) - (scores[b] as number))
    .slice(0, keep)
    .sort((a, b) => a - b);
}

/** All pairs' squared distances, row major. */
function squaredDistances(rows: readonly Float32Array[]): Float64Array {
  const count = rows.length;
  const dimension = rows[0]?.length ?? 0;
  const out = new Float64Array(count * count);
  for (let start = 0; start < dimension; start += BLOCK) {
    const end = Math.min(start + BLOCK, dimension);
    for (let i = 0; i < count; i++) addRow(rows, i, start, end, out);
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) out[i * count + j] = out[j * count + i] as number;
  }
  return out;
}

/** Adds the distances of row i to the rows after it over one block, four rows at a time. */
function addRow(
  rows: readonly Float32Array[],
  i: number,
  start: number,
  end: number,
  out: Float64Array,
): void {
  const count = rows.length;
  const row = rows[i] as Float32Array;
  let j = i + 1;
  for (; j + 3 < count; j += 4) {
    const [r0, r1, r2, r3] = rows.slice(j, j + 4) as [Float32Array, Float32Array, Float32Array, Float32Array];
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = start; k < end; k++) {
      const x = row[k] as number;
      const d0 = x - (r0[k] as number);
      const d1 = x - (r1[k] as number);
      const d2 = x - (r2[k] as number);
      const d3 = x - (r3[k] as number);
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    const at = i * count + j;
    out[at] = (out[at] as number) + s0;
    out[at + 1] = (out[at + 1] as number) + s1;
    out[at + 2] = (out[at + 2] as number) + s2;
    out[at + 3] = (out[at + 3] as number) + s3;
  }
  for (; j < count; j++) {
    const other = rows[j] as Float32Array;
    let sum = 0;
    for (let k = start; k < end; k++) sum += ((row[k] as number) - (other[k] as number)) ** 2;
    out[i * count + j] = (out[i * count + j] as number) + sum;
  }
}
