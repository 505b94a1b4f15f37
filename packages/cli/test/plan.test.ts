import { CodedError } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { loadBenchmark, parseBenchmark } from "../src/benchmark-file.ts";
import { layout } from "../src/layout.ts";
import { planRun, type RunFlags } from "../src/run/plan.ts";

const file = await loadBenchmark("multi-chain", layout.benchmarks);
const plan = (flags: RunFlags) => planRun(file, flags);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).code).toBe("INVALID_INPUT");
    return (error as CodedError).message;
  }
  return "accepted";
}

describe("the plan of a run", () => {
  it("leaves the benchmark as its file says when no flag is given", () => {
    expect(plan({}).benchmark).toEqual({ ...file.benchmark });
  });

  it("applies every flag", () => {
    const { benchmark, chains, validators, seed } = plan({
      tx: "123",
      rate: "45.5",
      arrivals: "poisson",
      chains: "2",
      validators: "7",
      workload: "transfer",
      seed: "s",
      only: "multi",
      repetitions: "3",
      idleControl: true,
    });
    expect(benchmark.load.transactions).toBe(123);
    expect(benchmark.load.mode).toEqual({ kind: "open-loop", arrivals: "poisson", ratePerSecond: 45.5 });
    expect(benchmark.load.workload).toBe("transfer");
    expect(benchmark.arms.map((arm) => arm.name)).toEqual(["multi"]);
    expect([chains, validators, seed, benchmark.repetitions, benchmark.idleControl]).toEqual([
      2,
      7,
      "s",
      3,
      true,
    ]);
  });

  it("takes --input as a wish for records", () => {
    const { load } = plan({ input: "readings.csv" }).benchmark;
    expect([load.workload, load.input?.endsWith("/readings.csv")]).toEqual(["record", true]);
  });

  const refused: readonly (readonly [RunFlags, string])[] = [
    [{ tx: "-5" }, "--tx"],
    [{ tx: "0" }, "--tx"],
    [{ tx: "1e3" }, "--tx"],
    [{ tx: "ten" }, "--tx"],
    [{ tx: "99999999999" }, "--tx"],
    [{ rate: "0" }, "--rate"],
    [{ rate: "-1" }, "--rate"],
    [{ rate: "" }, "--rate"],
    [{ rate: "Infinity" }, "--rate"],
    [{ rate: "10", window: "10" }, "--rate and --window"],
    [{ window: "1.5" }, "--window"],
    [{ arrivals: "bursty", rate: "1" }, "--arrivals"],
    [{ arrivals: "poisson" }, "--arrivals"],
    [{ chains: "0" }, "--chains"],
    [{ validators: "-4" }, "--validators"],
    [{ workload: "mining" }, "--workload"],
    [{ workload: "token", input: "x.csv" }, "--input"],
    [{ only: "none" }, "--only"],
    [{ repetitions: "0" }, "--repetitions"],
  ];
  it.each(refused)("refuses %j, naming the flag", (flags, named) => {
    expect(refusal(() => plan(flags))).toMatch(new RegExp(`^${named}: `));
  });
});

describe("a benchmark file", () => {
  const good = `schema: sheaf.benchmark/1
title: T
arms:
  - { name: a, role: baseline, network: n.yaml }
load:
  workload: token
  transactions: 10
  mode: { kind: windowed, window: 5 }
`;

  it("is complete after parsing, with paths that no longer depend on the folder", () => {
    const benchmark = parseBenchmark(good, "/x/y/b.yaml");
    expect(benchmark.arms[0]?.network).toBe("/x/y/n.yaml");
    expect(benchmark.load).toMatchObject({ senders: 480, route: "sender", drainMs: 60_000 });
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ["an unknown key", good.replace("title: T", "title: T\ncolour: red"), /b\.yaml:3: colour: unknown key/],
    [
      "a negative count",
      good.replace("transactions: 10", "transactions: -10"),
      /b\.yaml:7: load\.transactions/,
    ],
    ["an unknown workload", good.replace("workload: token", "workload: mining"), /b\.yaml:6: load\.workload/],
    ["broken YAML", good.replace("{ name: a", "{ name: [a"), /b\.yaml:4/],
    ["no arm", good.replace(/ {2}- .*\n/, "").replace("arms:", "arms: []"), /b\.yaml:3: arms/],
    ["an empty file", "", /b\.yaml:1/],
    ["a fault in no arm", `${good}faults: [{ kind: kill, atMs: 1, validator: 0, arm: z }]\n`, /no arm "z"/],
  ];
  it.each(bad)("with %s is refused with file, line and field", (_, text, message) => {
    expect(refusal(() => parseBenchmark(text, "b.yaml"))).toMatch(message);
  });

  it("that does not exist is answered with the names that do", async () => {
    await expect(loadBenchmark("nonsense", layout.benchmarks)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      advice: expect.stringContaining("multi-chain"),
    });
  });
});
