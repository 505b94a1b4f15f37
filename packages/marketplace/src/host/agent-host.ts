import {
  type Cancel,
  type Clock,
  CodedError,
  errorCode,
  errorMessage,
  type Hex,
  type Millis,
  sleep,
  withDeadline,
} from "@sheaf/base";
import type { Mailbox, Message } from "@sheaf/bus";
import { roundOfBody } from "../agents/messages/codec.ts";
import type { Agent, AgentInput, AgentOutput, ComputeRequest, ComputeResult } from "../agents/ports.ts";
import type { ChainBlock, MarketCall } from "../chain/types.ts";
import type { Compute } from "./compute.ts";
import type { EventLog } from "./event-log.ts";
import type { SavedState } from "./saved-state.ts";

/** Everything that an agent's host needs from outside. */
export interface AgentHostPorts {
  readonly clock: Clock;
  readonly store: SavedState;
  readonly compute: Compute;
  readonly events: EventLog;
  /** Retries by itself while the chain is away; fails with the contract's error or the chain's trouble. */
  readonly transact: (call: MarketCall) => Promise<{ readonly hash: Hex; readonly blockNumber: number }>;
  /** Called once, before the first message leaves or the first live block is taken. */
  readonly openMailbox: () => Promise<Mailbox>;
  /** Keeps a plain value for the simulation's checks; absent outside of simulations. */
  readonly audit?: ((name: string, bytes: Uint8Array) => void) | undefined;
  /** The agent cannot go on: a defect, or a disk that fails. Called once. */
  readonly onFatal: (error: unknown) => void;
}

/** Connects an agent's step to the world: inputs one at a time, outputs in their order. */
export interface AgentHost {
  /** Restores what was saved and gives it to the agent. */
  start(): Promise<void>;
  /** Settles when the agent has dealt with the block. */
  block(block: ChainBlock, live: boolean): Promise<void>;
  /** Takes no further input, ends timers and computations, and waits a moment for receipts. */
  stop(): Promise<void>;
}

/** The agent takes no more inputs. */
export interface HostErrorDetail {
  readonly code: "STOPPED";
}

type Queued = {
  readonly input: Unstamped;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
};
type Unstamped = AgentInput extends infer Each
  ? Each extends AgentInput
    ? Omit<Each, "nowMs">
    : never
  : never;

/** How long `stop` waits for the input under way and for receipts of what was sent. */
const STOP_WITHIN_MS: Millis = 2_000;
const RECEIPT_POLL_MS: Millis = 20;

