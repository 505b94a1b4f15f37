import { RPC_ERROR } from "@sheaf/protocol";
import { type MethodTable, method, type Parameter, readAt } from "../method.ts";
import { aLogQuery, aText } from "../parameters.ts";
import { rpcFault } from "../rpc-fault.ts";
import type { Session, Subscriber, Topic } from "../session.ts";

const asGiven: Parameter<unknown> = (value) => value;

/** `eth_subscribe` and `eth_unsubscribe`, for callers that can be told. */
export function subscriptionMethods(): MethodTable {
  return {
    eth_subscribe: method([aText, asGiven], ([name, option], session) =>
      subscriberOf(session).subscribe(topicOf(name, [name, option ?? {}])),
    ),
    eth_unsubscribe: method([aText], ([id], session) => {
      if (!subscriberOf(session).unsubscribe(id)) {
        throw rpcFault(RPC_ERROR.server, "subscription not found");
      }
      return true;
    }),
  };
}

function subscriberOf({ subscriber }: Session): Subscriber {
  if (subscriber === undefined) throw rpcFault(RPC_ERROR.methodNotFound, "notifications not supported");
  return subscriber;
}

function topicOf(name: string, params: readonly unknown[]): Topic {
  switch (name) {
    case "newHeads":
      return { kind: "heads" };
    case "logs":
      return { kind: "logs", query: readAt(aLogQuery, params, 1) };
    case "newPendingTransactions":
      return { kind: "pending", full: params[1] === true };
    default:
      throw rpcFault(RPC_ERROR.methodNotFound, `no "${name.slice(0, 50)}" subscription in eth namespace`);
  }
}
