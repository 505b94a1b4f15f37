import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ArmRecord,
  analyseArm,
  type BlockEvent,
  isFull as isBlockFull,
  offeredLoad,
  type ProcessSample,
} from "../src/index.ts";
import { armRecord, environment, sample, steadyChain, tableOf } from "./support/arms.ts";

function blocks(count: number, transactions: number): BlockEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    chain: 0,
    number: i + 1,
    hash: "0x",
    transactions,
    gasUsed: transactions * 50_000,
    gasLimit: 30_000_000,
    timestampMs: 0,
    proposer: null,
    round: 0,
    sizeBytes: null,
    seenMs: [(i + 1) * 1000, (i + 1) * 1000 + 1, (i + 1) * 1000 + 2, (i + 1) * 1000 + 2],
  }));
}

const validator = sample({ role: "validator", chain: 0, validator: 0 });

function analyse(options: {
  readonly arm?: Partial<ArmRecord>;
  readonly perBlock?: number;
  readonly samples?: ProcessSample[];
  readonly sketches?: ReturnType<typeof steadyChain>;
  readonly round?: number;
}) {
  const perBlock = options.perBlock ?? 100;
  const data = {
    transactions: tableOf(options.sketches ?? steadyChain(0, 30, perBlock)),
    blocks: blocks(30, perBlock).map((block) => ({ ...block, round: options.round ?? 0 })),
    samples: options.samples ?? [sample({ role: "machine", cpuCores: 0.5 })],
  };
  return analyseArm(armRecord(options.arm), data, environment());
}

describe("the bottleneck", () => {
  it("[BOTTLENECK.1] is the protocol when blocks are full while CPUs idle", () => {
    expect(analyse({}).bottleneck).toMatchObject({
      verdict: "protocol",
      evidence: { fullShare: 1, cpuShare: 0.25 },
    });
  });

  it("[BOTTLENECK.1] is the CPU when the cores are saturated and blocks come late or part empty", () => {
    const samples = [sample({ role: "machine", cpuCores: 1.9 })];
    const faster = { ...armRecord().limits, blockPeriodMs: 500 };
    expect(analyse({ samples, arm: { limits: faster } }).bottleneck.verdict).toBe("cpu");
    expect(analyse({ samples, perBlock: 10 }).bottleneck.verdict).toBe("cpu");
  });

  it("[BOTTLENECK.1] is the protocol at its bound, however busy the cores are", () => {
    const samples = [sample({ role: "machine", cpuCores: 1.9 })];
    const { verdict, evidence } = analyse({ samples }).bottleneck;
    expect(verdict).toBe("protocol");
    expect(evidence.protocolShare).toBeCloseTo(1, 2);
  });

  it("[BOTTLENECK.1] is the generator when the sender is late or saturated", () => {
    const late = steadyChain(0, 30, 100).map((s) => ({ ...s, scheduled: (s.scheduled ?? 0) - 400 }));
    expect(analyse({ sketches: late }).bottleneck.verdict).toBe("generator");
    expect(analyse({ samples: [sample({ role: "driver", cpuCores: 1 })] }).bottleneck.verdict).toBe(
      "generator",
    );
  });

  it("[BOTTLENECK.1] is memory, load or unknown otherwise", () => {
    const swapping = [sample({ role: "machine", cpuCores: 0.5, rssMb: 7900 })];
    expect(analyse({ samples: swapping }).bottleneck.verdict).toBe("memory");
    expect(analyse({ perBlock: 10 }).bottleneck.verdict).toBe("load");
    const blind = { transactions: tableOf(steadyChain(0, 30, 10)), blocks: [], samples: [] };
    expect(analyseArm(armRecord(), blind, environment()).bottleneck.verdict).toBe("unknown");
    expect(analyse({ sketches: [{ scheduled: 0, sent: 0 }] }).bottleneck.reason).toBe(
      "nothing was committed",
    );
  });

  it("[BOTTLENECK.3] says when other processes of the machine took part", () => {
    const driver = sample({ role: "driver", cpuCores: 0.6 });
    const busy = sample({ role: "machine", cpuCores: 1.9 });
    const disturbed = analyse({ samples: [driver, validator, busy] });
    expect(disturbed.resources.foreignCores).toBeCloseTo(1.2, 9);
    expect(disturbed.warnings.join()).toContain("other processes of this machine used 1.20 of its 2 cores");
    const quiet = sample({ role: "machine", cpuCores: 0.8 });
    expect(analyse({ samples: [driver, validator, quiet] }).warnings).toEqual([]);
    // Without validators of its own, the run cannot tell others from the endpoint's.
    expect(analyse({ samples: [driver, busy] }).warnings).toEqual([]);
  });

  it("[BOTTLENECK.4] is the consensus when blocks come late while CPUs idle", () => {
    const faster = { ...armRecord().limits, blockPeriodMs: 800 };
    const late = { ...armRecord().limits, maxTransactionsPerBlock: 200 };
    expect(analyse({ arm: { limits: faster } }).bottleneck).toMatchObject({
      verdict: "consensus",
      evidence: { intervalRatio: 1.25, laterRounds: 0 },
    });
    const failedRounds = { limits: { ...late, blockPeriodMs: 800 } };
    expect(analyse({ arm: failedRounds, round: 1 }).bottleneck.verdict).toBe("consensus");
    expect(analyse({ arm: failedRounds }).bottleneck.verdict).toBe("load");
    expect(analyse({ arm: { limits: late }, round: 1 }).bottleneck.verdict).toBe("load");
    const busy = [sample({ role: "machine", cpuCores: 1.9 })];
    expect(analyse({ arm: { limits: faster }, samples: busy }).bottleneck.verdict).toBe("cpu");
  });

  it("[BOTTLENECK.2] a block is full when one more of its transactions would not fit", () => {
    const { workload } = armRecord();
    const limits = {
      blockPeriodMs: 1000,
      maxTransactionsPerBlock: null,
      blockGasLimit: 100,
      blockBytes: null,
    };
    const isFull = (event: BlockEvent, own: ArmRecord["limits"], changes = {}): boolean =>
      isBlockFull(event, { limits: own, workload: { ...workload, ...changes } });
    const block = blocks(1, 1)[0] as BlockEvent;
    expect(isFull({ ...block, transactions: 10, gasUsed: 91 }, limits)).toBe(true);
    expect(isFull({ ...block, transactions: 10, gasUsed: 90 }, limits)).toBe(false);
    expect(isFull({ ...block, transactions: 0, gasUsed: 0 }, limits)).toBe(false);
    expect(isFull({ ...block, transactions: 3, gasUsed: 3 }, { ...limits, maxTransactionsPerBlock: 3 })).toBe(
      true,
    );
    // Builders count the gas that is asked for, not what is used in the end.
    const asking = { gasLimitPerTransaction: 20 };
    expect(isFull({ ...block, transactions: 5, gasUsed: 25 }, limits, asking)).toBe(true);
    expect(isFull({ ...block, transactions: 4, gasUsed: 90 }, limits, asking)).toBe(false);
    const bytes = { ...limits, blockGasLimit: 1e9, blockBytes: 1000 };
    expect(isFull({ ...block, transactions: 5, sizeBytes: 821 }, bytes)).toBe(true);
    expect(isFull({ ...block, transactions: 5, sizeBytes: 820 }, bytes)).toBe(false);
    expect(isFull({ ...block, transactions: 5, sizeBytes: null }, bytes)).toBe(true);
    expect(isFull({ ...block, transactions: 4, sizeBytes: null }, bytes)).toBe(false);
  });
});

