import type { ContributionAnalysis, OwnerContribution } from "@sheaf/measure";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { compact } from "../charts/compact.ts";
import { formatCount, formatRatio, formatShare, noValue, plural } from "../page/format.ts";
import { exactAmount, shortAmount } from "../page/money.ts";
import { chartsPart, type Part, type ReportSection, tablePart } from "../page/report-part.ts";
import { numeric, type TextTable } from "../page/text-table.ts";
import type { JobView, TrainingView } from "./training-view.ts";

/** What each owner gave, what it was worth, and what it was paid. */
export function paymentSection(view: TrainingView): ReportSection {
  return {
    id: "payments",
    title: "Payments",
    lead: "What each owner's contribution was found to be worth, and what the contract credited for it.",
    parts: view.jobs.flatMap((own) => [
      ...findings(own),
      ...chartsPart(...contributionCharts(view, own)),
      ...tablePart(contributionTable(view, own)),
      ...tablePart(otherPayments(view, own)),
    ]),
  };
}

/** How the scores came about, and whether they found the attackers. */
function findings({ job, analysis }: JobView): readonly Part[] {
  const { contributions } = job;
  const found = analysis.contributions;
  if (contributions === null || found === null) {
    return [{ kind: "text", text: `Nothing was delivered, so nothing was valued. ${job.outcomeReason}` }];
  }
  const { detection } = found;
  const attacked: readonly Part[] =
    detection === null
      ? []
      : [
          {
            kind: "notice",
            tone: detection.amongLowest === detection.attackers ? "good" : "warning",
            title: `${detection.amongLowest} of ${plural(detection.attackers, "attacker")} among the ${plural(detection.attackers, "lowest score")}`,
            lines: [
              `An attacker scores below an honest owner with probability ${detection.separation.toFixed(2)} (0.50 is chance).`,
              `Attackers got ${formatShare(detection.paidShare)} of what owners were paid.`,
              "Who attacks was decided by who made this run; the market was not told.",
            ],
          },
        ];
  return [...attacked, { kind: "facts", facts: methodFacts(job, found) }];
}

function methodFacts(
  { contributions }: JobView["job"],
  { scoreBySamples, clipped, efficiencyGap }: ContributionAnalysis,
): readonly (readonly [term: string, value: string])[] {
  if (contributions === null) return [];
  const basis =
    contributions.basis === "groups"
      ? "from the sums of groups: owners differ only as far as these show it"
      : "from single updates";
  const count =
    contributions.evaluations === null ? "" : `, ${formatCount(contributions.evaluations)} evaluations`;
  return [
    ["Method", `${contributions.method}, ${basis}${count}`],
    ["What was valued", contributions.utility],
    [
      "Score against number of samples",
      scoreBySamples === null
        ? "no rank correlation to be had"
        : `rank correlation ${scoreBySamples.toFixed(2)} over honest owners`,
    ],
    ["Negative scores", clipped === 0 ? "none" : `count as zero; they sum to ${formatRatio(clipped)}`],
    ...(efficiencyGap === null
      ? []
      : [
          [
            "Sum of scores",
            Math.abs(efficiencyGap) < 1e-9
              ? "what all are worth together, over nobody"
              : `off by ${formatRatio(Math.abs(efficiencyGap))} from what all are worth together, over nobody`,
          ] as const,
        ]),
  ];
}

