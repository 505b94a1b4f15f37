import { bytesToHex, type Random } from "@sheaf/base";
import {
  type ArmData,
  type ArmRecord,
  type BlockEvent,
  commitTimes,
  createTransactionTable,
  type ProcessSample,
  type TransactionTable,
} from "@sheaf/measure";

/** What a synthetic arm is like. */
export interface ArmPlan {
  readonly record: ArmRecord;
  readonly transactions: number;
  /** Blocks come so much later than the period asks: a machine that cannot keep up. */
  readonly stretch?: number;
  /** Cores in use over all processes under load. */
  readonly busyCores: number;
  /** Probability that a sent transaction is never seen again, or refused, or reverts. */
  readonly lostShare?: number;
  readonly rejectedShare?: number;
  readonly failedShare?: number;
  /** The validators run elsewhere: only the driver and the machine are sampled. */
  readonly foreign?: boolean;
}

const tickMs = 500;

/** Rows, blocks and samples as a windowed run of `plan` would leave them. Same seed, same arm. */
export function syntheticArm(
  plan: ArmPlan,
  random: Random,
): { readonly record: ArmRecord; readonly data: ArmData } {
  const table = createTransactionTable({ capacity: plan.transactions });
  const blocks: BlockEvent[] = [];
  for (const chain of plan.record.loadedChains)
    runChain(plan, chain, table, blocks, random.fork(`chain ${chain}`));
  const endMs = blocks.reduce((end, block) => Math.max(end, ...block.seenMs.map((ms) => ms ?? 0)), 0);
  const samples = sampleProcesses(plan, endMs, random.fork("cpu"));
  return {
    record: { ...plan.record, drainEndMs: Math.ceil(endMs + 30_000) },
    data: { transactions: table, blocks, samples },
  };
}

function runChain(
  plan: ArmPlan,
  chain: number,
  table: TransactionTable,
  blocks: BlockEvent[],
  random: Random,
): void {
  const { record } = plan;
  const chains = record.loadedChains.length;
  const total = Math.floor(plan.transactions / chains) + (chain < plan.transactions % chains ? 1 : 0);
  const window = record.mode.kind === "windowed" ? Math.floor(record.mode.window / chains) : 500;
  const period = (record.limits.blockPeriodMs ?? 1000) * (plan.stretch ?? 1);
  const capacity = record.limits.maxTransactionsPerBlock ?? 1000;
  let queue: { readonly row: number; readonly sentMs: number }[] = [];
  let left = total;

  const send = (freeMs: number): void => {
    if (left === 0) return;
    left--;
    const row = table.add({
      chain,
      sender: random.int(64),
      nonce: left,
      entryValidator: left % record.validatorsPerChain,
      hash: random.bytes(32),
    });
    const sentMs = freeMs + 0.2 + random.exponential(4);
    table.scheduled(row, freeMs);
    table.sent(row, sentMs);
    if (random.chance(plan.rejectedShare ?? 0)) {
      table.rejected(row, sentMs + 3, { code: -32000, message: "transaction pool is full" });
      if (record.mode.kind === "windowed") send(sentMs + 3);
      return;
    }
    table.accepted(row, sentMs + 1 + random.exponential(6));
    if (random.chance(plan.lostShare ?? 0)) return;
    queue.push({ row, sentMs });
  };

  const open = record.mode.kind === "open-loop" ? record.mode.ratePerSecond / chains : undefined;
  if (open === undefined) for (let i = 0; i < window; i++) send(i * 0.2);
  else for (let ms = 0; left > 0; ms += random.exponential(1000 / open)) send(ms);
  for (let number = 1; queue.length > 0 || left > 0; number++) {
    const sealedMs = number * period + random.float() * 40;
    const ready = queue.filter((entry) => entry.sentMs < sealedMs - 60);
    const included = ready.slice(0, capacity);
    const taken = new Set(included.map(({ row }) => row));
    queue = queue.filter(({ row }) => !taken.has(row));
    const block = createBlock(plan, { chain, number, sealedMs, transactions: included.length }, random);
    blocks.push(block);
    const seen = commitTimes(block.seenMs);
    const committed = { ...seen, allMs: allThatWereUp(plan, block) };
    for (const { row } of included) {
      table.included(row, {
        blockNumber: number,
        success: !random.chance(plan.failedShare ?? 0),
        firstMs: committed.firstMs ?? sealedMs,
        quorumMs: committed.quorumMs,
        allMs: committed.allMs,
      });
      if (open === undefined) send(committed.allMs ?? sealedMs);
    }
    if (number > 100_000) return;
  }
}