describe("efficiency", () => {
  it("[EFFICIENCY.1] [EFFICIENCY.2] is the distance to the signature bound and to the protocol bound", () => {
    const { efficiency } = analyse({ samples: [validator] });
    expect(efficiency.signatureBoundTps).toBe(8000);
    expect(efficiency.signatureShare).toBeCloseTo((100 * 4) / 16_000 / 2, 9);
    expect(efficiency).toMatchObject({
      protocolBoundTps: 100,
      protocolShare: expect.closeTo(1, 6) as number,
    });
    // Validators that are not ours use cores that are not ours.
    expect(analyse({}).efficiency).toMatchObject({ signatureBoundTps: null, signatureShare: null });
  });

  it("[EFFICIENCY.2] the protocol bound is the tightest of count, gas asked for and bytes", () => {
    const boundOf = (limits: Partial<ArmRecord["limits"]>, workload: Partial<ArmRecord["workload"]>) => {
      const { limits: own, workload: sent } = armRecord();
      const arm = { limits: { ...own, ...limits }, workload: { ...sent, ...workload } };
      return analyse({ arm }).efficiency.protocolBoundTps;
    };
    expect(boundOf({}, { gasLimitPerTransaction: 1_000_000 })).toBe(30);
    expect(boundOf({ blockBytes: 1000 }, {})).toBe(5);
    expect(boundOf({ maxTransactionsPerBlock: null }, {})).toBe(600);
    expect(boundOf({ maxTransactionsPerBlock: null, blockGasLimit: null }, {})).toBeNull();
  });

  it("[EFFICIENCY.2] says when throughput is above the bound, because the window has too few periods", () => {
    const slower = { ...armRecord().limits, blockPeriodMs: 1050 };
    expect(analyse({ arm: { limits: slower } }).warnings).toEqual([
      expect.stringContaining("105 % of what the protocol allows: measured over too few block periods"),
    ]);
    expect(analyse({ arm: { limits: { ...slower, blockPeriodMs: 1010 } } }).warnings).toEqual([]);
  });
});