function contributionCharts(
  view: TrainingView,
  { job, analysis, suffix, of }: JobView,
): readonly (ChartSpec | null)[] {
  const owners = byName(analysis.contributions?.owners ?? []);
  if (owners.length === 0) return [null];
  const honest = (own: OwnerContribution): boolean => own.attack === null;
  const { decimals, symbol } = view.record.currency;
  const units = (amount: bigint): number => compact(Number(amount) / 10 ** decimals);
  const bars = (wanted: boolean) =>
    owners.flatMap((own, i) => (honest(own) === wanted ? [[i, units(own.paid)] as const] : []));
  const dots = (wanted: boolean) =>
    owners
      .flatMap((own) =>
        honest(own) === wanted && own.samples !== null ? [[own.samples, compact(own.score)] as const] : [],
      )
      .sort(([a], [b]) => a - b);
  const attacked = owners.some((own) => !honest(own));
  return [
    {
      id: `paid${suffix}`,
      title: `Paid to each owner${of}`,
      description: `By the weights that were delivered on chain, out of a price of ${shortAmount(job.price, view.record.currency)}.`,
      x: { label: "Owner", format: "count", names: owners.map(({ agent }) => agent) },
      y: { label: symbol, format: "number" },
      series: [
        { label: attacked ? "honest owners" : "owners", color: "c1", style: "bar", points: bars(true) },
        ...(attacked
          ? [{ label: "attackers", color: "c2", style: "bar", points: bars(false) } as const]
          : []),
      ],
    },
    {
      id: `score-by-samples${suffix}`,
      title: `Score against data${of}`,
      description:
        "Each point is an owner: how many samples it holds, and what its contribution was scored at.",
      x: { label: "Samples of the owner", format: "count", min: 0 },
      y: { label: "Score", format: "number" },
      series: [
        { label: attacked ? "honest owners" : "owners", color: "c1", style: "points", points: dots(true) },
        ...(attacked
          ? [{ label: "attackers", color: "c2", style: "points", points: dots(false) } as const]
          : []),
      ],
    },
  ];
}

function contributionTable({ record, label }: TrainingView, { job, analysis, of }: JobView): TextTable {
  const owners = byName(analysis.contributions?.owners ?? partlyPaid(job));
  const total = owners.reduce((sum, { paid }) => sum + paid, 0n);
  const share = (paid: bigint): string =>
    total === 0n ? noValue : formatShare(Number((paid * 1_000_000n) / total) / 1_000_000);
  return {
    caption: `Owners${of}`,
    columns: [
      { title: "Owner" },
      ...numeric(
        "Samples",
        "Rounds",
        "Score",
        "Rank, highest is 1",
        "Share of the pay",
        `Paid, ${record.currency.symbol}`,
      ),
    ],
    rows: owners.map(({ agent, samples, rounds, score, rank, paid }) => [
      label(agent),
      samples === null ? noValue : formatCount(samples),
      formatCount(rounds),
      Number.isNaN(score) ? noValue : score.toFixed(4),
      Number.isNaN(rank) ? noValue : String(owners.length + 1 - rank),
      share(paid),
      exactAmount(paid, record.currency),
    ]),
  };
}

/** owner-2 before owner-10: on chain they stand by address, in which nobody finds one. */
function byName(owners: readonly OwnerContribution[]): readonly OwnerContribution[] {
  return [...owners].sort((a, b) => a.agent.localeCompare(b.agent, "en", { numeric: true }));
}

/** Owners that were paid for closed rounds although nothing was valued. */
function partlyPaid(job: JobView["job"]): readonly OwnerContribution[] {
  const paid = job.payments.filter(({ kind }) => kind === "owner-share");
  return paid.map(({ agent, amount }) => ({
    agent,
    samples: null,
    rounds: job.rounds.filter(({ survivors }) => survivors.includes(agent)).length,
    score: Number.NaN,
    rank: Number.NaN,
    weight: 0n,
    paid: BigInt(amount),
    attack: null,
  }));
}

const kinds = { "analyst-fee": "fee", refund: "back to the consumer", bond: "bond of a dispute" } as const;

function otherPayments({ record, label }: TrainingView, { job, of }: JobView): TextTable {
  return {
    caption: `Other payments${of}`,
    columns: [{ title: "To" }, { title: "For" }, ...numeric(record.currency.symbol, "Block")],
    rows: job.payments.flatMap(({ agent, kind, amount, transaction }) =>
      kind === "owner-share"
        ? []
        : [[label(agent), kinds[kind], exactAmount(amount, record.currency), formatCount(transaction.block)]],
    ),
  };
}
