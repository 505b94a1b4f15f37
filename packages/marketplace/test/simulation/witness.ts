import type { Hash } from "node:crypto";
import type { Clock } from "@sheaf/base";
import type { AgentEvent } from "../../src/agents/events.ts";
import type { AgentInput, AgentMessage, AgentOutput } from "../../src/agents/ports.ts";
import type { Address } from "../../src/chain/types.ts";
import type { HostEvent } from "../../src/host/event-log.ts";
import type { Watcher } from "./sim-host.ts";

export interface Received {
  readonly by: Address;
  readonly message: AgentMessage;
}

export interface Audited {
  readonly by: Address;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Everything that the checks at the end look at. */
export interface Witness extends Watcher {
  readonly received: readonly Received[];
  readonly audits: readonly Audited[];
  readonly events: readonly { readonly by: Address; readonly event: AgentEvent }[];
  readonly broken: readonly string[];
  /** Models that consumers kept, by job. */
  readonly models: ReadonlyMap<string, Uint8Array>;
  /** The names of the outputs of each input of an agent, in order. */
  stepsOf(agent: Address): readonly (readonly string[])[];
  /** Orders that the consumer gave up. */
  readonly givenUp: number;
}

/** Notes what agents do, and hashes it in the order it happens. */
export function createWitness(clock: Clock, hash: Hash, noise: () => string = () => ""): Witness {
  const received: Received[] = [];
  const audits: Audited[] = [];
  const events: { by: Address; event: AgentEvent }[] = [];
  const broken: string[] = [];
  const steps = new Map<Address, string[][]>();
  const models = new Map<string, Uint8Array>();
  let givenUp = 0;

  function note(agent: Address, text: string, bytes?: Uint8Array): void {
    hash.update(`${clock.now()} ${agent} ${text}${noise()}\n`);
    if (bytes !== undefined) hash.update(bytes);
  }

  return {
    stepped(agent, input, outputs) {
      if (input.type === "message") {
        received.push({ by: agent, message: input.message });
        note(agent, `got ${input.message.kind} of ${input.message.from}`, input.message.body);
      } else note(agent, summary(input));
      for (const output of outputs) {
        note(agent, output.type, bytesOf(output));
        if (output.type !== "save" || output.value === undefined) continue;
        const job = /^bulk\/model\/(\d+)$/.exec(output.key)?.[1];
        if (job !== undefined) models.set(job, output.value);
      }
      steps.set(agent, [...(steps.get(agent) ?? []), outputs.map(nameOf)]);
    },
    audited: (by, name, bytes) => void audits.push({ by, name, bytes }),
    recorded(by, event) {
      if (isHostEvent(event)) return;
      events.push({ by, event });
      if (event.kind === "problem" && event.job === undefined) givenUp += 1;
    },
    broke: (agent, error) =>
      void broken.push(`${agent}: ${error instanceof Error ? error.stack : String(error)}`),
    received,
    audits,
    events,
    broken,
    models,
    stepsOf: (agent) => steps.get(agent) ?? [],
    get givenUp() {
      return givenUp;
    },
  };
}

const HOST_KINDS = new Set<string>([
  "host-start",
  "sent",
  "received",
  "refused",
  "undelivered",
  "transacted",
  "transaction-failed",
  "compute",
  "link",
  "host-end",
]);

function isHostEvent(event: AgentEvent | HostEvent): event is HostEvent {
  return HOST_KINDS.has(event.kind);
}

function summary(input: AgentInput): string {
  switch (input.type) {
    case "chain":
      return `block ${input.block.number} ${input.events.length} ${input.live}`;
    case "timeout":
      return `timeout ${input.timer}`;
    case "done":
      return `done ${input.effect}`;
    case "failed":
      return `failed ${input.effect} ${input.code}`;
    default:
      return input.type;
  }
}

/** The kind of a message, the method of a transaction, or the type. */
function nameOf(output: AgentOutput): string {
  return output.type === "send" ? output.kind : output.type === "transact" ? output.call.method : output.type;
}

function bytesOf(output: AgentOutput): Uint8Array | undefined {
  switch (output.type) {
    case "send":
      return output.body;
    case "save":
      return output.value;
    case "audit":
      return output.bytes;
    default:
      return undefined;
  }
}