describe("the offered load", () => {
  const open = armRecord({ mode: { kind: "open-loop", arrivals: "constant", ratePerSecond: 1000 } });
  const constant = (rate: number, sentRate: number) =>
    Array.from({ length: 5000 }, (_, i) => {
      const sent = (i * 1000) / Math.min(rate, sentRate);
      return { scheduled: (i * 1000) / rate, sent, first: sent + 300 };
    });

  it("[OFFERED.1] [OFFERED.2] a sender that reaches half the rate asked for is found out", () => {
    const load = offeredLoad(tableOf(constant(1000, 498)), open);
    expect(load.offeredPerSecond).toBeCloseTo(1000, -1);
    expect(load.achievedShare).toBeCloseTo(0.503, 2);
    const arm = { mode: open.mode };
    const found = analyse({ arm, sketches: constant(1000, 498) });
    expect(found.problems.join()).toContain("no open loop");
    expect(found.bottleneck.verdict).toBe("generator");
  });

  it("[OFFERED.2] is achieved exactly when 99 % left in time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 900, max: 1100 }), (sentRate) => {
        const load = offeredLoad(tableOf(constant(1000, sentRate)), open);
        const inTime = Math.min(1, ((4.999 + 0.05) * sentRate + 1) / 5000);
        expect(load.achievedShare).toBeCloseTo(inTime, 2);
      }),
      { numRuns: 20 },
    );
  });

  it("[OFFERED.2] counts a row that was scheduled and never sent as not achieved", () => {
    const rows = constant(1000, 1000).map((row, i) => (i % 20 === 0 ? { scheduled: row.scheduled } : row));
    expect(offeredLoad(tableOf(rows), open).achievedShare).toBeCloseTo(0.95, 6);
  });
});

describe("validity", () => {
  it("[VALID.1] a clean arm has no problem", () => {
    expect(analyse({}).problems).toEqual([]);
  });

  it("[VALID.1] [LOST.1] [CLOCK.1] each defect is one readable line", () => {
    const good = steadyChain(0, 30, 100);
    const add = (sketch: (typeof good)[number]) => analyse({ sketches: [...good, sketch] }).problems;
    expect(add({ scheduled: 5000, sent: 5000 })).toEqual([expect.stringContaining("1 transaction lost")]);
    expect(add({ scheduled: 5000, sent: 5000, first: 4000 })).toEqual([
      expect.stringContaining("out of order"),
    ]);
    expect(add({ scheduled: 5000, sent: 5000, first: 5500, quorum: 5400 })).toHaveLength(1);
    expect(add({ scheduled: 5000, sent: 5000, first: 5500, all: null })).toHaveLength(1);
    const failed = { ok: false, checked: 1, description: "", mismatches: ["x"] };
    expect(analyse({ arm: { stateCheck: failed } }).problems).toEqual([
      expect.stringContaining("final state"),
    ]);
    expect(analyse({ arm: { interrupted: true } }).problems).toHaveLength(1);
  });

  it("[VALID.1] rows never sent, and more than 1 % reverted or rejected, are problems of a run", () => {
    const good = steadyChain(0, 30, 100);
    const unsent = [...good, { scheduled: 5000 }];
    expect(analyse({ sketches: unsent }).problems).toEqual([
      expect.stringContaining("1 transaction never sent"),
    ]);
    const cut = analyse({ sketches: unsent, arm: { interrupted: true } });
    expect(cut.problems).toHaveLength(1);
    expect(cut.warnings.join()).toContain("1 transaction never sent");
    const refused = (count: number) => {
      const rows = Array.from({ length: count }, () => ({ scheduled: 5000, sent: 5000, rejected: 5001 }));
      return analyse({ sketches: [...good, ...rows] }).problems;
    };
    expect(refused(30)).toEqual([]);
    expect(refused(31)).toEqual([expect.stringContaining("31 transactions reverted or rejected")]);
  });

  it("[LOST.3] what an interruption left in flight is not lost, and stays censored", () => {
    const sketches = [...steadyChain(0, 30, 100), { scheduled: 5000, sent: 5000 }];
    const lost = analyse({ sketches });
    const cut = analyse({ sketches, arm: { interrupted: true } });
    expect(lost.counts).toMatchObject({ lost: 1, inFlight: 0 });
    expect(cut.counts).toMatchObject({ lost: 0, inFlight: 1 });
    expect(cut.problems.join()).toMatch(
      /interrupted before its load was over, with 1 transaction in flight$/,
    );
    expect(cut.latencyMs.all).toEqual(lost.latencyMs.all);
    expect(cut.latencyMs.all.censored).toBe(1);
  });

  it("[LATENCY.2] counts what was committed before a validator that was down had shown it", () => {
    const data = {
      transactions: tableOf(steadyChain(0, 30, 10)),
      blocks: blocks(30, 10).map((block) => ({
        ...block,
        seenMs: block.seenMs.map((ms, v) =>
          v < 3 || block.number > 5 ? ms : block.number < 3 ? null : 9000,
        ),
      })),
      samples: [],
    };
    const found = analyseArm(armRecord(), data, environment());
    expect(found.audit.committedWhileDown).toBe(50);
    expect(found.warnings.join()).toContain("50 transactions committed before a validator that was down");
    expect(analyse({}).audit.committedWhileDown).toBe(0);
  });

  it("[CLOCK.2] a clock that drifts or a driver that stalls is a warning", () => {
    const clockAudit = { source: "x", resolutionMs: 0.1, driftMs: -900, maxStallMs: 700 };
    expect(analyse({ arm: { clockAudit } }).warnings).toHaveLength(2);
  });
});
