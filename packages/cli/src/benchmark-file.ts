import { dirname, resolve } from "node:path";
import { faultSchema, type InputProblem, parseYamlInput } from "@sheaf/launcher";
import { workloadNames } from "@sheaf/load";
import { z } from "zod";
import { readExperiment } from "./experiment-file.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, "lower-case letters, digits and hyphens");
const positive = z.int().positive();

const arm = z.strictObject({
  name: name.describe("What the arm is called in the report and by `--only`."),
  role: z
    .enum(["baseline", "candidate", "control"])
    .describe("The comparison divides the candidate by the baseline; a control is only reported."),
  network: z.string().min(1).describe("A topology file, relative to this file."),
});

const modeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("windowed"),
    window: positive.describe("Most transactions in flight, over all chains of an arm together."),
  }),
  z.strictObject({
    kind: z.literal("open-loop"),
    arrivals: z.enum(["constant", "poisson"]).default("constant").describe("How arrivals are spaced."),
    ratePerSecond: z
      .number()
      .positive()
      .max(1_000_000)
      .describe("Transactions a second, over all chains of an arm together."),
  }),
]);

const loadSchema = z.strictObject({
  workload: z.enum(workloadNames).describe("What each transaction does."),
  transactions: positive.max(10_000_000).describe("Logical transactions of each arm."),
  mode: modeSchema.describe("How load is offered."),
  senders: positive
    .max(100_000)
    .default(480)
    .describe("Accounts that send, each with its own lane of nonces."),
  route: z
    .enum(["sender", "device", "application"])
    .default("sender")
    .describe(
      "How a transaction finds its sub-chain: by its sender, by hash of its device, by its application.",
    ),
  input: z.string().min(1).optional().describe("A CSV file for `record`, relative to this file."),
  columns: z
    .strictObject({
      device: z.string().optional().describe("Names the device."),
      kind: z.string().optional().describe("Names the kind of the reading."),
      value: z.string().optional().describe("Holds the value."),
      timestamp: z.string().optional().describe("Says when it was read."),
    })
    .optional()
    .describe("Columns of `input`, where their names do not tell."),
  drainMs: positive
    .default(60_000)
    .describe("When nothing more commits, how long the driver waits before it calls the rest lost, in ms."),
  deadlineMs: z
    .int()
    .nonnegative()
    .default(0)
    .describe(
      "Longest time that one arm's load may take, in ms; 0 derives it from the load and the protocol's limits.",
    ),
});

const armFault = faultSchema.extend({
  arm: name.optional().describe("In which arm; in all when absent."),
});

/** A benchmark: what to run, on which networks, and which claim it tests. */
export const benchmarkSchema = z.strictObject({
  schema: z.literal("sheaf.benchmark/1"),
  title: z.string().min(1).describe("Heading of the report."),
  claim: z.string().default("").describe("One sentence that the run may confirm or refute."),
  arms: z.array(arm).min(1).max(16).describe("The networks that are compared, in the order they are run."),
  load: loadSchema.describe("The load, the same for every arm."),
  repetitions: positive
    .max(100)
    .default(1)
    .describe("Each arm is run so often, alternating, and the median is reported."),
  idleControl: z
    .boolean()
    .default(false)
    .describe("Also runs the candidate's network with one chain loaded and the others idle."),
  faults: z.array(armFault).default([]).describe("What goes wrong, and when."),
});

export type Benchmark = z.infer<typeof benchmarkSchema>;
export type BenchmarkFault = Benchmark["faults"][number];

/** A benchmark with the file it came from. */
export interface BenchmarkFile {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly path: string;
  readonly benchmark: Benchmark;
}

/** Parses a benchmark; raises `INVALID_INPUT` with file, line and field. Paths in it become absolute. */
export function parseBenchmark(text: string, path: string): Benchmark {
  const benchmark = parseYamlInput(text, path, benchmarkSchema, checkBenchmark);
  const folder = dirname(path);
  const { arms, load } = benchmark;
  return {
    ...benchmark,
    arms: arms.map((each) => ({ ...each, network: resolve(folder, each.network) })),
    load: load.input === undefined ? load : { ...load, input: resolve(folder, load.input) },
  };
}

function checkBenchmark({ arms, faults, load }: Benchmark): readonly InputProblem[] {
  const names = arms.map((each) => each.name);
  const problems: InputProblem[] = [];
  for (const [index, each] of names.entries()) {
    if (names.indexOf(each) !== index) {
      problems.push({ path: ["arms", index, "name"], problem: `two arms are called ${each}` });
    }
  }
  for (const [index, fault] of faults.entries()) {
    if (fault.arm !== undefined && !names.includes(fault.arm)) {
      const advice = `name one of ${names.join(", ")}, or leave it out for all`;
      problems.push({ path: ["faults", index, "arm"], problem: `there is no arm "${fault.arm}"`, advice });
    }
  }
  if (load.input !== undefined && load.workload !== "record") {
    problems.push({ path: ["load", "input"], problem: `the workload ${load.workload} reads no file` });
  }
  return problems;
}

/** The benchmark called `nameOrFile`: a file when it looks like a path, else one of `benchmarks/`. */
export async function loadBenchmark(nameOrFile: string, folder: string): Promise<BenchmarkFile> {
  const { name, path, text } = await readExperiment(nameOrFile, folder, "benchmark");
  return { name, path, benchmark: parseBenchmark(text, path) };
}
