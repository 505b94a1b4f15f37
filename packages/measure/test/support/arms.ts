import { createRandom } from "@sheaf/base";
import {
  type ArmRecord,
  createTransactionTable,
  type EnvironmentRecord,
  type ProcessSample,
  type RunRecord,
  type TransactionTable,
} from "../../src/index.ts";

/** A valid arm record; `overrides` replaces whole fields. */
export function armRecord(overrides: Partial<ArmRecord> = {}): ArmRecord {
  return {
    name: "single",
    repetition: 0,
    role: "baseline",
    chains: 1,
    chainNames: ["chain-0"],
    loadedChains: [0],
    validatorsPerChain: 4,
    consensus: "QBFT",
    topology: "none",
    mode: { kind: "windowed", window: 100 },
    limits: {
      blockPeriodMs: 1000,
      maxTransactionsPerBlock: 100,
      blockGasLimit: 30_000_000,
      blockBytes: null,
    },
    workload: {
      name: "token",
      description: "ERC-20 transfers",
      codeHash: null,
      transactionBytes: 180,
      gasPerTransaction: 50_000,
      gasLimitPerTransaction: null,
      senders: 10,
      input: null,
    },
    startedAt: "2030-01-01T00:00:00.000Z",
    drainEndMs: 60_000,
    interrupted: false,
    stateCheck: { ok: true, checked: 10, description: "balances", mismatches: [] },
    faults: [],
    warnings: [],
    nonceRepairs: [],
    clockAudit: { source: "performance.now", resolutionMs: 0.001, driftMs: 0, maxStallMs: 5 },
    ...overrides,
  };
}

export function environment(): EnvironmentRecord {
  return {
    hardware: { cpuModel: "test", cores: 2, memoryMb: 8000, platform: "linux", architecture: "x64" },
    software: { sheaf: "0.1.0" },
    driver: { location: "same machine", client: "test" },
    entryPoints: "round robin",
    observationPoints: "every validator",
    dataStore: { engine: "lmdb", durability: "every block" },
    signatureRecoveriesPerSecond: 16_000,
  };
}

export function runRecord(arms: readonly ArmRecord[]): RunRecord {
  return {
    schema: "sheaf.run/1",
    runId: "r1",
    createdAt: "2030-01-01T00:00:00.000Z",
    benchmark: { name: "multi-chain", title: "t", claim: "c" },
    command: "./bench run multi-chain",
    config: { transactions: 1 },
    environment: environment(),
    seed: "1",
    interrupted: false,
    problems: [],
    arms: [...arms],
  };
}

/** One transaction to be put into a table; times in ms. */
export interface Sketch {
  readonly chain?: number;
  readonly logical?: number;
  readonly scheduled?: number;
  readonly sent?: number;
  readonly rejected?: number;
  readonly block?: number;
  readonly failed?: boolean;
  readonly first?: number;
  readonly quorum?: number | null;
  readonly all?: number | null;
}

export function tableOf(sketches: readonly Sketch[]): TransactionTable {
  const random = createRandom("hashes");
  const table = createTransactionTable({ capacity: 16 });
  for (const [nonce, sketch] of sketches.entries()) {
    const row = table.add({
      chain: sketch.chain ?? 0,
      sender: 0,
      nonce,
      entryValidator: 0,
      hash: random.bytes(32),
      ...(sketch.logical === undefined ? {} : { logical: sketch.logical }),
    });
    if (sketch.scheduled !== undefined) table.scheduled(row, sketch.scheduled);
    if (sketch.sent !== undefined) table.sent(row, sketch.sent);
    if (sketch.rejected !== undefined)
      table.rejected(row, sketch.rejected, { code: -32000, message: "pool full" });
    if (sketch.first === undefined) continue;
    table.included(row, {
      blockNumber: sketch.block ?? 1,
      success: sketch.failed !== true,
      firstMs: sketch.first,
      quorumMs: sketch.quorum === undefined ? sketch.first + 1 : sketch.quorum,
      allMs: sketch.all === undefined ? sketch.first + 2 : sketch.all,
    });
  }
  return table;
}

/**
 * A chain in steady state: `perBlock` transactions in each of `blocks` blocks, one block a second from
 * `offsetMs` on, each scheduled and sent one second before its block is seen.
 */
export function steadyChain(chain: number, blocks: number, perBlock: number, offsetMs = 0): Sketch[] {
  const sketches: Sketch[] = [];
  for (let block = 1; block <= blocks; block++) {
    for (let i = 0; i < perBlock; i++) {
      const sent = (block - 1) * 1000 + offsetMs + (i * 1000) / perBlock;
      sketches.push({ chain, block, scheduled: sent, sent, first: block * 1000 + offsetMs });
    }
  }
  return sketches;
}

export function sample(overrides: Partial<ProcessSample>): ProcessSample {
  return {
    timeMs: 10_000,
    role: "driver",
    chain: null,
    validator: null,
    cpuCores: 0.1,
    rssMb: 100,
    ...overrides,
  };
}
