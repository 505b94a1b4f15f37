import type { Socket } from "node:net";
import { CodedError } from "@sheaf/base";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";
import { type Subscription, subscribe } from "../src/index.ts";
import { freeAddress, httpServer, wsServer } from "./support/servers.ts";

afterEach(() => {
  vi.useRealTimers();
});

const CONFIRMATION = JSON.stringify({ jsonrpc: "2.0", id: 1, result: "0xabc" });

const item = (result: unknown): string =>
  JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params: { subscription: "0xabc", result } });

/** Subscribes, keeping what comes; `next` waits for the next item, `closed` for the end. */
function listen(url: string) {
  const items: unknown[] = [];
  const reasons: string[] = [];
  let wake = (): void => {};
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const subscription = subscribe(url, ["newHeads"], {
    onItem: (each) => {
      items.push(each);
      wake();
    },
    onClose: (reason) => {
      reasons.push(reason);
      wake();
    },
  });
  return {
    subscription,
    items,
    reasons,
    itemCount: (count: number) => until(() => items.length >= count),
    closed: () => until(() => reasons.length > 0),
  };
}

async function failureOf(subscription: Promise<Subscription>): Promise<string> {
  const outcome = await subscription.then(
    () => expect.fail("was confirmed"),
    (error: unknown) => error,
  );
  if (!(outcome instanceof CodedError)) throw outcome;
  return outcome.code;
}

describe("a subscription", () => {
  it("asks with eth_subscribe and hands on the items, in order", async () => {
    let asked: unknown;
    const url = await wsServer((socket, request) => {
      asked = request;
      socket.send(CONFIRMATION);
      for (let n = 0; n < 50; n++) socket.send(item({ number: n }));
    });
    const listener = listen(url);
    const subscription = await listener.subscription;
    await listener.itemCount(50);
    expect(asked).toEqual({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] });
    expect(listener.items).toEqual(Array.from({ length: 50 }, (_, number) => ({ number })));
    subscription.close();
  });

  it("raises RPC_ERROR when it is refused", async () => {
    const error = { code: -32601, message: "no such subscription" };
    const url = await wsServer((socket) => socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, error })));
    const failure = await listen(url).subscription.catch((thrown: unknown) => thrown);
    expect((failure as CodedError).detail).toEqual({
      code: "RPC_ERROR",
      method: "eth_subscribe",
      rpc: error,
    });
  });

  it.each([
    ["text", "hello"],
    ["half an object", '{"id":1'],
    ["null", "null"],
    ["an error that is text", '{"id":1,"error":"no"}'],
  ])("raises RPC_MALFORMED for an answer that is %s", async (_, answer) => {
    const url = await wsServer((socket) => socket.send(answer));
    expect(await failureOf(listen(url).subscription)).toBe("RPC_MALFORMED");
  });

  it("takes a null error beside the result for none", async () => {
    const url = await wsServer((socket) => socket.send('{"id":1,"result":"0x1","error":null}'));
    (await listen(url).subscription).close();
  });

  it("passes over what is no item once it is confirmed", async () => {
    const url = await wsServer((socket) => {
      socket.send(CONFIRMATION);
      socket.send("garbage");
      socket.send("null");
      socket.send(JSON.stringify({ id: 1, error: { code: 1, message: "late" } }));
      socket.send(JSON.stringify({ method: "eth_other", params: { result: "other" } }));
      socket.send(JSON.stringify({ method: "eth_subscription", params: null }));
      socket.send(item("last"));
    });
    const listener = listen(url);
    const subscription = await listener.subscription;
    await listener.itemCount(2);
    expect(listener.items).toEqual([undefined, "last"]);
    expect(listener.reasons).toEqual([]);
    subscription.close();
  });
});

describe("the end of a subscription", () => {
  it("is told once when the endpoint closes, cuts off or breaks the protocol", async () => {
    const ends: ((socket: WebSocket) => void)[] = [
      (socket) => socket.close(1001),
      (socket) => socket.terminate(),
      (socket) => {
        // A frame with reserved bits set, which no WebSocket may send.
        (socket as unknown as { readonly _socket: Socket })._socket.write(Buffer.from([0xf1, 0]));
      },
    ];
    for (const end of ends) {
      const url = await wsServer((socket) => {
        socket.send(CONFIRMATION);
        setTimeout(() => end(socket), 10);
      });
      const listener = listen(url);
      await listener.subscription;
      await listener.closed();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(listener.reasons).toHaveLength(1);
    }
  });

  it("by the caller's own wish is silent: no onClose, and no item that was already on its way", async () => {
    let burst = (): void => {};
    const url = await wsServer((socket) => {
      socket.send(CONFIRMATION);
      burst = () => {
        const stream = (socket as unknown as { readonly _socket: Socket })._socket;
        stream.cork();
        for (let n = 0; n < 100; n++) socket.send(item(n));
        stream.uncork();
      };
    });
    const items: unknown[] = [];
    const reasons: string[] = [];
    const subscription = await subscribe(url, ["newHeads"], {
      onItem: (each) => {
        items.push(each);
        if (items.length === 3) subscription.close();
      },
      onClose: (reason) => reasons.push(reason),
    });
    burst();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(items).toEqual([0, 1, 2]);
    expect(reasons).toEqual([]);
  });
});

describe("an endpoint that cannot be subscribed to", () => {
  it("is RPC_UNREACHABLE when nothing listens", async () => {
    expect(await failureOf(listen(await freeAddress("ws")).subscription)).toBe("RPC_UNREACHABLE");
  });

  it("is RPC_UNREACHABLE when it speaks HTTP only", async () => {
    const { wsUrl } = await httpServer(({ response }) => response.end("hello"));
    expect(await failureOf(listen(wsUrl).subscription)).toBe("RPC_UNREACHABLE");
  });

  it("is RPC_UNREACHABLE when it closes instead of confirming", async () => {
    const url = await wsServer((socket) => socket.close());
    const listener = listen(url);
    expect(await failureOf(listener.subscription)).toBe("RPC_UNREACHABLE");
    expect(listener.reasons).toEqual([]);
  });

  it("is RPC_UNREACHABLE when it has not confirmed within 10 s", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    let asked = (): void => {};
    const request = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const url = await wsServer(() => asked());
    const failure = failureOf(listen(url).subscription);
    await request;
    vi.advanceTimersByTime(10_000);
    expect(await failure).toBe("RPC_UNREACHABLE");
  });

  it.each(["", "http://127.0.0.1:1", "127.0.0.1:8546", "ws://127.0.0.1:1/#part", "not a url"])(
    "is INVALID_INPUT when its address is %j",
    async (url) => {
      expect(await failureOf(listen(url).subscription)).toBe("INVALID_INPUT");
    },
  );
});