/** A host for one agent. State lives in memory; what must outlive the process the agent saves. */
export function createAgentHost<S>(agent: Agent<S>, ports: AgentHostPorts): AgentHost {
  const { clock, store, events } = ports;
  const queue: Queued[] = [];
  const timers = new Map<string, Cancel>();
  const stopping = new AbortController();
  const computing = createComputeQueue(ports, stopping.signal);
  let state = agent.start;
  let busy = false;
  let working: Promise<void> = Promise.resolve();
  let ended = false;
  let mailbox: Promise<Mailbox> | undefined;
  let opened: Mailbox | undefined;

  /** Gives the agent an input; settles when all that follows from it has been done, or begun. */
  function take(input: Unstamped): Promise<void> {
    return new Promise((done, fail) => {
      queue.push({ input, done, fail });
      if (!busy) working = work();
    });
  }

  async function work(): Promise<void> {
    busy = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        // A message that fails gets no receipt: its sender sends it again.
        if (ended) throw new CodedError<HostErrorDetail>("the agent has stopped", { code: "STOPPED" });
        const [changed, outputs] = agent.step(state, { ...next.input, nowMs: clock.wallMs() } as AgentInput);
        state = changed;
        for (const output of outputs) await perform(output);
        next.done();
      } catch (error) {
        next.fail(error);
        fatal(error);
      }
    }
    busy = false;
  }

  function fatal(error: unknown): void {
    if (ended) return;
    ended = true;
    ports.onFatal(error);
  }

  /** `later` is for inputs that nobody waits for. */
  const later = (input: Unstamped): void => void take(input).catch(() => {});

  async function perform(output: AgentOutput): Promise<void> {
    switch (output.type) {
      case "save":
        return store.save(output.key, output.value);
      case "send":
        return send(await openMailbox(), output);
      case "transact":
        return transact(output);
      case "compute":
        return compute(output);
      case "schedule":
        return schedule(output.timer, output.delayMs);
      case "cancel":
        return cancel(output.timer);
      case "record":
        return events.record(output.event);
      case "audit":
        return ports.audit?.(output.name, output.bytes);
    }
  }

  function openMailbox(): Promise<Mailbox> {
    mailbox ??= ports.openMailbox().then((open) => {
      opened = open;
      open.onMessage(receive);
      open.onRejected(({ code, from }) => events.record({ kind: "refused", code, peer: from }));
      open.onUndelivered(({ to, job, kind }) =>
        events.record({ kind: "undelivered", job, message: kind, code: "NO_RECEIPT", peer: to }),
      );
      return open;
    });
    return mailbox;
  }

  function receive({ from, to, job, kind, body, wireBytes }: Message): Promise<void> {
    events.record({
      kind: "received",
      job,
      message: kind,
      ...roundOfBody(kind, body),
      bytes: wireBytes,
      peer: from,
    });
    return take({ type: "message", message: { from, to, job, kind, body } });
  }

  /** Not waited for: a broker that is away must not hold up the agent. The mailbox keeps the order and the bounds. */
  function send(open: Mailbox, { to, job, kind, body }: Extract<AgentOutput, { type: "send" }>): void {
    const startMs = clock.now();
    open.send(to === "*" ? "all-of-job" : to, job, kind, body).then(
      ({ wireBytes }) =>
        events.record(
          { kind: "sent", job, message: kind, ...roundOfBody(kind, body), bytes: wireBytes, peer: to },
          clock.now() - startMs,
        ),
      (error: unknown) => {
        const code = errorCode(error) ?? "SEND_FAILED";
        events.record({ kind: "undelivered", job, message: kind, code, peer: to });
      },
    );
  }

  function transact({ id, call }: Extract<AgentOutput, { type: "transact" }>): void {
    const job = "job" in call ? call.job : 0n;
    ports.transact(call).then(
      ({ hash, blockNumber }) => {
        events.record({ kind: "transacted", job, method: call.method, hash, block: blockNumber });
        later({ type: "done", effect: id, result: { kind: "transacted", hash, blockNumber } });
      },
      (error: unknown) => {
        const code = errorCode(error) ?? "TRANSACTION_FAILED";
        events.record({ kind: "transaction-failed", job, method: call.method, code });
        later({ type: "failed", effect: id, code, message: errorMessage(error) });
      },
    );
  }

  function compute({ id, work: request }: Extract<AgentOutput, { type: "compute" }>): void {
    computing.run(request).then(
      (result) => later({ type: "done", effect: id, result }),
      (error: unknown) => {
        if (stopping.signal.aborted) return;
        const code = errorCode(error) ?? "COMPUTE_FAILED";
        later({ type: "failed", effect: id, code, message: errorMessage(error) });
      },
    );
  }

  function cancel(timer: string): void {
    timers.get(timer)?.();
    timers.delete(timer);
  }

  function schedule(timer: string, delayMs: number): void {
    cancel(timer);
    const end = clock.schedule(delayMs, () => {
      timers.delete(timer);
      later({ type: "timeout", timer });
    });
    timers.set(timer, end);
  }

  return {
    async start() {
      await take({ type: "start", saved: await store.loadAll() });
    },
    async block({ events: inBlock, number, hash, timestampMs }, live) {
      if (live && mailbox === undefined) await openMailbox();
      await take({ type: "chain", events: inBlock, block: { number, hash, timestampMs }, live });
    },
    async stop() {
      ended = true;
      stopping.abort();
      for (const timer of [...timers.keys()]) cancel(timer);
      const finish = async (): Promise<void> => {
        await working;
        ports.compute.close();
        while ((opened?.unacknowledged ?? 0) > 0) await sleep(RECEIPT_POLL_MS, clock);
      };
      // A broker that is away, or a receiver, does not hold up the end.
      await withDeadline("stop", STOP_WITHIN_MS, finish(), clock).catch(() => {});
      await opened?.close();
    },
  };
}

/** Computations one after another: they share one processor and its memory. Loads do not wait. */
function createComputeQueue({ compute, store, events, clock }: AgentHostPorts, signal: AbortSignal) {
  let last: Promise<unknown> = Promise.resolve();

  async function timed(request: Exclude<ComputeRequest, { kind: "load" }>): Promise<ComputeResult> {
    signal.throwIfAborted();
    const startMs = clock.now();
    const report = (code?: string): void => {
      const ms = clock.now() - startMs;
      events.record({ kind: "compute", work: request.kind, ms, ...(code === undefined ? {} : { code }) });
    };
    try {
      const result = await compute.run(request, signal);
      report();
      return result;
    } catch (error) {
      report(errorCode(error) ?? "COMPUTE_FAILED");
      throw error;
    }
  }

  return {
    run(request: ComputeRequest): Promise<ComputeResult> {
      if (request.kind === "load")
        return store.load(request.key).then((value) => ({ kind: "loaded", value }));
      const result = last.then(() => timed(request));
      last = result.catch(() => {});
      return result;
    },
  };
}
