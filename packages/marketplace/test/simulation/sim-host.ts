import {
  bytesToHex,
  type Cancel,
  type Clock,
  CodedError,
  hexToBytes,
  type Millis,
  type Random,
  sleep,
  type VirtualClock,
} from "@sheaf/base";
import { type Bus, createMailbox, type MemoryBroker } from "@sheaf/bus";
import type { Dataset } from "@sheaf/federated";
import { keccak256 } from "@sheaf/protocol";
import type { AgentEvent } from "../../src/agents/events.ts";
import type { Agent, AgentInput, AgentOutput, AgentPorts } from "../../src/agents/ports.ts";
import type { Address } from "../../src/chain/types.ts";
import { type AgentHostPorts, createAgentHost } from "../../src/host/agent-host.ts";
import type { Compute } from "../../src/host/compute.ts";
import type { HostEvent } from "../../src/host/event-log.ts";
import { followChain } from "../../src/host/follow-chain.ts";
import type { SavedState } from "../../src/host/saved-state.ts";
import { compute } from "./compute.ts";
import { type ToyIdentity, toyRecover } from "./identities.ts";
import type { VirtualChain } from "./virtual-chain.ts";
import type { WorkInProgress } from "./work-in-progress.ts";

export interface SimPorts {
  readonly clock: VirtualClock;
  readonly chain: VirtualChain;
  readonly broker: MemoryBroker;
  readonly random: Random;
  readonly work: WorkInProgress;
  readonly watch: Watcher;
}

/** Sees everything that agents take in and give out. */
export interface Watcher {
  stepped(agent: Address, input: AgentInput, outputs: readonly AgentOutput[]): void;
  audited(agent: Address, name: string, bytes: Uint8Array): void;
  recorded(agent: Address, event: AgentEvent | HostEvent): void;
  /** A step or a host that threw what is not a crash of the plan. */
  broke(agent: Address, error: unknown): void;
}

/** When a process dies, and how long it is down; for good when `downMs` is left out. */
export type CrashPlan = { readonly downMs?: Millis } & (
  | {
      /** In this input, counted from 1 over all lives, */
      readonly input: number;
      /** before it performs this output, counted from 0. */
      readonly outputs: number;
    }
  | {
      /** Before it sends a message of this kind, or a transaction of this method, */
      readonly before: string;
      /** for the time of this number, counted from 1. */
      readonly nth: number;
    }
);

/** An agent's outputs, changed on the way: this is how agents misbehave. */
export type Tamper = (output: AgentOutput, self: ToyIdentity) => readonly AgentOutput[];

export interface SimAgent<S> {
  readonly identity: ToyIdentity;
  create(ports: AgentPorts): Agent<S>;
  /** Training, validation or test samples. */
  readonly data: Dataset | undefined;
  readonly tamper?: Tamper;
  /** One after another. */
  readonly crashes?: readonly CrashPlan[];
}

export interface SimHost {
  readonly address: Address;
  start(): void;
  /** Dies, and comes back after `downMs` unless left out. */
  stop(downMs?: Millis): void;
  readonly alive: boolean;
  /** Inputs taken, over all lives. */
  readonly inputs: number;
  /** Sends as this agent, past its step. */
  send(output: Extract<AgentOutput, { readonly type: "send" }>): void;
}

/** What dies in a crash. */
interface Life {
  readonly bus: Bus;
  readonly clock: Clock;
  alive: boolean;
  send: SimHost["send"];
}

export const SCOPE = "1337/market";
/** The host's own ports for an agent of a simulation. */
const MAILBOX_LIMITS = { repeatAfterMs: 1_500, maxRepeatMs: 6_000, deliverWithinMs: 120_000 };
const CRASH = "crash";

/**
 * The real host of an agent, on a virtual clock, a virtual chain and a memory bus. It can be killed between any two
 * outputs; what it saved, and nothing else, outlives it.
 */
