import { WebSocket } from "ws";
import { rpcError, rpcMalformed, rpcUnreachable } from "./errors.ts";

/** A WebSocket on which an endpoint pushes notifications. */
export interface Subscription {
  /** Ends it; `onClose` is not called. */
  close(): void;
}

export interface SubscriptionHandlers {
  /** `params.result` of each `eth_subscription` notification. */
  readonly onItem: (item: unknown) => void;
  /** The connection ended though nobody asked: the caller subscribes again. */
  readonly onClose: (reason: string) => void;
}

/**
 * Opens a WebSocket at `url` and subscribes with `eth_subscribe`. Resolves when the endpoint has
 * confirmed. Raises `RPC_UNREACHABLE`, `RPC_ERROR`, `RPC_MALFORMED`.
 */
export function subscribe(
  url: string,
  params: readonly unknown[],
  handlers: SubscriptionHandlers,
): Promise<Subscription> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { handshakeTimeout: 10_000, maxPayload: 64 * 1024 * 1024 });
    let open = false;
    let closed = false;
    const subscription: Subscription = {
      close() {
        closed = true;
        socket.terminate();
      },
    };
    const fail = (error: Error): void => {
      closed = true;
      socket.terminate();
      reject(error);
    };
    socket.on("open", () => {
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params }));
    });
    socket.on("message", (data: Buffer) => {
      const message = parseMessage(data);
      if (message === undefined) {
        if (!open) fail(rpcMalformed(url));
        return;
      }
      if (message.method === "eth_subscription") handlers.onItem(message.params?.result);
      else if (message.id === 1 && message.error !== undefined)
        fail(rpcError("eth_subscribe", message.error));
      else if (message.id === 1) {
        open = true;
        resolve(subscription);
      }
    });
    socket.on("error", (error) => {
      if (!open && !closed) fail(rpcUnreachable(url, error.message));
    });
    socket.on("close", (code) => {
      if (closed) return;
      closed = true;
      if (open) handlers.onClose(`connection closed (${code})`);
      else reject(rpcUnreachable(url, `connection closed (${code})`));
    });
  });
}

interface Incoming {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: { readonly result?: unknown };
  readonly error?: { readonly code: number; readonly message: string };
}

function parseMessage(data: Buffer): Incoming | undefined {
  try {
    const parsed: unknown = JSON.parse(data.toString("utf8"));
    return parsed !== null && typeof parsed === "object" ? (parsed as Incoming) : undefined;
  } catch {
    return undefined;
  }
}
