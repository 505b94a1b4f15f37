import { invalidInput, type Random } from "@sheaf/base";
import { z } from "zod";
import { type Dataset, shuffledIndices, takeSamples } from "./dataset.ts";
import { dirichlet } from "./dirichlet.ts";

export const partitionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("iid") }),
  z.strictObject({ kind: z.literal("shards"), shardsPerOwner: z.int().min(1) }),
  z.strictObject({ kind: z.literal("dirichlet"), alpha: z.number().positive() }),
  z.strictObject({ kind: z.literal("column"), values: z.array(z.union([z.string(), z.number()])) }),
]);

/**
 * How samples are dealt to owners. `iid`: shuffled, in equal parts. `shards`: sorted by label, cut into equal
 * shards, each owner gets `shardsPerOwner` at random (McMahan et al. 2017). `dirichlet`: each class in
 * proportions drawn from Dir(alpha) (Hsu et al. 2019); a small alpha gives owners few classes. `column`: one
 * owner for each different value, in order of first appearance; one value a sample.
 */
export type PartitionScheme = Readonly<z.infer<typeof partitionSchema>>;

/** Targets of a regression are cut into this many equal parts where a scheme needs classes. */
const TARGET_BINS = 10;

/**
 * Deals every sample to exactly one of `owners` owners; each gets at least one. `INVALID_INPUT` when there are
 * fewer samples (or shards of samples) than needed, or a column has not one value an owner.
 */
export function partition(
  dataset: Dataset,
  scheme: PartitionScheme,
  owners: number,
  random: Random,
): Dataset[] {
  if (!Number.isInteger(owners) || owners < 1) throw invalidInput("owners", `${owners} is not a count`);
  if (dataset.count < owners) {
    throw invalidInput(
      "owners",
      `${owners} owners cannot share ${dataset.count} samples`,
      "take fewer owners",
    );
  }
  return deal(dataset, scheme, owners, random).map((indices) => takeSamples(dataset, indices));
}

function deal(
  dataset: Dataset,
  scheme: PartitionScheme,
  owners: number,
  random: Random,
): ArrayLike<number>[] {
  switch (scheme.kind) {
    case "iid":
      return cut(shuffledIndices(dataset.count, random), owners);
    case "shards":
      return dealShards(dataset, scheme.shardsPerOwner, owners, random);
    case "dirichlet":
      return dealDirichlet(dataset, scheme.alpha, owners, random);
    case "column":
      return dealColumn(dataset, scheme.values, owners);
  }
}

/** In `parts` runs whose lengths differ by at most one. */
function cut(indices: Uint32Array, parts: number): Uint32Array[] {
  const edge = (part: number): number => Math.floor((part * indices.length) / parts);
  return Array.from({ length: parts }, (_, part) => indices.subarray(edge(part), edge(part + 1)));
}

function byLabel(dataset: Dataset, random: Random): Uint32Array {
  const { labels } = dataset;
  return shuffledIndices(dataset.count, random).sort((a, b) => (labels[a] ?? 0) - (labels[b] ?? 0));
}

function dealShards(dataset: Dataset, shardsPerOwner: number, owners: number, random: Random): number[][] {
  const shards = owners * shardsPerOwner;
  if (dataset.count < shards) {
    throw invalidInput("shards an owner", `${shards} shards cannot share ${dataset.count} samples`);
  }
  const dealt = random.shuffle(cut(byLabel(dataset, random), shards));
  return Array.from({ length: owners }, (_, owner) =>
    dealt.slice(owner * shardsPerOwner, (owner + 1) * shardsPerOwner).flatMap((shard) => [...shard]),
  );
}

function dealDirichlet(dataset: Dataset, alpha: number, owners: number, random: Random): number[][] {
  const dealt = Array.from({ length: owners }, (): number[] => []);
  for (const members of classesOf(dataset, random)) {
    let share = 0;
    let from = 0;
    dirichlet(alpha, owners, random).forEach((portion, owner) => {
      share += portion;
      const to = owner === owners - 1 ? members.length : Math.round(share * members.length);
      for (const index of members.subarray(from, to)) dealt[owner]?.push(index);
      from = Math.max(from, to);
    });
  }
  for (const indices of dealt) {
    if (indices.length === 0) indices.push(largest(dealt).pop() as number);
  }
  return dealt;
}

/** The sample indices of each class, shuffled. */
function classesOf(dataset: Dataset, random: Random): Uint32Array[] {
  const sorted = byLabel(dataset, random);
  if (dataset.task.kind === "regression") return cut(sorted, Math.min(TARGET_BINS, dataset.count));
  return Array.from({ length: dataset.task.classes }, (_, label) =>
    sorted.filter((index) => dataset.labels[index] === label),
  );
}

function largest(lists: readonly number[][]): number[] {
  return lists.reduce((a, b) => (b.length > a.length ? b : a));
}

function dealColumn(dataset: Dataset, values: readonly (string | number)[], owners: number): number[][] {
  if (values.length !== dataset.count) {
    throw invalidInput("column of owners", `has ${values.length} values for ${dataset.count} samples`);
  }
  const dealt = new Map<string | number, number[]>();
  values.forEach((value, index) => {
    const indices = dealt.get(value);
    if (indices === undefined) dealt.set(value, [index]);
    else indices.push(index);
  });
  if (dealt.size !== owners) {
    throw invalidInput("column of owners", `has ${dealt.size} different values for ${owners} owners`);
  }
  return [...dealt.values()];
}
