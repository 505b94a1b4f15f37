import { errorMessage, type Millis, sleep } from "@sheaf/base";
import { type Broker, startBroker } from "@sheaf/bus";
import type { Supervisor } from "@sheaf/launcher";
import type { TrainingFault, TrainingPhase } from "@sheaf/measure";
import type { Progress } from "../terminal/progress.ts";
import type { AgentPlace } from "./agents.ts";
import type { LogFollower } from "./follow-logs.ts";
import type { LogLine } from "./record/agent-log.ts";
import type { TrainingFileFault } from "./training-file.ts";

/** The embedded broker, which can be replaced by another on the same port while agents run. */
export interface BrokerHolder {
  current: Broker;
}

export interface FaultTargets {
  readonly supervisor: Supervisor<AgentPlace>;
  /** `undefined` when the broker is somebody else's. */
  readonly broker: BrokerHolder | undefined;
  readonly logs: LogFollower;
  readonly originMs: Millis;
  readonly progress: Progress;
  /** Whether updates are masked: then shares of the masks go round before training. */
  readonly isMasked: boolean;
}

/** Faults in hand, and those that struck so far. */
export interface FaultStriker {
  /** Agents that were killed on purpose. */
  readonly killed: ReadonlySet<string>;
  records(): readonly TrainingFault[];
  /** Faults whose moment never came, in words. */
  unstruck(): readonly string[];
  /** Resolves when what has begun is over. */
  settled(): Promise<void>;
}

/** Strikes each fault when the agents' own records show that its moment has come. */
export function strikeFaults(faults: readonly TrainingFileFault[], targets: FaultTargets): FaultStriker {
  const { supervisor, broker, logs, originMs, progress, isMasked } = targets;
  const waiting = faults.map((fault) => ({ fault, left: fault.kind === "owners-vanish" ? fault.owners : 1 }));
  const killed = new Set<string>();
  const records: TrainingFault[] = [];
  const running: Promise<void>[] = [];
  const now = (): Millis => Date.now() - originMs;

  function kill(agent: AgentPlace, phase: TrainingPhase): void {
    killed.add(agent.name);
    const description = `kill -9 of ${agent.name} before ${phase}`;
    progress.note(description);
    records.push({ kind: "kill", agent: agent.name, phase, startMs: now(), endMs: null, description });
    running.push(supervisor.end(agent, "SIGKILL", 0));
  }

  async function restartBroker(holder: BrokerHolder, downMs: Millis): Promise<void> {
    const startMs = now();
    const description = `the broker is away for ${downMs / 1000} s`;
    progress.note(description);
    const { port } = new URL(holder.current.url);
    await holder.current.stop();
    await sleep(downMs);
    holder.current = await startBroker({ port: Number(port) });
    records.push({ kind: "broker-restart", agent: null, phase: null, startMs, endMs: now(), description });
  }

  logs.onLine((agent, line) => {
    if (killed.has(agent.name)) return;
    for (const entry of waiting) {
      if (entry.left === 0 || !isMoment(entry.fault, agent, line, isMasked)) continue;
      entry.left -= 1;
      if (entry.fault.kind !== "broker-restarts") return kill(agent, entry.fault.phase);
      if (broker === undefined) continue;
      running.push(
        restartBroker(broker, entry.fault.downMs).catch((error: unknown) =>
          progress.note(`the broker does not start again: ${errorMessage(error)}`),
        ),
      );
    }
  });

  return {
    killed,
    records: () => records,
    unstruck: () =>
      waiting
        .filter(({ left }) => left > 0)
        .map(({ fault }) => `the fault ${fault.kind} of round ${fault.round} never struck`),
    settled: async () => {
      await Promise.all(running);
    },
  };
}

function isMoment(fault: TrainingFileFault, agent: AgentPlace, line: LogLine, isMasked: boolean): boolean {
  if (fault.kind === "owners-vanish") return agent.role === "owner" && isBefore(fault, line, isMasked);
  if (agent.role !== "analyst" || line.kind !== "phase") return false;
  if (line.edge !== "begin" || line.round !== fault.round) return false;
  return fault.kind === "broker-restarts" || line.phase === fault.phase;
}

/** The messages of which an owner sends one last before each phase: with the kill, what comes next is missing. */
const LAST_SENT: Readonly<Record<string, readonly string[]>> = {
  shares: ["round.keys"],
  train: ["round.shares"],
  "train, unmasked": ["round.keys"],
  confirm: ["round.masked"],
  unmask: ["round.confirm"],
};

/** Whether the owner stands just before the phase of the round. */
function isBefore(
  { phase, round }: TrainingFileFault & { kind: "owners-vanish" },
  line: LogLine,
  isMasked: boolean,
): boolean {
  if (phase === "keys" && round === 1) return line.kind === "decision" && line.what === "join";
  if (phase === "keys") {
    return line.kind === "received" && line.message === "round.result" && line.round === round - 1;
  }
  if (line.kind !== "sent" || line.round !== round) return false;
  const key = phase === "train" && !isMasked ? "train, unmasked" : phase;
  return LAST_SENT[key]?.includes(line.message) === true;
}
