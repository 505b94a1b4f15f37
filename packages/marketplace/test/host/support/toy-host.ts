import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVirtualClock, type VirtualClock } from "@sheaf/base";
import type { Mailbox, Message } from "@sheaf/bus";
import type { Agent, AgentInput, AgentOutput, ComputeResult } from "../../../src/agents/ports.ts";
import type { ChainBlock, MarketCall } from "../../../src/chain/types.ts";
import { type AgentHost, type AgentHostPorts, createAgentHost } from "../../../src/host/agent-host.ts";
import { openSavedState } from "../../../src/host/saved-state.ts";

/** A host of an agent that the test writes, with everything it did, in order. */
export interface ToyHost {
  readonly host: AgentHost;
  readonly clock: VirtualClock;
  /** What reached the world: `save x`, `send x`, `transact x`, `record x`. */
  readonly did: string[];
  readonly fatal: unknown[];
  readonly sent: { kind: string; settle: (error?: Error) => void }[];
  readonly transactions: { call: MarketCall; resolve: () => void; reject: (error: Error) => void }[];
  readonly computations: {
    resolve: (result: ComputeResult) => void;
    reject: (error: Error) => void;
    signal: AbortSignal;
  }[];
  /** Gives the agent a message; settles as the mailbox's receipt would. */
  message(kind: string): Promise<void>;
  readonly folder: string;
}

export const SELF = `0x${"11".repeat(20)}` as const;
export const PEER = `0x${"22".repeat(20)}` as const;

export const block = (number: number): ChainBlock => ({
  number,
  hash: `0x${"0".repeat(64)}`,
  timestampMs: 0,
  events: [],
});

/** Lets everything that is ready happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

export async function createToyHost<S>(
  agent: Agent<S>,
  folder = mkdtempSync(join(tmpdir(), "sheaf-host-")),
): Promise<ToyHost> {
  const clock = createVirtualClock(1_000);
  const store = await openSavedState(folder);
  const did: string[] = [];
  const toy: Omit<ToyHost, "host"> = {
    clock,
    did,
    fatal: [],
    sent: [],
    transactions: [],
    computations: [],
    folder,
    message: (kind) => Promise.resolve(listener({ ...MESSAGE, kind })),
  };
  let listener: (message: Message) => void | Promise<void> = () => {};
  const mailbox: Pick<
    Mailbox,
    "send" | "onMessage" | "onRejected" | "onUndelivered" | "close" | "unacknowledged"
  > = {
    send(_to, _job, kind) {
      did.push(`send ${kind}`);
      return new Promise((resolve, reject) => {
        toy.sent.push({
          kind,
          settle: (error) => (error === undefined ? resolve({ digest: "0x", wireBytes: 7 }) : reject(error)),
        });
      });
    },
    onMessage(next) {
      listener = next;
    },
    onRejected: () => {},
    onUndelivered: () => {},
    close: async () => void did.push("close"),
    unacknowledged: 0,
  };
  const ports: AgentHostPorts = {
    clock,
    store: {
      ...store,
      async save(key, value) {
        await store.save(key, value);
        did.push(`save ${key}`);
      },
    },
    compute: {
      run: (_request, signal) =>
        new Promise((resolve, reject) => toy.computations.push({ resolve, reject, signal })),
      close: () => {},
    },
    events: { record: (event) => void did.push(`record ${event.kind}`), close: () => {} },
    transact(call) {
      did.push(`transact ${call.method}`);
      return new Promise((resolve, reject) => {
        toy.transactions.push({ call, resolve: () => resolve({ hash: "0x", blockNumber: 5 }), reject });
      });
    },
    openMailbox: async () => {
      did.push("open");
      return mailbox as Mailbox;
    },
    onFatal: (error) => void toy.fatal.push(error),
  };
  return { ...toy, host: createAgentHost(agent, ports) };
}

const MESSAGE: Message = {
  from: PEER,
  to: SELF,
  job: 1n,
  kind: "k",
  body: new Uint8Array(0),
  digest: "0x",
  sequence: 0n,
  sentAtMs: 0,
  wireBytes: 100,
};

/** An agent that keeps every input it was given, and answers as told. */
export function scripted(
  answer: (input: AgentInput, seen: readonly AgentInput[]) => readonly AgentOutput[],
): Agent<readonly AgentInput[]> {
  return { start: [], step: (seen, input) => [[...seen, input], answer(input, seen)] };
}
