import { CodedError, type Hex, type Millis, sleep } from "@sheaf/base";
import { type ChainBlock, type ChainEvent, connectMarket, type MarketClient } from "@sheaf/marketplace";
import type { Address } from "@sheaf/protocol";
import { plural } from "@sheaf/reports";
import type { Phase, Progress } from "../terminal/progress.ts";
import type { LogFollower } from "./follow-logs.ts";
import type { JobEvent } from "./record/market-sight.ts";
import type { MarketChain } from "./start-market.ts";

/** An event with the time of its block. */
export type TimedEvent = ChainEvent & { readonly blockTimestampMs: Millis };

/** One chain's market as the run follows it. */
export interface MarketFollower {
  readonly events: readonly TimedEvent[];
  /** The newest block whose events are all in `events`. */
  block(): number;
  /** Jobs that were asked for, and those of them that are over. */
  jobs(): { readonly asked: number; readonly over: number };
  /** Credits that nobody has taken out yet, but for those of accounts that are gone. */
  owed(gone: ReadonlySet<Address>): bigint;
  readonly client: MarketClient;
  close(): Promise<void>;
}

const FINAL: ReadonlySet<string> = new Set([
  "settled",
  "refunded",
  "cancelled",
] satisfies JobEvent["event"][]);

/** Follows a market from its deployment on. The key is the authority's: it may end jobs whose time is over. */
export async function followMarket(market: MarketChain): Promise<MarketFollower> {
  const key: Hex = market.authorityKey;
  const client = await connectMarket({ rpcUrl: market.rpcUrl, key, addresses: market.contracts });
  const events: TimedEvent[] = [];
  const asked = new Set<bigint>();
  const over = new Set<bigint>();
  const owed = new Map<Address, bigint>();
  const add = (account: Address, amount: bigint): void =>
    void owed.set(account, (owed.get(account) ?? 0n) + amount);
  let newest = market.fromBlock - 1;
  const listener = (block: ChainBlock): void => {
    newest = block.number;
    for (const event of block.events) {
      events.push({ ...event, blockTimestampMs: block.timestampMs });
      if (event.event === "requested") asked.add(event.job);
      if (FINAL.has(event.event)) over.add(event.job);
      if (event.event === "credited") add(event.account, event.amount);
      if (event.event === "withdrawn") add(event.account, -event.amount);
    }
  };
  const following = client.follow({ fromBlock: market.fromBlock, listener });
  return {
    events,
    client,
    block: () => newest,
    jobs: () => ({ asked: asked.size, over: over.size }),
    owed: (gone) =>
      [...owed].reduce((sum, [account, amount]) => (gone.has(account) ? sum : sum + amount), 0n),
    async close() {
      await following.stop();
      client.close();
    },
  };
}

const POLL_MS: Millis = 200;
/** After the last job agents rate each other and take their money out: as long as anything happens, and this much more. */
const PAYOUT_SILENCE_MS: Millis = 20_000;
const PAYOUT_LIMIT_MS: Millis = 300_000;
/** Agents that are alive end a job whose deadline passed; after this the run does it for them. */
const EXPIRE_EVERY_MS: Millis = 10_000;
/** Silence on chain that a person notices. */
const NOTICED_MS: Millis = 15_000;

export interface MarketWatch {
  readonly markets: readonly MarketFollower[];
  readonly jobsPerChain: number;
  /** Most time in which nothing happens on any chain: above the longest deadline of a job. */
  readonly silenceMs: Millis;
  readonly logs: LogFollower;
  readonly progress: Progress;
  readonly maxRounds: number;
  readonly signal: AbortSignal;
  /** Accounts of agents that were killed. */
  readonly gone: () => ReadonlySet<Address>;
}

/** Whoever sees no step for a while is told that deadlines take care of it. */
function waitingFor(quietMs: Millis, mostMs: Millis): string {
  if (quietMs < NOTICED_MS) return "";
  const [quiet, most] = [quietMs, mostMs].map((each) => `${Math.round(each / 1000)} s`);
  return `; nothing on chain for ${quiet}, which deadlines end within ${most}`;
}

