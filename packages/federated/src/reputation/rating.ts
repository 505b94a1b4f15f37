/** A row of the reputation contract: what one rater says of one subject after one job. */
export interface RatingRow {
  readonly job: bigint;
  readonly rater: string;
  readonly subject: string;
  /** Events of the job (rounds, deliveries) by how they went. */
  readonly positive: number;
  readonly negative: number;
  readonly uncertain: number;
  /** How long ago, in the unit of `halfLife` (blocks, milliseconds or jobs). */
  readonly age: number;
}

/** Subjective opinion: belief + disbelief + uncertainty = 1. */
export interface Opinion {
  readonly belief: number;
  readonly disbelief: number;
  readonly uncertainty: number;
}

export interface Reputation extends Opinion {
  /** belief + base * uncertainty, in [0, 1]. */
  readonly trust: number;
}
