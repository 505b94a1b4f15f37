/** Sum of weight * row over the sum of the weights, in double precision, rounded once at the end. */
export function weightedMean(rows: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const dimension = rows[0]?.length ?? 0;
  const sums = new Float64Array(dimension);
  let total = 0;
  rows.forEach((row, index) => {
    const weight = weights[index] as number;
    total += weight;
    for (let i = 0; i < dimension; i++) {
      sums[i] = (sums[i] as number) + weight * (row[i] as number);
    }
  });
  const mean = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) mean[i] = (sums[i] as number) / total;
  return mean;
}
