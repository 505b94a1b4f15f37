import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { invalidInput } from "@sheaf/base";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, "lower-case letters, digits and hyphens");
const positive = z.int().positive();

const arm = z.strictObject({
  name,
  /** What the comparison divides: `candidate` by `baseline`. A `control` is only reported. */
  role: z.enum(["baseline", "candidate", "control"]),
  /** A topology file, relative to this file. */
  network: z.string().min(1),
});

/** How load is offered. `window` and `ratePerSecond` are over all chains of an arm together. */
export const modeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("windowed"), window: positive }),
  z.strictObject({
    kind: z.literal("open-loop"),
    arrivals: z.enum(["constant", "poisson"]).default("constant"),
    ratePerSecond: z.number().positive().max(1_000_000),
  }),
]);

export const workloadNames = ["token", "record", "transfer", "do-nothing", "cpu-heavy", "io-heavy"] as const;

const fault = z.strictObject({
  /** `kill` is SIGKILL, `restart` starts it again, `pause` and `resume` are SIGSTOP and SIGCONT. */
  kind: z.enum(["kill", "restart", "pause", "resume"]),
  /** After the common start barrier. */
  atMs: z.number().nonnegative(),
  chain: z.int().nonnegative().default(0),
  validator: z.int().nonnegative(),
  /** In which arm; in all when absent. */
  arm: name.optional(),
});

/** A benchmark: what to run, on which networks, and which claim it tests. */
export const benchmarkSchema = z.strictObject({
  schema: z.literal("sheaf.benchmark/1"),
  title: z.string().min(1),
  /** One sentence that the run may confirm or refute. */
  claim: z.string().default(""),
  arms: z.array(arm).min(1).max(16),
  load: z.strictObject({
    workload: z.enum(workloadNames),
    /** Logical transactions of each arm. */
    transactions: positive.max(10_000_000),
    mode: modeSchema,
    /** Accounts that send, each with its own lane of nonces. */
    senders: positive.max(100_000).default(400),
    /** How a transaction finds its sub-chain. */
    route: z.enum(["sender", "device", "application"]).default("sender"),
    /** A CSV file for `record`, relative to this file. */
    input: z.string().min(1).optional(),
    /** When nothing more commits, how long the driver waits before it calls the rest lost. */
    drainMs: positive.default(60_000),
    /** The longest that one arm's load may take; 0 derives it from the protocol's limits. */
    deadlineMs: z.int().nonnegative().default(0),
  }),
  /** Each arm is run so often, alternating, and the median is reported. */
  repetitions: positive.max(100).default(1),
  /** Also runs the candidate's network with one chain loaded and the others idle. */
  idleControl: z.boolean().default(false),
  faults: z.array(fault).default([]),
});

export type Benchmark = z.infer<typeof benchmarkSchema>;
export type BenchmarkFault = Benchmark["faults"][number];
export type WorkloadName = (typeof workloadNames)[number];

/** A benchmark with the file it came from. */
export interface BenchmarkFile {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly path: string;
  readonly benchmark: Benchmark;
}

/** Parses a benchmark; raises `INVALID_INPUT` with file, line and field. Paths in it become absolute. */
export function parseBenchmark(text: string, path: string): Benchmark {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw invalidInput(`${path}:${broken.linePos?.[0].line ?? 1}`, broken.message.split("\n", 1)[0] ?? "not YAML");
  }
  const parsed = benchmarkSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path ?? [];
    const node = document.getIn(field.map(String), true) as { readonly range?: readonly number[] } | undefined;
    const line = node?.range?.[0] === undefined ? 1 : lines.linePos(node.range[0]).line;
    throw invalidInput(`${path}:${line}: ${field.join(".") || "the file"}`, issue?.message ?? "is no benchmark");
  }
  const folder = dirname(path);
  const { arms, load } = parsed.data;
  if (new Set(arms.map((each) => each.name)).size !== arms.length) {
    throw invalidInput(`${path}: arms`, "two arms have one name");
  }
  for (const each of parsed.data.faults) {
    if (each.arm !== undefined && !arms.some((candidate) => candidate.name === each.arm)) {
      throw invalidInput(`${path}: faults`, `there is no arm "${each.arm}"`);
    }
  }
  return {
    ...parsed.data,
    arms: arms.map((each) => ({ ...each, network: resolve(folder, each.network) })),
    load: load.input === undefined ? load : { ...load, input: resolve(folder, load.input) },
  };
}

/** The benchmark called `nameOrFile`: a file when it looks like a path, else one of `benchmarks/`. */
export async function loadBenchmark(nameOrFile: string, folder: string): Promise<BenchmarkFile> {
  const isPath = /[\\/]|\.ya?ml$/.test(nameOrFile);
  const path = isPath ? resolve(nameOrFile) : join(folder, `${nameOrFile}.yaml`);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    const known = (await benchmarkNames(folder)).join(", ");
    throw invalidInput(nameOrFile, isPath ? "cannot be read" : "is no benchmark", `choose one of: ${known}, or name a file`);
  }
  return { name: basename(path).replace(/\.ya?ml$/, ""), path, benchmark: parseBenchmark(text, path) };
}

/** Names of the benchmarks in `folder`, sorted. */
export async function benchmarkNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder);
  return entries.filter((entry) => entry.endsWith(".yaml")).map((entry) => entry.slice(0, -".yaml".length)).sort();
}
