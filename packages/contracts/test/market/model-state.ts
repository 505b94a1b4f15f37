/** The market as a plain model: what specs/market.md says, in sets and lists. */
export interface Terms {
  readonly offerSeconds: bigint;
  readonly recruitSeconds: bigint;
  readonly roundSeconds: bigint;
  readonly resumeSeconds: bigint;
  readonly disputeSeconds: bigint;
  readonly minRounds: number;
  readonly maxRounds: number;
  readonly minOwners: number;
  readonly maxOwners: number;
}

export const states = [
  "None",
  "Open",
  "Recruiting",
  "Training",
  "Delivered",
  "Disputed",
  "Settled",
  "Refunded",
  "Stopped",
] as const;
export type State = (typeof states)[number];
export const outcomes = ["None", "Full", "Partial", "Upheld"] as const;

export interface ModelRound {
  readonly analyst: string;
  readonly cohort: ReadonlySet<number>;
  survivors: ReadonlySet<number>;
}

export interface ModelDispute {
  readonly by: string;
  readonly round: number;
  readonly accused: string;
  readonly arbiters: number;
  readonly lastSerial: number;
  upheld: number;
  rejected: number;
  readonly voters: Set<string>;
}

export interface ModelJob {
  readonly consumer: string;
  readonly price: bigint;
  readonly terms: Terms;
  state: State;
  outcome: (typeof outcomes)[number];
  delivered: boolean;
  deadline: bigint;
  fee: bigint;
  stateHash: string;
  readonly offers: Map<string, bigint>;
  readonly invitations: Map<string, "invited" | "joined" | "declined">;
  owners: readonly string[];
  readonly left: Set<number>;
  /** Analysts, in order; the last one holds the job. */
  readonly held: string[];
  readonly closed: ModelRound[];
  opened: ModelRound | undefined;
  /** Of the round after the closed ones. */
  attempt: number;
  openings: number;
  weights: readonly bigint[];
  dispute: ModelDispute | undefined;
  readonly disputedBy: Set<string>;
  readonly disputedRounds: Set<number>;
}

export interface ModelTrade {
  readonly job: bigint;
  readonly kind: 1 | 2;
  readonly seller: string;
  readonly buyer: string;
  readonly amount: bigint;
  readonly subject: string;
}

/** Everything: jobs by number, licences by role, money by account. */
export interface ModelState {
  now: bigint;
  readonly jobs: ModelJob[];
  readonly licences: readonly Map<string, number>[];
  serial: number;
  locked: bigint;
  readonly credits: Map<string, bigint>;
  readonly trades: ModelTrade[];
  readonly ratings: Set<string>;
}

export const zeroHash = `0x${"0".repeat(64)}`;

export function emptyModel(): ModelState {
  return {
    now: 0n,
    jobs: [],
    licences: [new Map(), new Map(), new Map(), new Map()],
    serial: 0,
    locked: 0n,
    credits: new Map(),
    trades: [],
    ratings: new Set(),
  };
}

/** The indices of the bits that are set. */
export function bitsOf(bitmap: bigint): ReadonlySet<number> {
  const bits = new Set<number>();
  for (let i = 0; bitmap >> BigInt(i) > 0n; i++) if ((bitmap >> BigInt(i)) & 1n) bits.add(i);
  return bits;
}

export function isSubset(part: ReadonlySet<number>, whole: ReadonlySet<number>): boolean {
  return [...part].every((each) => whole.has(each));
}

/** How many closed rounds each owner survived. */
export function survivalsOf(job: ModelJob): bigint[] {
  return job.owners.map((_, i) => BigInt(job.closed.filter(({ survivors }) => survivors.has(i)).length));
}

/** Moves locked money to an account. */
export function credit(model: ModelState, account: string, amount: bigint): void {
  model.locked -= amount;
  if (amount > 0n) model.credits.set(account, (model.credits.get(account) ?? 0n) + amount);
}