/** [LATENCY.2] When the last validator that no fault had taken down showed the block. */
function allThatWereUp({ record }: ArmPlan, { chain, seenMs }: BlockEvent): number {
  const awaited = seenMs.filter((ms, validator) => {
    const fault = record.faults.find((own) => own.chain === chain && own.validator === validator);
    return ms !== null && (fault?.endMs == null || ms < fault.startMs || ms > fault.endMs + 1200);
  });
  return Math.max(...awaited.map((ms) => ms ?? 0));
}

function createBlock(
  { record }: ArmPlan,
  at: {
    readonly chain: number;
    readonly number: number;
    readonly sealedMs: number;
    readonly transactions: number;
  },
  random: Random,
): BlockEvent {
  const seenMs = Array.from({ length: record.validatorsPerChain }, (_, validator) => {
    const down = record.faults.find((fault) => fault.chain === at.chain && fault.validator === validator);
    const seen = at.sealedMs + 4 + random.exponential(12) + at.transactions * 0.02;
    if (down === undefined || seen < down.startMs || seen > (down.endMs ?? Infinity)) return seen;
    return down.endMs === null ? null : down.endMs + 800 + random.float() * 300;
  });
  return {
    chain: at.chain,
    number: at.number,
    hash: bytesToHex(random.bytes(32)),
    transactions: at.transactions,
    gasUsed: at.transactions * (record.workload.gasPerTransaction ?? 51_000),
    gasLimit: record.limits.blockGasLimit ?? 60_000_000,
    timestampMs: 1_900_000_000_000 + at.number * 1000,
    proposer: bytesToHex(random.bytes(20)),
    round: random.chance(0.01) ? 1 : 0,
    sizeBytes: 600 + at.transactions * 182,
    seenMs,
  };
}

function sampleProcesses(plan: ArmPlan, endMs: number, random: Random): ProcessSample[] {
  const { record, busyCores } = plan;
  const driverCores = Math.min(0.5, busyCores * 0.25);
  const each = (busyCores - driverCores) / (record.chains * record.validatorsPerChain);
  const samples: ProcessSample[] = [];
  for (let timeMs = tickMs; timeMs <= endMs + 1500; timeMs += tickMs) {
    const load = timeMs > endMs ? 0.05 : Math.min(1, timeMs / 2000);
    const noise = (): number => load * (0.85 + 0.3 * random.float());
    const growth = timeMs / (endMs + 1);
    let all = 0.05;
    const push = (sample: Omit<ProcessSample, "timeMs">): void => {
      samples.push({ timeMs, ...sample });
      all += sample.cpuCores;
    };
    push({
      role: "driver",
      chain: null,
      validator: null,
      cpuCores: driverCores * noise(),
      rssMb: 180 + 160 * growth,
    });
    for (let chain = 0; chain < (plan.foreign === true ? 0 : record.chains); chain++) {
      for (let validator = 0; validator < record.validatorsPerChain; validator++) {
        push({
          role: "validator",
          chain,
          validator,
          cpuCores: each * noise(),
          rssMb: 150 + 90 * growth + 10 * validator,
        });
      }
    }
    samples.push({
      timeMs,
      role: "machine",
      chain: null,
      validator: null,
      cpuCores: Math.min(2, all),
      rssMb: 3100,
    });
  }
  return samples;
}
