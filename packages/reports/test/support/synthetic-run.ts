import { createRandom } from "@sheaf/base";
import type { ArmRecord, Fault, RunData, RunRecord } from "@sheaf/measure";
import { type ArmPlan, syntheticArm } from "./synthetic-arm.ts";

/** The kinds of run that a report must look good for. */
export type RunKind =
  | "comparison"
  | "single"
  | "faulty"
  | "repeated"
  | "short"
  | "empty"
  | "candidates"
  | "open-loop"
  | "external";

/** A complete synthetic run. Same seed, same run. */
export function syntheticRun(
  kind: RunKind,
  options: { readonly transactions?: number; readonly seed?: string } = {},
): { readonly record: RunRecord; readonly data: RunData } {
  const transactions = options.transactions ?? (kind === "faulty" ? 40_000 : 20_000);
  const random = createRandom(options.seed ?? "report");
  const arms = plans(kind, transactions).map((plan, index) =>
    syntheticArm(plan, random.fork(`arm ${index}`)),
  );
  return {
    record: runRecord(
      kind,
      transactions,
      arms.map(({ record }) => record),
    ),
    data: { arms: arms.map(({ data }) => data) },
  };
}

function plans(kind: RunKind, transactions: number): readonly ArmPlan[] {
  const single: ArmPlan = { record: armRecord("single", 1), transactions, busyCores: 0.9 };
  const multi: ArmPlan = { record: armRecord("multi", 3), transactions, busyCores: 1.86, stretch: 1.06 };
  if (kind === "single") return [single];
  if (kind === "short") return [{ ...single, transactions: 1500 }];
  if (kind === "candidates") {
    const record = { ...multi.record, ...chainsNamed(2), name: "two chains" };
    return [single, multi, { ...multi, stretch: 1.02, record }];
  }
  if (kind === "open-loop") {
    const mode = { kind: "open-loop", arrivals: "poisson", ratePerSecond: 300 } as const;
    return [single, multi].map((plan) => ({
      ...plan,
      transactions: transactions / 2,
      busyCores: 0.6,
      record: { ...plan.record, mode },
    }));
  }
  if (kind === "external") return [external(single)];
  if (kind === "empty") {
    return [{ ...single, transactions: 40, lostShare: 1, record: { ...single.record, interrupted: true } }];
  }
  if (kind === "repeated") {
    return [0, 1, 2].flatMap((repetition) => [
      { ...single, record: { ...single.record, repetition }, stretch: 1 + repetition * 0.01 },
      { ...multi, record: { ...multi.record, repetition }, stretch: 1.06 + repetition * 0.02 },
    ]);
  }
  return kind === "faulty" ? [{ ...single, failedShare: 0.001 }, faulty(multi)] : [single, multi];
}

/** The endpoint of somebody else: neither its limits nor its processes are known. */
function external(plan: ArmPlan): ArmPlan {
  const limits = {
    blockPeriodMs: null,
    maxTransactionsPerBlock: null,
    blockGasLimit: null,
    blockBytes: null,
  };
  const record = { ...plan.record, limits, validatorsPerChain: 1, consensus: "the endpoint's own" };
  return { ...plan, foreign: true, record };
}

function faulty(plan: ArmPlan): ArmPlan {
  const kill: Fault = {
    kind: "kill",
    startMs: 3000,
    endMs: 6000,
    chain: 1,
    validator: 2,
    description: "kill -9 of validator 2 of sub-chain-1, restarted after 3 s",
  };
  return {
    ...plan,
    lostShare: 0.004,
    rejectedShare: 0.002,
    record: {
      ...plan.record,
      faults: [kill],
      stateCheck: {
        ok: false,
        checked: 64,
        description: "token balances of all accounts against the transfers that were sent",
        mismatches: ["0x5f…a1: balance 9,120, expected 9,121", "0x77…03: balance 410, expected 409"],
      },
      nonceRepairs: [{ timeMs: 6400, chain: 1, sender: 17, nonce: 88, resent: 3 }],
      clockAudit: { source: "performance.now", resolutionMs: 0.0002, driftMs: 0.8, maxStallMs: 412 },
    },
  };
}

function armRecord(name: string, chains: number): ArmRecord {
  return {
    name,
    repetition: 0,
    role: chains === 1 ? "baseline" : "candidate",
    ...chainsNamed(chains),
    validatorsPerChain: 4,
    consensus: "QBFT, 4 validators, f = 1",
    topology: "no emulated delay",
    mode: { kind: "windowed", window: 3000 },
    limits: {
      blockPeriodMs: 500,
      maxTransactionsPerBlock: 500,
      blockGasLimit: 60_000_000,
      blockBytes: 1_048_576,
    },
    workload: {
      name: "token",
      description: "ERC-20 transfers between random accounts",
      codeHash: "0x3f1c0d6a9be2f7704a8e5bb1b8c7f1d04f6c1f0a3a9d2e47c57f3c1fd0b5a6e2",
      transactionBytes: 182,
      gasPerTransaction: 51_402,
      gasLimitPerTransaction: 60_000,
      senders: 64,
      input: null,
    },
    startedAt: "2030-03-01T10:00:00.000Z",
    drainEndMs: 0,
    interrupted: false,
    stateCheck: {
      ok: true,
      checked: 64,
      description: "token balances of all accounts against the transfers that were sent",
      mismatches: [],
    },
    faults: [],
    warnings: [],
    nonceRepairs: [],
    clockAudit: { source: "performance.now", resolutionMs: 0.0002, driftMs: 0.4, maxStallMs: 31 },
  };
}

function chainsNamed(chains: number): Pick<ArmRecord, "chains" | "chainNames" | "loadedChains"> {
  return {
    chains,
    chainNames: Array.from({ length: chains }, (_, chain) => (chains === 1 ? "main" : `sub-chain-${chain}`)),
    loadedChains: Array.from({ length: chains }, (_, chain) => chain),
  };
}

function runRecord(kind: RunKind, transactions: number, arms: ArmRecord[]): RunRecord {
  return {
    schema: "sheaf.run/1",
    runId: `20300301-100000-${kind}`,
    createdAt: "2030-03-01T10:00:00.000Z",
    benchmark: {
      name: "multi-chain",
      title: "Parallel sub-chains against one chain",
      claim: "Three sub-chains of four validators commit at least twice as much as one chain of four.",
    },
    command: `./bench run multi-chain --tx ${transactions} --seed 42 --json --out '/tmp/a folder'`,
    config: { transactions, window: 3000, workload: "token", network: { chains: 3, validators: 4 } },
    environment: {
      hardware: {
        cpuModel: "Example CPU 2.6 GHz",
        cores: 2,
        memoryMb: 16_384,
        platform: "linux",
        architecture: "x64",
      },
      software: {
        sheaf: "0.1.0",
        node: "20.20.2",
        "@ethereumjs/evm": "10.1.3",
        lmdb: "3.5.6",
        secp256k1: "5.0.2",
      },
      driver: { location: "same machine as all validators", client: "sheaf load, signed ahead of time" },
      entryPoints: "spread over all validators by sender",
      observationPoints: "new heads of every validator over WebSocket, on the driver's clock",
      dataStore: { engine: "LMDB", durability: "fsync before every commit message" },
      signatureRecoveriesPerSecond: 16_300,
    },
    seed: "42",
    interrupted: kind === "empty",
    problems: [],
    arms,
  };
}
