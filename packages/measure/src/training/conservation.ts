import type { TrainingJob } from "./job-record.ts";
import type { Payment, Trade } from "./market-record.ts";
import type { ConservationBooks, TrainingRecord } from "./training-record.ts";

/** One amount of an equation; whole smallest units. */
export interface EquationTerm {
  readonly label: string;
  readonly amount: bigint;
}

/** `left` must be the sum of `right`. */
export interface ConservationEquation {
  /** What is balanced: "job 1", "the market's account on chain main". */
  readonly subject: string;
  readonly left: EquationTerm;
  readonly right: readonly EquationTerm[];
  readonly holds: boolean;
}

/** [TRAINING.7] Every equation that must hold when value is conserved, on each chain and in each job that is over. */
export function conservationEquations(record: TrainingRecord): readonly ConservationEquation[] {
  return [
    ...record.conservation.flatMap((books) =>
      bookEquations(books, record.chains[books.chain]?.name ?? String(books.chain)),
    ),
    ...record.jobs.flatMap(jobEquations),
  ];
}

/** [TRAINING.7] Whether every equation holds and every chain that carried a job was asked for its books. */
export function isConserved(record: TrainingRecord): boolean {
  return chainsWithoutBooks(record).length === 0 && conservationEquations(record).every(({ holds }) => holds);
}

/** Names of the chains with jobs whose books are not in the record. */
export function chainsWithoutBooks(record: TrainingRecord): readonly string[] {
  const known = new Set(record.conservation.map(({ chain }) => chain));
  const used = [...new Set(record.jobs.map(({ chain }) => chain))];
  return used.flatMap((chain) => (known.has(chain) ? [] : [record.chains[chain]?.name ?? String(chain)]));
}

/** What a job credited, of one kind or of several. */
export function paid(job: TrainingJob, ...kinds: readonly Payment["kind"][]): bigint {
  return sum(job.payments.filter(({ kind }) => kinds.includes(kind)).map(({ amount }) => amount));
}

/** The sum of decimal strings. */
export function sum(amounts: readonly string[]): bigint {
  return amounts.reduce((total, amount) => total + BigInt(amount), 0n);
}

function bookEquations(books: ConservationBooks, chain: string): readonly ConservationEquation[] {
  const subject = `the market's account on chain ${chain}`;
  const term = (label: string, amount: string): EquationTerm => ({ label, amount: BigInt(amount) });
  const balance = term("balance", books.balance);
  return [
    equation(subject, balance, [
      term("locked for open jobs", books.locked),
      term("credited, not yet withdrawn", books.credited),
    ]),
    equation(subject, term("ever paid in", books.deposited), [
      term("ever withdrawn", books.withdrawn),
      balance,
    ]),
  ];
}

function jobEquations(job: TrainingJob): readonly ConservationEquation[] {
  if (job.outcome === "open") return [];
  const subject = `job ${job.id}`;
  const toOwners = { label: "to owners", amount: paid(job, "owner-share") };
  const toAnalyst = { label: "to the analyst", amount: paid(job, "analyst-fee") };
  const price = { label: "price", amount: BigInt(job.price) };
  const rows = (label: string, wanted: Trade["kind"]): EquationTerm => ({
    label,
    amount: sum(job.trades.filter(({ kind }) => kind === wanted).map(({ amount }) => amount)),
  });
  const equations = [
    equation(subject, price, [
      toOwners,
      toAnalyst,
      { label: "back to the consumer", amount: paid(job, "refund") },
    ]),
    equation(`the trades of ${subject}`, rows("owners' rows", "owner-analyst"), [toOwners]),
    equation(`the trades of ${subject}`, rows("analysts' rows", "analyst-consumer"), [toAnalyst]),
  ];
  const bonds = { label: "bonds", amount: sum(job.disputes.map(({ bond }) => bond)) };
  const paidOut = { label: "bonds paid out", amount: paid(job, "bond") };
  return job.disputes.length === 0
    ? equations
    : [...equations, equation(`the disputes of ${subject}`, bonds, [paidOut])];
}

function equation(subject: string, left: EquationTerm, right: readonly EquationTerm[]): ConservationEquation {
  const total = right.reduce((all, { amount }) => all + amount, 0n);
  return { subject, left, right, holds: left.amount === total };
}