export function createSimHost<S>(agent: SimAgent<S>, ports: SimPorts): SimHost {
  const { identity, tamper = (output) => [output] } = agent;
  const { address } = identity;
  const { chain, broker, watch, work } = ports;
  const random = ports.random.fork(`host ${address}`);
  const disk = new Map<string, Uint8Array>();
  let life: Life | undefined;
  let lives = 0;
  let inputs = 0;
  const crashes = [...(agent.crashes ?? [])];
  const counts = new Map<string, number>();

  function start(): void {
    if (life !== undefined) return;
    lives += 1;
    const mine: Life = {
      bus: broker.connect(),
      alive: true,
      clock: mortalClock(() => mine.alive),
      send: () => {},
    };
    life = mine;
    work.track(boot(mine, lives));
  }

  async function boot(mine: Life, number: number): Promise<void> {
    const inner = agent.create(agentPorts(number));
    const onFatal = (error: unknown): void => onEnd(mine, error);
    const host = createAgentHost(
      { start: inner.start, step: watched(mine, inner) },
      hostPorts(mine, number, onFatal),
    );
    await host.start();
    const silent = { record: () => {}, close: () => {} };
    followChain(chain, host, { fromBlock: 0, events: silent, log: () => {}, onFatal });
  }

  /** The agent's step, seen by the watcher, and cut short where the process is to die. */
  function watched(mine: Life, inner: Agent<S>): Agent<S>["step"] {
    return (state, input) => {
      if (!mine.alive) throw dead();
      inputs += 1;
      const [next, honest] = inner.step(state, input);
      const outputs = honest.flatMap((output) => tamper(output, identity));
      watch.stepped(address, input, outputs);
      const performed = fuseOf(outputs);
      if (performed === undefined) return [next, outputs];
      const death: AgentOutput = { type: "audit", name: CRASH, bytes: new Uint8Array(0) };
      return [next, [...outputs.slice(0, performed), death]];
    };
  }

  /** How many of the outputs are performed before the process dies; `undefined` when it lives. */
  function fuseOf(outputs: readonly AgentOutput[]): number | undefined {
    const [plan] = crashes;
    if (plan === undefined) return undefined;
    if ("input" in plan) return inputs < plan.input ? undefined : plan.outputs;
    for (const [index, output] of outputs.entries()) {
      const name =
        output.type === "send" ? output.kind : output.type === "transact" ? output.call.method : "";
      if (name === "") continue;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (name === plan.before && counts.get(name) === plan.nth) return index;
    }
    return undefined;
  }

  function hostPorts(mine: Life, number: number, onFatal: (error: unknown) => void): AgentHostPorts {
    return {
      clock: mine.clock,
      store: savedState(disk),
      compute: tinyCompute(mine, number),
      events: { record: (event) => watch.recorded(address, event), close: () => {} },
      transact: (call) => chain.transact(address, call),
      openMailbox: () => openMailbox(mine, number),
      audit(name, bytes) {
        if (name === CRASH) throw dead();
        watch.audited(address, name, bytes);
      },
      onFatal,
    };
  }

  async function openMailbox(mine: Life, number: number) {
    const mailbox = await createMailbox(mine.bus, identity, {
      chainScope: SCOPE,
      clock: mine.clock,
      licensed: chain.isLicensed,
      keccak256,
      recover: toyRecover,
      limits: MAILBOX_LIMITS,
      processSecret: random.fork(`process ${number}`).bytes(32),
    });
    mine.send = ({ to, job, kind, body }) =>
      void mailbox.send(to === "*" ? "all-of-job" : to, job, kind, body).catch(() => {});
    return mailbox;
  }

  function agentPorts(number: number): AgentPorts {
    const entropy = random.fork(`entropy ${number}`);
    return {
      self: address,
      scope: SCOPE,
      entropy: (length) => entropy.bytes(length),
      keccak256: (bytes) => bytesToHex(keccak256(bytes)),
      sign: (digest) => identity.sign(hexToBytes(digest)),
      recover: (digest, signature) => toyRecover(hexToBytes(digest), signature),
    };
  }

  /** The tiny model, with some time that it takes. */
  function tinyCompute(mine: Life, number: number): Compute {
    const stream = random.fork(`compute ${number}`);
    return {
      async run(request) {
        const busyMs =
          (request.kind === "train" ? 50 : 10) + stream.float() * (request.kind === "train" ? 400 : 90);
        await sleep(busyMs, mine.clock);
        const running = compute(request, { data: agent.data, store: disk, random: stream });
        work.track(running);
        const result = await running;
        if ("failed" in result) throw new CodedError(result.failed, { code: result.failed });
        return result;
      },
      close() {},
    };
  }

  function onEnd(mine: Life, error: unknown): void {
    if (!mine.alive) return;
    if (error instanceof CodedError && error.code === "DEAD") {
      stop(crashes.shift()?.downMs);
    } else {
      watch.broke(address, error);
      stop();
    }
  }

  function stop(downMs?: Millis): void {
    if (life === undefined) return;
    life.alive = false;
    void life.bus.close();
    life = undefined;
    if (downMs !== undefined) ports.clock.schedule(downMs, start);
  }

  /** What a dead process scheduled does not happen. */
  function mortalClock(alive: () => boolean): Clock {
    const { clock } = ports;
    return {
      now: clock.now,
      wallMs: clock.wallMs,
      schedule: (delayMs, action): Cancel =>
        clock.schedule(delayMs, () => {
          if (alive()) action();
        }),
    };
  }

  return {
    address,
    start,
    stop,
    get alive() {
      return life !== undefined;
    },
    get inputs() {
      return inputs;
    },
    send: (output) => life?.send(output),
  };
}

function dead(): CodedError {
  return new CodedError("the process is dead", { code: "DEAD" });
}

function savedState(disk: Map<string, Uint8Array>): SavedState {
  return {
    loadAll: async () => new Map([...disk].filter(([key]) => !key.startsWith("bulk/"))),
    load: async (key) => disk.get(key),
    async save(key, value) {
      if (value === undefined) disk.delete(key);
      else disk.set(key, new Uint8Array(value));
    },
  };
}