/**
 * Returns when every job of every chain is over and what it credited is paid out. Raises `MARKET_STALLED` when
 * nothing happens for longer than any deadline allows, and what `signal` says when it is raised.
 */
export async function watchMarkets(watch: MarketWatch): Promise<void> {
  const { markets, jobsPerChain, silenceMs, signal, progress, maxRounds } = watch;
  const total = jobsPerChain * markets.length;
  const phase = progress.phase("training", maxRounds * total);
  const words = createStatus(watch, phase);
  let events = 0;
  let lastMs = performance.now();
  let lastExpiryMs = lastMs;
  for (;;) {
    signal.throwIfAborted();
    const seen = sum(markets, ({ events: all }) => all.length);
    const now = performance.now();
    if (seen !== events) lastMs = now;
    events = seen;
    const over = sum(markets, (market) => market.jobs().over);
    phase.update(sum(markets, countClosed), `${words.text()}${waitingFor(now - lastMs, silenceMs)}`);
    if (over === total) break;
    if (now - lastMs > silenceMs) {
      phase.finish("stalled");
      throw new CodedError(
        `nothing happened on chain for ${Math.round(silenceMs / 1000)} s`,
        { code: "MARKET_STALLED" },
        { advice: "read the agents' logs" },
      );
    }
    if (now - lastMs > EXPIRE_EVERY_MS && now - lastExpiryMs > EXPIRE_EVERY_MS) {
      lastExpiryMs = now;
      await Promise.all(markets.map(endOverdueJobs));
    }
    await sleep(POLL_MS);
  }
  phase.finish(
    `${plural(sum(markets, countClosed), "round")}${words.text() === "" ? "" : `, ${words.text()}`}`,
  );
  await awaitPayout(watch);
}

async function awaitPayout({ markets, progress, signal, gone }: MarketWatch): Promise<void> {
  const phase = progress.phase("paying out");
  const owed = (): bigint => markets.reduce((all, market) => all + market.owed(gone()), 0n);
  const begunMs = performance.now();
  let events = 0;
  let lastMs = begunMs;
  while (owed() > 0n && !signal.aborted) {
    const now = performance.now();
    const seen = sum(markets, ({ events: all }) => all.length);
    if (seen !== events) lastMs = now;
    events = seen;
    if (now - lastMs > PAYOUT_SILENCE_MS || now - begunMs > PAYOUT_LIMIT_MS) break;
    await sleep(POLL_MS);
  }
  const left = owed();
  phase.finish(left === 0n ? "everybody is paid" : `${left} wei not taken out`);
}

/** Calls `expire` on jobs that are past every deadline; whoever is too early or too late is refused by the contract. */
async function endOverdueJobs(market: MarketFollower): Promise<void> {
  const { client, events } = market;
  const over = new Set(events.flatMap((event) => (FINAL.has(event.event) ? [event.job] : [])));
  for (const event of events) {
    if (event.event !== "requested" || over.has(event.job)) continue;
    const view = await client.read.job(event.job);
    if (view === undefined) continue;
    const { deadlineSeconds, state, terms } = view;
    const resume = state === "training" ? terms.resumeSeconds : 0;
    if (Date.now() / 1000 < deadlineSeconds + resume + EXPIRE_EVERY_MS / 1000) continue;
    await client.transact({ method: "expire", job: event.job }).catch(() => {});
  }
}

function createStatus({ logs }: MarketWatch, phase: Phase): { text(): string } {
  let text = "";
  logs.onLine((agent, line) => {
    if (agent.role !== "analyst") return;
    if (line.kind === "phase" && line.edge === "begin") text = `round ${line.round}: ${line.phase}`;
    if (line.kind !== "round") return;
    const accuracy = line.validation?.accuracy;
    const loss = line.loss === null ? "" : `loss ${line.loss.toFixed(3)}`;
    text = `round ${line.round}: ${loss}${accuracy == null ? "" : `, accuracy ${(accuracy * 100).toFixed(1)} %`}`;
    phase.update(line.round, text);
  });
  return { text: () => text };
}

function countClosed({ events }: MarketFollower): number {
  return events.filter(({ event }) => event === "roundClosed").length;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
