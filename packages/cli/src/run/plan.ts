import { resolve } from "node:path";
import { invalidInput } from "@sheaf/base";
import { type WorkloadName, workloadNames } from "@sheaf/load";
import type { Benchmark, BenchmarkFile } from "../benchmark-file.ts";

/** Flags of `bench run`, as commander hands them over: text, not yet checked. */
export interface RunFlags {
  readonly tx?: string;
  readonly rate?: string;
  readonly arrivals?: string;
  readonly window?: string;
  readonly chains?: string;
  readonly validators?: string;
  readonly workload?: string;
  readonly input?: string;
  readonly seed?: string;
  readonly only?: string;
  readonly repetitions?: string;
  readonly idleControl?: boolean;
}

/** What a run will do: the benchmark with the flags applied. Frozen into `run.json`. */
export interface RunPlan {
  readonly name: string;
  readonly path: string;
  readonly benchmark: Benchmark;
  readonly seed: string;
  /** Changes to the topologies, or `undefined` to leave them as their files say. */
  readonly chains: number | undefined;
  readonly validators: number | undefined;
}

/** Applies the flags. Raises `INVALID_INPUT` naming the flag. */
export function planRun({ name, path, benchmark }: BenchmarkFile, flags: RunFlags): RunPlan {
  const { load } = benchmark;
  const { input: planned, ...rest } = load;
  const workload = planWorkload(load.workload, flags);
  const input = flags.input === undefined ? planned : resolve(flags.input);
  return {
    name,
    path,
    benchmark: {
      ...benchmark,
      arms: selectArms(benchmark, flags.only),
      faults: benchmark.faults.filter(
        (fault) => flags.only === undefined || [undefined, flags.only].includes(fault.arm),
      ),
      repetitions: count("--repetitions", flags.repetitions, 100) ?? benchmark.repetitions,
      idleControl: flags.idleControl ?? benchmark.idleControl,
      load: {
        ...rest,
        workload,
        transactions: count("--tx", flags.tx, 10_000_000) ?? load.transactions,
        mode: planMode(benchmark, flags),
        ...(input === undefined || workload !== "record" ? {} : { input }),
      },
    },
    seed: flags.seed ?? "sheaf",
    chains: count("--chains", flags.chains, 64),
    validators: count("--validators", flags.validators, 100),
  };
}

function planWorkload(planned: WorkloadName, { workload, input }: RunFlags): WorkloadName {
  const chosen = workload ?? (input === undefined ? planned : "record");
  const known = workloadNames.find((each) => each === chosen);
  if (known === undefined) {
    throw invalidInput(
      "--workload",
      `"${chosen}" is no workload`,
      `choose one of ${workloadNames.join(", ")}`,
    );
  }
  if (input !== undefined && known !== "record") {
    throw invalidInput("--input", `the workload ${known} reads no file`, "use it with --workload record");
  }
  return known;
}

function planMode({ load }: Benchmark, { rate, arrivals, window }: RunFlags): Benchmark["load"]["mode"] {
  if (rate !== undefined && window !== undefined) {
    throw invalidInput("--rate and --window", "exclude each other", "give one of them");
  }
  if (arrivals !== undefined && arrivals !== "constant" && arrivals !== "poisson") {
    throw invalidInput("--arrivals", `"${arrivals}" is not known`, "choose constant or poisson");
  }
  if (window !== undefined) {
    return { kind: "windowed", window: count("--window", window, 1_000_000) as number };
  }
  const planned = load.mode;
  const process = arrivals ?? (planned.kind === "open-loop" ? planned.arrivals : "constant");
  if (rate !== undefined) {
    const ratePerSecond = Number(rate);
    if (rate.trim() === "" || !(ratePerSecond > 0) || ratePerSecond > 1_000_000) {
      throw invalidInput(
        "--rate",
        `"${rate}" is not a rate`,
        "give transactions a second, above 0 and up to 1000000",
      );
    }
    return { kind: "open-loop", arrivals: process, ratePerSecond };
  }
  if (arrivals !== undefined && planned.kind === "windowed") {
    throw invalidInput("--arrivals", "the load is windowed", "use it with --rate");
  }
  return planned.kind === "open-loop" ? { ...planned, arrivals: process } : planned;
}

function selectArms({ arms }: Benchmark, only: string | undefined): Benchmark["arms"] {
  if (only === undefined) return arms;
  const chosen = arms.filter((arm) => arm.name === only);
  if (chosen.length > 0) return chosen;
  throw invalidInput(
    "--only",
    `there is no arm "${only}"`,
    `choose one of ${arms.map((arm) => arm.name).join(", ")}`,
  );
}

function count(flag: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= 1 && value <= max) return value;
  throw invalidInput(flag, `"${text}" is not a count`, `give a whole number from 1 to ${max}`);
}
