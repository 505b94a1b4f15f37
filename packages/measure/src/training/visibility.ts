import type { PrivacyRecord } from "./privacy-record.ts";

/**
 * Those from whom something may be hidden: the other owners, the analyst, the consumer, whoever runs the broker of
 * the bus, and anybody who reads the chain.
 */
export const observers = ["owners", "analyst", "consumer", "broker", "chain"] as const;

/**
 * What an observer learns of an item: it, it with noise in it, only sums over several owners, such sums with noise
 * in them, a digest that proves later what it was, or nothing.
 */
export type Visibility = "visible" | "noisy" | "sum" | "noisy sum" | "digest" | "hidden";

export type Observer = (typeof observers)[number];

export interface VisibilityRow {
  /** Whether it belongs to an owner, or to the owners of a sum: what they would keep to themselves. */
  readonly secret: boolean;
  readonly item: string;
  /** Fewest owners of the sums that `seenBy` speaks of; `null` where it does not, or none was opened. */
  readonly sumOf: number | null;
  readonly seenBy: Readonly<Record<Observer, Visibility>>;
}

export interface VisibilityTable {
  readonly rows: readonly VisibilityRow[];
  /** What the table rests on, and who must not act together: a sentence or two each. */
  readonly assumptions: readonly string[];
}

/** The sums that a job opened. */
export interface OpenedSums {
  /** Fewest owners in any of them; `null` when none was opened. */
  readonly smallest: number | null;
  /** Fewest owners in all sums of a round together. */
  readonly smallestRound: number | null;
  /** Whether each round had one for all its owners, rather than one for each group. */
  readonly onePerRound: boolean;
}

/**
 * [TRAINING.11] Who can see what under `privacy`. The cells follow from what the protocol sends to whom and from what
 * can be computed of it. Messages on the bus are sealed to their recipients [BUS.17], so the broker learns who talks to
 * whom and nothing of what it relays.
 */
export function visibilityOf(privacy: PrivacyRecord, sums: OpenedSums): VisibilityTable {
  const { update, samples, loss, opened, released } = levelsOf(privacy);
  /** What the consumer learns where it holds the key, and so opens the sums itself. */
  const beside = (level: Visibility): Visibility => (privacy.mode === "paillier" ? level : "hidden");
  const decrypted = beside(opened);
  const { smallest, smallestRound } = sums;
  const secret = (item: string, levels: Levels, sumOf: number | null = null): VisibilityRow =>
    rowOf(item, levels, { secret: true, sumOf });
  const shared = (item: string, levels: Levels): VisibilityRow =>
    rowOf(item, levels, { secret: false, sumOf: null });
  const groups = secret(
    "Sum of one group's updates",
    ["hidden", opened, decrypted, "hidden", "hidden"],
    smallest,
  );
  return {
    rows: [
      secret("Raw data and labels", ["hidden", "hidden", "hidden", "hidden", "hidden"]),
      secret("Update of one owner", ["hidden", update, "hidden", "hidden", "digest"]),
      secret("Sample count of one owner", ["hidden", samples, beside(samples), "hidden", "hidden"], smallest),
      secret("Training loss of one owner", ["hidden", loss, beside(loss), "hidden", "hidden"], smallest),
      ...(sums.onePerRound ? [] : [groups]),
      secret("Sum of a round's updates", [released, opened, decrypted, "hidden", "digest"], smallestRound),
      shared("Model during training", ["visible", "visible", "hidden", "hidden", "digest"]),
      shared("Delivered model", ["visible", "visible", "visible", "hidden", "digest"]),
      shared("Who took part, who fell out", ["visible", "visible", "visible", "visible", "visible"]),
      shared("Score before it is cut at zero", ["hidden", "visible", "hidden", "hidden", "hidden"]),
      shared("Weight, payment, rating", ["visible", "visible", "visible", "hidden", "visible"]),
      shared("Request, price, trades", ["visible", "visible", "visible", "hidden", "visible"]),
    ],
    assumptions: assumptionsOf(privacy, sums),
  };
}

