import type { LoadMode } from "@sheaf/measure";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createWorkload, type LoadOptions, type LoadPorts, type LoadResult, runLoad } from "../src/index.ts";
import { type Anvil, anvilKey, startAnvil } from "./support/anvil.ts";
import { type Call, type FaultyProxy, startProxy, type Verdict } from "./support/faulty-proxy.ts";
import { countStatuses, outOfOrder } from "./support/results.ts";

// One real node behind four faulty servers stands for a chain of four validators.
let anvil: Anvil;
let proxies: readonly FaultyProxy[];
let seeds = 0;

beforeAll(async () => {
  anvil = await startAnvil(0.5);
});
beforeEach(async () => {
  proxies = await Promise.all([0, 1, 2, 3].map(() => startProxy(anvil)));
});
afterEach(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
});
afterAll(() => anvil.stop());

const isSend = ({ method }: Call): boolean => method === "eth_sendRawTransaction";

interface Given extends Partial<LoadOptions> {
  readonly transactions?: number;
  /** Called at the start barrier: what is disturbed is the load, not its set-up. */
  readonly atBarrier?: (originMs: number) => void;
  readonly isDown?: LoadPorts["isDown"];
}

async function load(given: Given, signal?: AbortSignal): Promise<LoadResult> {
  const seed = `fault ${seeds++}`;
  const workload = await createWorkload({
    name: "transfer",
    transactions: given.transactions ?? 120,
    senders: 12,
    seed,
  });
  const mode: LoadMode = { kind: "windowed", window: 60 };
  const chain = { name: "chain", validators: proxies.map(({ endpoint }) => endpoint), fundedKey: anvilKey };
  const { atBarrier, isDown } = given;
  const ports = { ...(atBarrier && { onBarrier: atBarrier }), ...(isDown && { isDown }) };
  return runLoad(
    { chains: [chain], workload, mode, seed, signingThreads: 1, ...given },
    ports,
    undefined,
    signal,
  );
}

const noHash: Verdict = { result: `0x${"00".repeat(32)}` };

function judgeAll(judge: (call: Call) => Verdict): void {
  for (const proxy of proxies) proxy.judge = judge;
}

const codes = (result: LoadResult): readonly string[] => result.warnings.map(({ code }) => code);

describe("commit times", () => {
  it("tells first, quorum and all apart when validators show a block at different times [LATENCY.2]", async () => {
    (proxies[2] as FaultyProxy).headDelayMs = 100;
    (proxies[3] as FaultyProxy).headDelayMs = 250;
    const result = await load({});
    expect(countStatuses(result.transactions)).toEqual({ committed: 120 });
    expect(outOfOrder(result.transactions)).toEqual([]);
    for (const { firstMs, quorumMs, allMs } of result.transactions.rows()) {
      expect((quorumMs as number) - (firstMs as number)).toBeGreaterThan(60);
      expect((allMs as number) - (quorumMs as number)).toBeGreaterThan(60);
    }
  });

  it("recovers the heads that went by while a connection was away", async () => {
    const timer = setInterval(() => proxies[1]?.dropSockets(), 700);
    const result = await load({ transactions: 240 });
    clearInterval(timer);
    expect(countStatuses(result.transactions)).toEqual({ committed: 240 });
    expect(result.transactions.columns.allMs.every((ms) => ms > 0)).toBe(true);
  });

  it("does not wait for a validator that is declared down, and waits again once it has caught up", async () => {
    let isDown = false;
    const result = await load({
      transactions: 600,
      isDown: (_, validator) => validator === 3 && isDown,
      atBarrier() {
        setTimeout(() => {
          isDown = true;
          proxies[3]?.kill();
        }, 800);
        setTimeout(() => {
          void proxies[3]?.revive().then(() => {
            isDown = false;
          });
        }, 2_000);
      },
    });
    expect(countStatuses(result.transactions)).toEqual({ committed: 600 });
    expect(result.stateCheck).toMatchObject({ ok: true });
    expect(codes(result)).toContain("FAILOVER");
    const unseen = result.blocks.filter(({ seenMs }) => seenMs[3] === null);
    const last = result.blocks.at(-1);
    expect(unseen.length).toBeGreaterThan(0);
    expect(last?.seenMs.every((ms) => ms !== null)).toBe(true);
  });

  it("leaves commits without an end where a validator dies that nobody declared", async () => {
    const result = await load({
      deadlines: { drainMs: 2_500 },
      atBarrier: () => void setTimeout(() => proxies[3]?.kill(), 200),
    });
    expect(codes(result)).toContain("NO_PROGRESS");
    const { quorumMs, allMs } = result.transactions.columns;
    const onQuorum = quorumMs.filter((ms) => ms > 0).length;
    expect(onQuorum).toBeGreaterThan(0);
    expect(allMs.filter((ms) => ms > 0).length).toBeLessThan(onQuorum);
    expect(result.stateCheck?.mismatches.join()).toContain("validator 3");
  });
});

