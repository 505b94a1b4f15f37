import {
  bytesToHex,
  type Cancel,
  createRandom,
  createVirtualClock,
  hexToBytes,
  type Millis,
} from "@sheaf/base";
import type { Dataset } from "@sheaf/federated";
import { keccak256 } from "@sheaf/protocol";
import type { AgentEvent } from "../../../src/agents/events.ts";
import type { Agent, AgentInput, AgentOutput, AgentPorts, BlockRef } from "../../../src/agents/ports.ts";
import type { Address, ChainEvent, MarketCall } from "../../../src/chain/types.ts";
import { compute } from "../../simulation/compute.ts";
import { type ToyIdentity, toyIdentity, toyRecover } from "../../simulation/identities.ts";
import { blockOf, createToyMarket, type EventBody } from "./toy-market.ts";

export const SCOPE = "31337/market";
type Send = Extract<AgentOutput, { type: "send" }>;

export interface Seat {
  readonly address: Address;
  readonly identity: ToyIdentity;
  /** Everything it gave out, in order. */
  readonly outputs: AgentOutput[];
  readonly saved: Map<string, Uint8Array>;
  /** Its mail is lost and it takes no inputs. */
  away: boolean;
}

interface Place extends Seat {
  create: () => Agent<unknown>;
  agent: Agent<unknown>;
  state: unknown;
  timers: Map<string, Cancel>;
  data: Dataset | undefined;
  blocksLateMs: Millis;
}

/** What happens to a message on its way: the messages that arrive instead. */
export type Courier = (message: Send & { readonly from: Address }) => readonly (Send & { from: Address })[];

