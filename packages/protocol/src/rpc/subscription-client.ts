import { invalidInput, type Millis, systemClock } from "@sheaf/base";
import { WebSocket } from "ws";
import { parseRpcError, rpcError, rpcMalformed, rpcUnreachable } from "./errors.ts";

/** A WebSocket on which an endpoint pushes notifications. */
export interface Subscription {
  /** Ends it; neither handler is called again. */
  close(): void;
}

export interface SubscriptionHandlers {
  /** `params.result` of each `eth_subscription` notification. */
  readonly onItem: (item: unknown) => void;
  /** The connection ended though nobody asked: the caller subscribes again. */
  readonly onClose: (reason: string) => void;
}

/** Time within which an endpoint must have confirmed. */
const CONFIRM_MS: Millis = 10_000;

/**
 * Opens a WebSocket at `url` and subscribes with `eth_subscribe`. Resolves when the endpoint has
 * confirmed. Raises `RPC_UNREACHABLE` (also after 10 s), `RPC_ERROR`, `RPC_MALFORMED`, and
 * `INVALID_INPUT` when `url` is no `ws:` or `wss:` address.
 */
export function subscribe(
  url: string,
  params: readonly unknown[],
  handlers: SubscriptionHandlers,
): Promise<Subscription> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(url);
    let open = false;
    let closed = false;
    const close = (): void => {
      closed = true;
      cancelDeadline();
      socket.terminate();
    };
    const fail = (error: Error): void => {
      close();
      reject(error);
    };
    const cancelDeadline = systemClock.schedule(CONFIRM_MS, () =>
      fail(rpcUnreachable(url, `no confirmation in ${CONFIRM_MS / 1000} s`)),
    );
    const confirm = (message: Incoming): void => {
      if (message.error === undefined || message.error === null) {
        open = true;
        cancelDeadline();
        resolve({ close });
        return;
      }
      const error = parseRpcError(message.error);
      fail(error === undefined ? rpcMalformed(url) : rpcError("eth_subscribe", error));
    };
    socket.on("open", () => {
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params }));
    });
    socket.on("message", (data: Buffer) => {
      if (closed) return;
      const message = parseMessage(data);
      if (message?.method === "eth_subscription") handlers.onItem(message.params?.result);
      else if (open) return;
      else if (message === undefined) fail(rpcMalformed(url));
      else if (message.id === 1) confirm(message);
    });
    socket.on("error", (error) => {
      if (!open && !closed) fail(rpcUnreachable(url, error.message));
    });
    socket.on("close", (code) => {
      if (closed) return;
      if (!open) return fail(rpcUnreachable(url, `connection closed (${code})`));
      handlers.onClose(`connection closed (${code})`);
    });
  });
}

function openSocket(url: string): WebSocket {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^wss?:$/.test(parsed.protocol) || parsed.hash !== "") {
    throw invalidInput(url, "is not a ws or wss address", "write an endpoint as ws://127.0.0.1:8545");
  }
  return new WebSocket(url, { maxPayload: 64 * 1024 * 1024 });
}

interface Incoming {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: { readonly result?: unknown };
  readonly error?: unknown;
}

function parseMessage(data: Buffer): Incoming | undefined {
  try {
    const parsed: unknown = JSON.parse(data.toString("utf8"));
    return parsed !== null && typeof parsed === "object" ? (parsed as Incoming) : undefined;
  } catch {
    return undefined;
  }
}