describe("sending", () => {
  it("re-sends through another validator what was under way when a connection broke", async () => {
    let cuts = 0;
    const atBarrier = (): void => {
      for (const proxy of proxies) {
        proxy.disturb = (calls) => {
          if (!calls.some(isSend) || cuts >= 4) return undefined;
          return cuts++ % 2 === 0 ? "cut-answer" : "cut";
        };
      }
    };
    const result = await load({ atBarrier });
    expect(cuts).toBe(4);
    expect(countStatuses(result.transactions)).toEqual({ committed: 120 });
    expect(result.sending.failovers).toBeGreaterThan(0);
    expect(result.stateCheck).toMatchObject({ ok: true });
  });

  it("treats a full pool as backpressure: it tries again, in order of nonce, and counts", async () => {
    let refusals = 0;
    const judge = (call: Call): Verdict =>
      isSend(call) && refusals < 50 && refusals++ >= 0
        ? { error: { code: -32000, message: "txpool is full" } }
        : undefined;
    const result = await load({
      atBarrier: () => judgeAll(judge),
      mode: { kind: "open-loop", arrivals: "constant", ratePerSecond: 120 },
    });
    expect(countStatuses(result.transactions)).toEqual({ committed: 120 });
    expect(result.sending.busyRefusals).toBe(50);
    expect(codes(result)).toEqual(["BACKPRESSURE"]);
  });

  it("keeps a schedule that a stalled network cannot slow down", async () => {
    const stallMs = 1_500;
    let stalled = true;
    const rate = 200;
    const result = await load({
      transactions: 400,
      mode: { kind: "open-loop", arrivals: "constant", ratePerSecond: rate },
      send: { timeoutMs: 2_000 },
      atBarrier() {
        for (const proxy of proxies) {
          proxy.disturb = (calls) => (stalled && calls.some(isSend) ? "stall" : undefined);
        }
        setTimeout(() => {
          stalled = false;
        }, stallMs);
      },
    });
    expect(countStatuses(result.transactions)).toEqual({ committed: 400 });
    const { scheduledMs, allMs } = result.transactions.columns;
    const first = scheduledMs[0] as number;
    scheduledMs.forEach((at, row) => {
      expect(at - first).toBeCloseTo((row * 1_000) / rate, 6);
    });
    // What was due during the stall waited for its end, and its latency says so.
    expect((allMs[0] as number) - first).toBeGreaterThan(stallMs);
  });
});

describe("lanes", () => {
  it("finds a transaction that a validator took and lost, and sends it and its successors again", async () => {
    const lost = new Set<string>();
    const swallow = (call: Call): boolean =>
      isSend(call) && lost.size < 3 && !lost.has(String(call.params[0]));
    const judge = (call: Call): Verdict => {
      if (!swallow(call)) return undefined;
      lost.add(String(call.params[0]));
      return noHash;
    };
    const result = await load({ atBarrier: () => judgeAll(judge), repair: { stallMs: 600, stallBlocks: 2 } });
    expect(lost.size).toBe(3);
    expect(countStatuses(result.transactions)).toEqual({ committed: 120 });
    expect(result.nonceRepairs.length).toBeGreaterThan(0);
    expect(result.nonceRepairs.every(({ resent, chain }) => resent > 0 && chain === 0)).toBe(true);
    expect(result.stateCheck).toMatchObject({ ok: true });
  });

  it("fills the nonce of a transaction that was refused for good, so that its lane goes on", async () => {
    let refused: string | undefined;
    const judge = (call: Call): Verdict => {
      if (!isSend(call)) return undefined;
      refused ??= String(call.params[0]);
      return call.params[0] === refused
        ? { error: { code: -32000, message: "sender is banned" } }
        : undefined;
    };
    const result = await load({ atBarrier: () => judgeAll(judge) });
    expect(countStatuses(result.transactions)).toEqual({ committed: 119, rejected: 1 });
    expect(result.transactions.rejections).toEqual([{ code: -32000, message: "sender is banned" }]);
    expect(result.nonceRepairs).toEqual([expect.objectContaining({ resent: 0 })]);
    expect(result.stateCheck).toMatchObject({ ok: true });
  });
});

describe("the end", () => {
  it("finds a validator whose final state is not what the committed transactions must have produced", async () => {
    const judge = ({ method }: Call): Verdict =>
      method === "eth_getBalance" ? { result: "0x1" } : undefined;
    const result = await load({
      transactions: 24,
      atBarrier() {
        (proxies[2] as FaultyProxy).judge = judge;
      },
    });
    expect(countStatuses(result.transactions)).toEqual({ committed: 24 });
    expect(result.stateCheck?.ok).toBe(false);
    expect(result.stateCheck?.mismatches).toHaveLength(12);
    expect(
      result.stateCheck?.mismatches.every((line) => line.startsWith("chain, validator 2: balance of")),
    ).toBe(true);
  });

  it("turns transactions that never commit into lost rows, and does not hang", async () => {
    const atBarrier = (): void => judgeAll((call) => (isSend(call) ? noHash : undefined));
    const result = await load({ atBarrier, deadlines: { drainMs: 1_500 } });
    expect(countStatuses(result.transactions)).toEqual({ lost: 60, unsent: 60 });
    expect(codes(result)).toContain("NO_PROGRESS");
    expect(result.stateCheck).toMatchObject({ ok: true });
  });

  it("returns what was measured when it is aborted", async () => {
    const stop = new AbortController();
    const atBarrier = (): void => void setTimeout(() => stop.abort(), 1_800);
    const result = await load({ transactions: 2_000, atBarrier }, stop.signal);
    const counts = countStatuses(result.transactions);
    expect(result.interrupted).toBe(true);
    expect(result.stateCheck).toBeNull();
    expect(result.transactions.length).toBe(2_000);
    expect(counts.committed).toBeGreaterThan(0);
    expect(counts.unsent).toBeGreaterThan(0);
    expect(result.blocks.length).toBeGreaterThan(0);
  });

  it("returns nothing but rows that were not sent when it is aborted before the barrier", async () => {
    const stop = new AbortController();
    stop.abort();
    const result = await load({}, stop.signal);
    expect(result.interrupted).toBe(true);
    expect(countStatuses(result.transactions).committed).toBeUndefined();
  });

  it("fails with the endpoint's name when it cannot be reached at all", async () => {
    const [proxy] = proxies as readonly [FaultyProxy];
    await proxy.close();
    await expect(load({})).rejects.toMatchObject({ code: "RPC_UNREACHABLE" });
  });
});
