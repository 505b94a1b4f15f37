import type { CodedError, Millis } from "@sheaf/base";
import { startBroker } from "@sheaf/bus";
import { type Network, type Supervisor, sampleProcesses } from "@sheaf/launcher";
import type { JobSpec } from "@sheaf/marketplace";
import type { TrainingFault } from "@sheaf/measure";
import { plural } from "@sheaf/reports";
import type { Progress } from "../terminal/progress.ts";
import { AGENT_GRACE_MS, type AgentPlace, createAgentSupervisor } from "./agents.ts";
import { describeAgents, type ProcessUse, readSight, seeChain } from "./collect-sight.ts";
import { followLogs } from "./follow-logs.ts";
import { followMarket, type MarketFollower, watchMarkets } from "./follow-market.ts";
import type { TrainingPlan } from "./plan-training.ts";
import type { PreparedData } from "./prepare-data.ts";
import type { SeenChain } from "./record/assemble-record.ts";
import type { MarketSight } from "./record/market-sight.ts";
import { type MarketChain, prepareMarket } from "./start-market.ts";
import { type BrokerHolder, strikeFaults } from "./strike-faults.ts";

/** What a run of the market is about. */
export interface MarketSetting {
  readonly plan: TrainingPlan;
  readonly data: PreparedData;
  readonly spec: JobSpec;
  /** Folder for the agents' own folders. */
  readonly dir: string;
  /** Wall-clock time of the run's start. */
  readonly originMs: Millis;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What the market left when it was over, or when it failed after it had begun. */
export interface MarketOutcome {
  readonly chains: readonly SeenChain[];
  readonly sight: MarketSight;
  readonly agents: ReadonlyMap<string, AgentPlace>;
  readonly faults: readonly TrainingFault[];
  /** Processes that ended though nobody asked, faults that never struck. */
  readonly problems: readonly string[];
  readonly failure: unknown;
  readonly durationMs: Millis;
}

const START_LIMIT_MS: Millis = 60_000;

/**
 * Runs a market on every chain of the network until all jobs are over. Ends every process that it started, and the
 * network, whatever happens. Throws only before the first job was asked for.
 */
export async function runMarkets(network: Network, setting: MarketSetting): Promise<MarketOutcome> {
  const { plan, originMs, progress, signal } = setting;
  const endings: (() => unknown)[] = [() => network.stop()];
  const deaths: string[] = [];
  network.onFailed((error) => deaths.push(error.message));
  try {
    const broker: BrokerHolder | undefined =
      plan.broker === undefined ? { current: await startBroker() } : undefined;
    if (broker !== undefined) endings.push(() => broker.current.stop());
    const markets = await openMarkets(network, setting, plan.broker ?? broker?.current.url ?? "");
    const followers: MarketFollower[] = [];
    for (const market of markets) {
      const follower = await followMarket(market);
      followers.push(follower);
      endings.push(() => follower.close());
    }
    const agents = markets.flatMap((market) => market.agents);
    const supervisor = createAgentSupervisor();
    endings.push(() => supervisor.endAll(AGENT_GRACE_MS));
    const logs = followLogs(agents);
    endings.push(() => logs.close());
    const faults = strikeFaults(plan.training.faults, {
      supervisor,
      broker,
      logs,
      originMs,
      progress,
      isMasked: plan.training.privacy.mode.startsWith("secagg"),
    });
    supervisor.onFailed((error: CodedError, { name }) => {
      if (!faults.killed.has(name)) deaths.push(error.message);
    });
    await startAgents(agents, supervisor, progress, signal);
    const failure = await watchMarkets({
      markets: followers,
      jobsPerChain: plan.training.jobs,
      silenceMs: silenceOf(plan),
      logs,
      progress,
      maxRounds: plan.training.training.rounds,
      signal,
      gone: () => new Set(agents.filter(({ name }) => faults.killed.has(name)).map(({ address }) => address)),
    }).catch((error: unknown) => error);
    await faults.settled();
    if (failure !== undefined && followers.every((follower) => follower.jobs().asked === 0)) throw failure;
    const durationMs = Date.now() - originMs;
    const uses = sampleUses(agents, supervisor);
    const stopping = progress.phase("stopping agents");
    await supervisor.endAll(AGENT_GRACE_MS);
    stopping.finish("stopped");
    const sight = await readSight(markets, originMs);
    const chains = await Promise.all(
      markets.map((market, index) =>
        seeChain(
          market,
          followers[index] as MarketFollower,
          describeAgents(market, plan, setting.data, sight, uses, faults.killed),
          originMs,
        ),
      ),
    );
    return {
      chains,
      sight,
      agents: new Map(agents.map((agent) => [agent.name, agent])),
      faults: faults.records(),
      problems: [...deaths, ...(failure === undefined ? faults.unstruck() : [])],
      failure,
      durationMs,
    };
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function openMarkets(
  network: Network,
  { plan, data, spec, dir, progress }: MarketSetting,
  brokerUrl: string,
): Promise<readonly MarketChain[]> {
  const phase = progress.phase("deploying the market", network.chains.length);
  const markets: MarketChain[] = [];
  for (const [index, chain] of network.chains.entries()) {
    markets.push(await prepareMarket(index, chain, plan, data, spec, { dir, brokerUrl }));
    phase.update(markets.length);
  }
  const licensed = markets.reduce((sum, { agents }) => sum + agents.length, 0);
  phase.finish(`${plural(licensed, "agent")} licensed`);
  return markets;
}

/** Consumers come last: when the first job is asked for, everybody is there. */
async function startAgents(
  agents: readonly AgentPlace[],
  supervisor: Supervisor<AgentPlace>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const phase = progress.phase("starting agents", agents.length);
  const consumers = agents.filter(({ role }) => role === "consumer");
  const others = agents.filter(({ role }) => role !== "consumer");
  try {
    await supervisor.startAll(others, START_LIMIT_MS, (done) => phase.update(done), signal);
    await supervisor.startAll(
      consumers,
      START_LIMIT_MS,
      (done) => phase.update(others.length + done),
      signal,
    );
  } catch (error) {
    phase.finish("failed");
    throw error;
  }
  const count = (role: AgentPlace["role"]): number => agents.filter((agent) => agent.role === role).length;
  phase.finish(
    (["owner", "analyst", "consumer"] as const).map((role) => plural(count(role), role)).join(", "),
  );
}

/** CPU time and memory of every agent that still runs. */
function sampleUses(
  agents: readonly AgentPlace[],
  supervisor: Supervisor<AgentPlace>,
): ReadonlyMap<string, ProcessUse> {
  const running = agents.flatMap((agent) => {
    const identity = supervisor.process(agent);
    return identity === undefined ? [] : [{ label: agent.name, pid: identity.pid }];
  });
  return new Map(
    sampleProcesses(running).map(({ label, cpuSeconds, peakRssBytes }) => [
      label,
      { cpuMs: cpuSeconds * 1_000, peakRssMb: peakRssBytes / 1e6 },
    ]),
  );
}

/** Longer than anything on chain may lawfully take without an event. */
function silenceOf({ training: { terms } }: TrainingPlan): Millis {
  const { offerSeconds, recruitSeconds, roundSeconds, resumeSeconds, disputeSeconds } = terms;
  return 1_000 * (Math.max(offerSeconds, recruitSeconds, roundSeconds + resumeSeconds, disputeSeconds) + 60);
}