/** In the order of `observers`. */
type Levels = readonly [Visibility, Visibility, Visibility, Visibility, Visibility];

function rowOf(
  item: string,
  levels: Levels,
  rest: { readonly secret: boolean; readonly sumOf: number | null },
): VisibilityRow {
  const [owners, analyst, consumer, broker, chain] = levels;
  return { item, ...rest, seenBy: { owners, analyst, consumer, broker, chain } };
}

/** What the analyst gets. */
function levelsOf({ mode, dp }: PrivacyRecord): {
  readonly update: Visibility;
  /** The sample count travels beside the update, and is hidden as it is, but has no noise. */
  readonly samples: Visibility;
  /** So does the loss, unless nothing without noise may leave. */
  readonly loss: Visibility;
  readonly opened: Visibility;
  /** What one model and the next tell of the sum between them. */
  readonly released: Visibility;
} {
  const distributed = dp?.noise === "distributed";
  const open = mode === "none" || mode === "dp";
  return {
    update: !open ? "hidden" : distributed ? "noisy" : "visible",
    samples: open ? "visible" : "sum",
    loss: dp !== null ? "hidden" : open ? "visible" : "sum",
    opened: distributed ? "noisy sum" : "sum",
    released: dp === null ? "sum" : "noisy sum",
  };
}

function assumptionsOf(privacy: PrivacyRecord, sums: OpenedSums): readonly string[] {
  const { mode, secagg, dp } = privacy;
  return [
    ...(secagg === null ? [] : secaggAssumptions(secagg.threshold, sums)),
    ...(mode === "paillier"
      ? [
          "The consumer holds the key: a single ciphertext that reached it could be opened. So the analyst may not act together with the consumer.",
          "That a ciphertext which the consumer decrypts is the sum of the committed ones is checked in a dispute only: an analyst that lies can have one owner's ciphertext opened in its place, once a round.",
        ]
      : []),
    ...(mode === "none" || mode === "dp"
      ? [
          "An update can give away parts of the data that it was computed from: in this mode the analyst is trusted with every one of them.",
        ]
      : []),
    ...(dp === null
      ? [
          "No noise is added: how much the opened sums and the model tell of their owners has no proven limit. Sums of many rounds, or of jobs that begin alike, can be compared: over different owners they narrow down what one of them sent.",
        ]
      : dpAssumptions(dp, mode === "dp")),
    "Messages on the bus are sealed to their recipients: whoever runs the broker, and whoever it lets subscribe, sees who talks to whom, when and how much.",
    "In a dispute the analysts who vote see of the contested round what its analyst saw.",
    "A digest on chain is of what was sent: of the masked or encrypted update where there is one.",
  ];
}

function secaggAssumptions(threshold: number, { smallest, onePerRound }: OpenedSums): readonly string[] {
  return [
    `${smallest === null ? "No sum was" : `Only sums of at least ${smallest} owners were`} opened. One owner's update stays hidden unless the analyst acts together with so many members of its group that their shares open it (${Math.round(100 * threshold)} % of those who hold one).`,
    ...(onePerRound
      ? []
      : [
          "Groups are drawn anew in every round: over many rounds their sums tell ever more of what one owner tends to contribute. Contribution scores rest on just that.",
        ]),
  ];
}

function dpAssumptions(dp: NonNullable<PrivacyRecord["dp"]>, single: boolean): readonly string[] {
  const limit = `Epsilon, at delta ${dp.delta.toExponential()}, limits what the models tell of the whole data of one owner, whatever else is known.`;
  if (dp.noise === "central") {
    const before = single ? "single updates" : "exact sums";
    return [`${limit} The analyst adds the noise, so before that it sees ${before}.`];
  }
  return [
    `${limit} Each owner adds a share of the noise, and it is complete only in the sum${single ? ": the little in one update protects it hardly" : ""}.`,
  ];
}