/** Agents around one toy market, on a virtual clock: everything arrives, in order, soon, unless a test says otherwise. */
export function createTable(seed = "table") {
  const clock = createVirtualClock(1_000_000);
  const random = createRandom(seed);
  const market = createToyMarket();
  const places = new Map<Address, Place>();
  const blocks: { block: BlockRef; events: readonly ChainEvent[] }[] = [];
  const sent: (Send & { from: Address })[] = [];
  let courier: Courier = (message) => [message];
  let refuseCall: (from: Address, call: MarketCall) => string | undefined = () => undefined;
  let rewriteCall: (from: Address, call: MarketCall) => MarketCall = (_, call) => call;
  let working = 0;
  let idle: () => void = () => {};

  function portsOf(identity: ToyIdentity): AgentPorts {
    const entropy = random.fork(`entropy ${identity.address} ${random.uint32()}`);
    return {
      self: identity.address,
      scope: SCOPE,
      entropy: (length) => entropy.bytes(length),
      keccak256: (bytes) => bytesToHex(keccak256(bytes)),
      sign: (digest) => identity.sign(hexToBytes(digest)),
      recover: (digest, signature) => toyRecover(hexToBytes(digest), signature),
    };
  }

  function seat<S>(index: number, create: (ports: AgentPorts) => Agent<S>, data?: Dataset): Seat {
    const identity = toyIdentity(index);
    const make = (): Agent<unknown> => create(portsOf(identity)) as Agent<unknown>;
    const agent = make();
    const place: Place = {
      address: identity.address,
      identity,
      create: make,
      agent,
      state: agent.start,
      outputs: [],
      saved: new Map(),
      timers: new Map(),
      data,
      away: false,
      blocksLateMs: 0,
    };
    places.set(place.address, place);
    begin(place);
    return place;
  }

  function begin(place: Place): void {
    const saved = new Map([...place.saved].filter(([key]) => !key.startsWith("bulk/")));
    give(place, { type: "start", nowMs: clock.wallMs(), saved });
    blocks.forEach((entry, index) => {
      give(place, { type: "chain", nowMs: clock.wallMs(), ...entry, live: index === blocks.length - 1 });
    });
  }

  /** The process ends and begins again with what it had saved. */
  function restart({ address }: Seat): void {
    const place = places.get(address) as Place;
    for (const cancel of place.timers.values()) cancel();
    place.timers.clear();
    place.agent = place.create();
    place.state = place.agent.start;
    place.away = false;
    begin(place);
  }

  function give(place: Place, input: AgentInput): void {
    if (place.away) return;
    const [state, outputs] = place.agent.step(place.state, input);
    place.state = state;
    for (const output of outputs) perform(place, output);
  }

  function perform(place: Place, output: AgentOutput): void {
    place.outputs.push(output);
    switch (output.type) {
      case "send":
        for (const message of courier({ ...output, from: place.address })) deliver(message);
        break;
      case "transact":
        clock.schedule(100, () => transact(place, output.id, output.call));
        break;
      case "schedule":
        place.timers.get(output.timer)?.();
        place.timers.set(
          output.timer,
          clock.schedule(output.delayMs, () =>
            give(place, { type: "timeout", nowMs: clock.wallMs(), timer: output.timer }),
          ),
        );
        break;
      case "cancel":
        place.timers.get(output.timer)?.();
        break;
      case "save":
        if (output.value === undefined) place.saved.delete(output.key);
        else place.saved.set(output.key, output.value);
        break;
      case "compute":
        work(place, output);
        break;
      default:
        break;
    }
  }

  function deliver(message: Send & { from: Address }): void {
    sent.push(message);
    clock.schedule(5, () => {
      const place = message.to === "*" ? undefined : places.get(message.to);
      if (place !== undefined) give(place, { type: "message", nowMs: clock.wallMs(), message });
    });
  }

  function work(place: Place, { id, work: request }: Extract<AgentOutput, { type: "compute" }>): void {
    working += 1;
    const { agent } = place;
    void compute(request, { data: place.data, store: place.saved, random: random.fork(id) }).then(
      (result) => {
        working -= 1;
        if (working === 0) idle();
        clock.schedule(20, () => {
          if (place.agent !== agent) return;
          const nowMs = clock.wallMs();
          if ("failed" in result)
            give(place, { type: "failed", nowMs, effect: id, code: result.failed, message: result.failed });
          else give(place, { type: "done", nowMs, effect: id, result });
        });
      },
    );
  }

  function transact(place: Place, effect: string, call: MarketCall): void {
    const code = refuseCall(place.address, call);
    const outcome =
      code === undefined ? market.perform(place.address, rewriteCall(place.address, call)) : { error: code };
    const nowMs = clock.wallMs();
    if ("error" in outcome) {
      give(place, { type: "failed", nowMs, effect, code: outcome.error, message: outcome.error });
      return;
    }
    const { number, hash } = mine(outcome);
    give(place, { type: "done", nowMs, effect, result: { kind: "transacted", hash, blockNumber: number } });
  }

  /** A block with these events; everybody sees it. */
  function mine(bodies: readonly EventBody[]): BlockRef {
    const entry = blockOf(blocks.length + 1, clock.wallMs(), bodies);
    blocks.push(entry);
    for (const place of places.values()) {
      const see = (): void => give(place, { type: "chain", nowMs: clock.wallMs(), ...entry, live: true });
      if (place.blocksLateMs === 0) see();
      else clock.schedule(place.blocksLateMs, see);
    }
    return entry.block;
  }

  /** Moves on until `until` holds; false when the time is over first. */
  async function run(until: () => boolean, limitMs: Millis = 600_000): Promise<boolean> {
    const endMs = clock.now() + limitMs;
    for (;;) {
      while (working > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      await Promise.resolve();
      if (until()) return true;
      if (clock.now() > endMs || !clock.runNext()) return false;
    }
  }

  return {
    clock,
    seat,
    restart,
    mine,
    run,
    sent,
    blocks,
    /** A transaction of somebody without an agent. */
    call(from: Address, call: MarketCall): void {
      const outcome = market.perform(from, call);
      if (!("error" in outcome)) mine(outcome);
    },
    give: ({ address }: Seat, input: AgentInput) => give(places.get(address) as Place, input),
    delayBlocks({ address }: Seat, lateMs: Millis): void {
      (places.get(address) as Place).blocksLateMs = lateMs;
    },
    stateOf: <S>({ address }: Seat) => (places.get(address) as Place).state as S,
    set courier(next: Courier) {
      courier = next;
    },
    /** What the chain gets instead of what an agent sent. */
    set rewriteCall(next: (from: Address, call: MarketCall) => MarketCall) {
      rewriteCall = next;
    },
    set refuseCall(next: (from: Address, call: MarketCall) => string | undefined) {
      refuseCall = next;
    },
  };
}

export type Table = ReturnType<typeof createTable>;

/** The events that an agent recorded, of one kind. */
export function events<K extends AgentEvent["kind"]>(
  seat: Seat,
  kind: K,
): Extract<AgentEvent, { kind: K }>[] {
  return seat.outputs.flatMap((output) =>
    output.type === "record" && output.event.kind === kind
      ? [output.event as Extract<AgentEvent, { kind: K }>]
      : [],
  );
}

/** The transactions that an agent sent, by method. */
export function calls<M extends MarketCall["method"]>(
  seat: Seat,
  method: M,
): Extract<MarketCall, { method: M }>[] {
  return seat.outputs.flatMap((output) =>
    output.type === "transact" && output.call.method === method
      ? [output.call as Extract<MarketCall, { method: M }>]
      : [],
  );
}
