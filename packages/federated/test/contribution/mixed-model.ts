import type { GroupRound } from "../../src/index.ts";

/** Inverse by Gauss and Jordan, with pivots. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < size; k++) {
    const column = rows.map((row, i) => (i < k ? -1 : Math.abs(row[k] as number)));
    const pivot = column.indexOf(Math.max(...column));
    [rows[k], rows[pivot]] = [rows[pivot] as number[], rows[k] as number[]];
    const lead = rows[k] as number[];
    const unit = lead[k] as number;
    rows[k] = lead.map((value) => value / unit);
    rows.forEach((row, i) => {
      const factor = row[k] as number;
      if (i !== k) rows[i] = row.map((value, j) => value - factor * (rows[k]?.[j] as number));
    });
  }
  return rows.map((row) => row.slice(size));
}

const times = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

export interface MixedModel {
  readonly rounds: readonly GroupRound[];
  readonly members: number;
  readonly ridge: number;
  /** Of the rounds. */
  readonly scales: readonly number[];
}

/**
 * The members' scores and their standard errors by Henderson's mixed model equations (1950), levels and deviations
 * solved for together: score of a group = size * level + scale * (sum of deviations + error of variance size * sigma^2).
 */
export function solveMixedModel({ rounds, members, ridge, scales }: MixedModel) {
  const unknowns = rounds.length + members;
  const observed = rounds.flatMap(({ groups, scores }, r) =>
    groups.map((group, g) => {
      const row = new Array<number>(unknowns).fill(0);
      row[r] = group.length;
      for (const member of group) row[rounds.length + member] = scales[r] as number;
      return { row, value: scores[g] as number, precision: 1 / ((scales[r] as number) ** 2 * group.length) };
    }),
  );
  const places = Array.from({ length: unknowns }, (_, i) => i);
  const at = (row: readonly number[], i: number): number => row[i] as number;
  const normal = places.map((i) =>
    places.map(
      (j) =>
        observed.reduce((sum, { row, precision }) => sum + at(row, i) * at(row, j) * precision, 0) +
        (i === j && i >= rounds.length ? ridge : 0),
    ),
  );
  const inverted = inverse(normal);
  const right = places.map((i) =>
    observed.reduce((sum, { row, value, precision }) => sum + at(row, i) * value * precision, 0),
  );
  const solution = inverted.map((row) => times(row, right));
  const unexplained = observed.reduce(
    (sum, { row, value, precision }) => sum + value * precision * (value - times(row, solution)),
    0,
  );
  const errorVariance = unexplained / (observed.length - rounds.length);
  const directions = Array.from({ length: members }, (_, member) =>
    places.map((place) => {
      const own = rounds.map(({ groups }) => groups.flat().includes(member));
      if (place < rounds.length) return own[place] ? 1 : 0;
      if (place !== rounds.length + member) return 0;
      return own.reduce((sum, isThere, r) => sum + (isThere ? (scales[r] as number) : 0), 0);
    }),
  );
  return {
    scores: directions.map((direction) => times(direction, solution)),
    standardErrors: directions.map((direction) =>
      Math.sqrt(
        errorVariance *
          times(
            direction,
            inverted.map((row) => times(row, direction)),
          ),
      ),
    ),
  };
}
