import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@sheaf/base";
import { type Genesis, RPC_ERROR } from "@sheaf/protocol";
import type { Mempool, SenderTransaction } from "../ports.ts";
import type { BlockView } from "./chain-view.ts";
import { headerToJson, logToJson, pooledToJson } from "./formats.ts";
import { logMatches } from "./log-search.ts";
import { rpcFault } from "./rpc-fault.ts";
import type { Subscriber, Topic } from "./session.ts";

/** Pushes heads, logs and pooled transactions to subscribed connections [RPC.16]. */
export interface Subscriptions {
  /** A connection that `push` sends texts to. */
  open(push: (text: string) => void): Subscriber & { close(): void };
  /** Called when a block is stored and every read shows it. */
  onHead(view: BlockView): void;
}

interface Subscription {
  readonly id: Hex;
  readonly topic: Topic;
  readonly push: (text: string) => void;
}

const MAX_PER_CONNECTION = 100;

export function createSubscriptions(genesis: Genesis, mempool: Pick<Mempool, "onAdmitted">): Subscriptions {
  const heads = new Map<string, Subscription>();
  const logs = new Map<string, Subscription>();
  const pending = new Map<string, Subscription>();
  const byKind = { heads, logs, pending } as const;

  function notify({ id, push }: Subscription, resultJson: string): void {
    push(
      `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":${resultJson}}}`,
    );
  }

  function onAdmitted(transaction: SenderTransaction): void {
    for (const subscription of pending.values()) {
      const full = subscription.topic.kind === "pending" && subscription.topic.full;
      const result = full ? pooledToJson(transaction) : transaction.transaction.hash;
      notify(subscription, JSON.stringify(result));
    }
  }
  mempool.onAdmitted(onAdmitted);

  return {
    open(push) {
      const own = new Map<string, Topic["kind"]>();
      const unsubscribe = (id: string): boolean => {
        const kind = own.get(id);
        if (kind !== undefined) byKind[kind].delete(id);
        return own.delete(id);
      };
      return {
        subscribe(topic) {
          if (own.size >= MAX_PER_CONNECTION) {
            throw rpcFault(RPC_ERROR.limitExceeded, "too many subscriptions on this connection");
          }
          const id = bytesToHex(randomBytes(16));
          own.set(id, topic.kind);
          byKind[topic.kind].set(id, { id, topic, push });
          return id;
        },
        unsubscribe,
        close() {
          for (const id of [...own.keys()]) unsubscribe(id);
        },
      };
    },
    onHead(view) {
      if (heads.size > 0) {
        const header = JSON.stringify(headerToJson(view, genesis));
        for (const subscription of heads.values()) notify(subscription, header);
      }
      for (const subscription of logs.values()) {
        const { topic } = subscription;
        if (topic.kind !== "logs") continue;
        for (const found of view.logs) {
          if (logMatches(found.log, topic.query)) notify(subscription, JSON.stringify(logToJson(found)));
        }
      }
    },
  };
}
