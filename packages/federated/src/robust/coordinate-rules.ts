/** Coordinates gathered at a time, so that the rows are read in order. */
const BLOCK = 64;

/** Median of each coordinate; of an even number the mean of the middle two. */
export function coordinateMedian(rows: readonly Float32Array[]): Float32Array {
  const middle = rows.length >> 1;
  const isEven = rows.length % 2 === 0;
  return byCoordinate(rows, (column, from, to) => {
    const upper = select(column, from, to, from + middle);
    if (!isEven) return upper;
    let lower = Number.NEGATIVE_INFINITY;
    for (let i = from; i < from + middle; i++) lower = Math.max(lower, column[i] as number);
    return (lower + upper) / 2;
  });
}

/** Mean of each coordinate without the `trim` smallest and the `trim` largest values; 2 trim < rows. */
export function trimmedMean(rows: readonly Float32Array[], trim: number): Float32Array {
  const kept = rows.length - 2 * trim;
  return byCoordinate(rows, (column, from, to) => {
    if (trim > 0) {
      select(column, from, to, from + trim);
      select(column, from + trim, to, to - trim - 1);
    }
    let sum = 0;
    for (let i = from + trim; i < to - trim; i++) sum += column[i] as number;
    return sum / kept;
  });
}

/** `reduce` gets each coordinate's values as column[from..to) and may reorder them. */
function byCoordinate(
  rows: readonly Float32Array[],
  reduce: (column: Float32Array, from: number, to: number) => number,
): Float32Array {
  const dimension = rows[0]?.length ?? 0;
  const count = rows.length;
  const out = new Float32Array(dimension);
  const columns = new Float32Array(BLOCK * count);
  for (let start = 0; start < dimension; start += BLOCK) {
    const width = Math.min(BLOCK, dimension - start);
    rows.forEach((row, r) => {
      for (let i = 0; i < width; i++) columns[i * count + r] = row[start + i] as number;
    });
    for (let i = 0; i < width; i++) out[start + i] = reduce(columns, i * count, (i + 1) * count);
  }
  return out;
}

/**
 * The value that belongs at `position` when column[from..to) is sorted; puts nothing larger before it and
 * nothing smaller after it (Hoare's selection, median of three).
 */
function select(column: Float32Array, from: number, to: number, position: number): number {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = medianOfThree(
      column[low] as number,
      column[(low + high) >> 1] as number,
      column[high] as number,
    );
    let i = low;
    let j = high;
    while (i <= j) {
      while ((column[i] as number) < pivot) i++;
      while ((column[j] as number) > pivot) j--;
      if (i <= j) {
        const held = column[i] as number;
        column[i++] = column[j] as number;
        column[j--] = held;
      }
    }
    if (position <= j) high = j;
    else if (position >= i) low = i;
    else break;
  }
  return column[position] as number;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
