import { errorCode } from "@sheaf/base";
import type { MessageBody, MessageKind } from "../../src/agents/messages/bodies.ts";
import { encodeBody } from "../../src/agents/messages/codec.ts";
import type { AgentInput, AgentMessage } from "../../src/agents/ports.ts";
import type { Address, ChainEvent, MarketCall } from "../../src/chain/types.ts";
import { toyIdentity } from "./identities.ts";
import { createSimHost } from "./sim-host.ts";
import { blind, type Stage } from "./stage.ts";

/** An agent whose steps a test decides. */
export interface Puppet {
  readonly address: Address;
  readonly messages: readonly AgentMessage[];
  /** Sends a transaction and waits for its block; the error's code, or `undefined`. */
  transact(call: MarketCall): Promise<string | undefined>;
  send<K extends MessageKind>(to: Address, job: bigint, kind: K, body: MessageBody<K>): void;
}

export function createPuppet(stage: Stage, index: number): Puppet {
  const identity = toyIdentity(index);
  const { address } = identity;
  const messages: AgentMessage[] = [];
  const step = (state: undefined, input: AgentInput) => {
    if (input.type === "message") messages.push(input.message);
    return [state, []] as const;
  };
  const host = createSimHost(
    { identity, data: undefined, create: () => ({ start: undefined, step }) },
    { ...stage, watch: blind },
  );
  host.start();
  return {
    address,
    messages,
    async transact(call) {
      let ended = false;
      let code: string | undefined;
      stage.chain.transact(address, call).then(
        () => {
          ended = true;
        },
        (error: unknown) => {
          ended = true;
          code = errorCode(error);
        },
      );
      await stage.run(5_000, () => ended);
      return code;
    },
    send(to, job, kind, body) {
      host.send({ type: "send", to, job, kind, body: encodeBody(kind, body) });
    },
  };
}

/** The events of one name on the chain so far. */
export function eventsOf<E extends ChainEvent["event"]>(
  stage: Stage,
  event: E,
): Extract<ChainEvent, { readonly event: E }>[] {
  return stage.chain.blocks
    .flatMap(({ events }) => events)
    .filter((each): each is Extract<ChainEvent, { readonly event: E }> => each.event === event);
}
