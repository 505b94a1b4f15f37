import { CodedError } from "@sheaf/base";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRpcClient, type RpcClient, type RpcClientOptions, type RpcErrorDetail } from "../src/index.ts";
import { type Exchange, freeAddress, httpServer } from "./support/servers.ts";

interface Sent {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

async function clientOf(answer: (exchange: Exchange) => void, options: RpcClientOptions = {}) {
  const server = await httpServer(answer);
  return { ...server, client: clientAt(server.url, options) };
}

function clientAt(url: string, options: RpcClientOptions = {}): RpcClient {
  const client = createRpcClient(url, options);
  onTestFinished(() => client.close());
  return client;
}

/** Answers every request with the same text. */
const saying =
  (text: string) =>
  ({ response }: Exchange): void => {
    response.end(text);
  };

async function failureOf(promise: Promise<unknown>): Promise<RpcErrorDetail> {
  const outcome = await promise.then(
    () => expect.fail("succeeded"),
    (error: unknown) => error,
  );
  if (!(outcome instanceof CodedError)) throw outcome;
  return outcome.detail as RpcErrorDetail;
}

const ok = (id: number, result: unknown) => ({ jsonrpc: "2.0", id, result });

describe("one call", () => {
  it("sends JSON-RPC 2.0 and gives the result, null included", async () => {
    const bodies: string[] = [];
    const { client } = await clientOf(({ body, response }) => {
      bodies.push(body);
      response.end(JSON.stringify(ok(0, bodies.length === 1 ? "0x10" : null)));
    });
    expect(await client.call("eth_blockNumber", [])).toBe("0x10");
    expect(await client.call("sheaf_getCommitCertificate", ["0x1"])).toBeNull();
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
      { jsonrpc: "2.0", id: 0, method: "eth_blockNumber", params: [] },
      { jsonrpc: "2.0", id: 0, method: "sheaf_getCommitCertificate", params: ["0x1"] },
    ]);
  });

  it("raises RPC_ERROR with the error object, its data included", async () => {
    const error = { code: 3, message: "execution reverted", data: "0x08c379a0" };
    const { client } = await clientOf(saying(JSON.stringify({ jsonrpc: "2.0", id: 0, error })));
    expect(await failureOf(client.call("eth_call", []))).toEqual({
      code: "RPC_ERROR",
      method: "eth_call",
      rpc: error,
    });
  });

  it("takes a null error beside a result for none", async () => {
    const { client } = await clientOf(saying('{"jsonrpc":"2.0","id":0,"result":"0x1","error":null}'));
    expect(await client.call("eth_chainId", [])).toBe("0x1");
  });

  it.each([
    ["nothing", ""],
    ["a page", "<html>"],
    ["half an object", '{"jsonrpc":"2.0","id":0,"resu'],
    ["null", "null"],
    ["a number", "7"],
    ["a list", '[{"id":0,"result":1}]'],
    ["neither result nor error", '{"jsonrpc":"2.0","id":0}'],
    ["a null error alone", '{"jsonrpc":"2.0","id":0,"error":null}'],
    ["an error that is text", '{"jsonrpc":"2.0","id":0,"error":"no"}'],
    ["an error without code", '{"jsonrpc":"2.0","id":0,"error":{"message":"no"}}'],
    ["an error without message", '{"jsonrpc":"2.0","id":0,"error":{"code":1}}'],
  ])("raises RPC_MALFORMED for %s", async (_, text) => {
    const { client, url } = await clientOf(saying(text));
    expect(await failureOf(client.call("eth_chainId", []))).toEqual({ code: "RPC_MALFORMED", url });
  });

  it("reads text whose characters are cut between packets", async () => {
    const { client } = await clientOf(({ response }) => {
      const bytes = Buffer.from(JSON.stringify(ok(0, "€ü".repeat(20))));
      response.write(bytes.subarray(0, bytes.indexOf(0x82)));
      setTimeout(() => response.end(bytes.subarray(bytes.indexOf(0x82))), 20);
    });
    expect(await client.call("x", [])).toBe("€ü".repeat(20));
  });
});

describe("a batch", () => {
  it("is answered in the order asked, whatever order the endpoint answers in", async () => {
    const { client } = await clientOf(({ body, response }) => {
      const sent = JSON.parse(body) as Sent[];
      const answers = sent.map(({ id, params }) =>
        params[0] === "bad"
          ? { jsonrpc: "2.0", id, error: { code: -32000, message: "no" } }
          : ok(id, params[0]),
      );
      response.end(JSON.stringify(answers.reverse()));
    });
    const calls = ["a", "bad", "c", "d"].map((param) => ({ method: "echo", params: [param] }));
    expect(await client.batch(calls)).toEqual([
      { ok: true, result: "a" },
      { ok: false, error: { code: -32000, message: "no" } },
      { ok: true, result: "c" },
      { ok: true, result: "d" },
    ]);
  });

  it("of raw transactions is the JSON that building it would give", async () => {
    let body = "";
    const { client } = await clientOf((exchange) => {
      body = exchange.body;
      exchange.response.end(
        JSON.stringify((JSON.parse(body) as Sent[]).map(({ id }) => ok(id, `hash ${id}`))),
      );
    });
    expect(await client.sendRawBatch(["0x01", "0x02"])).toEqual([
      { ok: true, result: "hash 0" },
      { ok: true, result: "hash 1" },
    ]);
    expect(JSON.parse(body)).toEqual(
      ["0x01", "0x02"].map((raw, id) => ({
        jsonrpc: "2.0",
        id,
        method: "eth_sendRawTransaction",
        params: [raw],
      })),
    );
  });

  it("that is refused as a whole gives that error to every call", async () => {
    const error = { code: -32005, message: "batch too large" };
    const { client } = await clientOf(saying(JSON.stringify({ jsonrpc: "2.0", id: null, error })));
    const outcome = { ok: false, error };
    expect(await client.sendRawBatch(["0x01", "0x02", "0x03"])).toEqual([outcome, outcome, outcome]);
  });

  it("of nothing asks nothing", async () => {
    const { client, connections } = await clientOf(saying("[]"));
    expect([await client.batch([]), await client.sendRawBatch([])]).toEqual([[], []]);
    expect(connections()).toBe(0);
  });

  const good = [ok(0, 1), ok(1, 2)];
  it.each([
    ["an answer missing", [ok(0, 1)]],
    ["no answers", []],
    ["an answer twice, another never", [ok(0, 1), ok(0, 1)]],
    ["ids as text", good.map((each) => ({ ...each, id: String(each.id) }))],
    ["an id beyond the last", [ok(0, 1), ok(2, 2)]],
    ["ids that are no places", [ok(0.5, 1), ok(-1, 2)]],
    ["an answer without result", [ok(0, 1), { jsonrpc: "2.0", id: 1 }]],
    ["an error that is text", [ok(0, 1), { jsonrpc: "2.0", id: 1, error: "no" }]],
    ["null answers", [null, null]],
    ["no list", ok(0, 1)],
    ["null", null],
    ["a malformed error for the whole", { error: null }],
  ])("raises RPC_MALFORMED for %s", async (_, answer) => {
    const { client, url } = await clientOf(saying(JSON.stringify(answer)));
    expect(await failureOf(client.sendRawBatch(["0x01", "0x02"]))).toEqual({ code: "RPC_MALFORMED", url });
  });

  it("ignores answers to what was not asked", async () => {
    const answers = [null, ok(7, 7), ...good, { id: null, error: { code: 1, message: "x" } }];
    const { client } = await clientOf(saying(JSON.stringify(answers)));
    expect(await client.sendRawBatch(["0x01", "0x02"])).toEqual([
      { ok: true, result: 1 },
      { ok: true, result: 2 },
    ]);
  });
});

describe("an endpoint that fails", () => {
  const reasonOf = async (promise: Promise<unknown>): Promise<string> => {
    const detail = await failureOf(promise);
    return detail.code === "RPC_UNREACHABLE" ? detail.reason : expect.fail(detail.code);
  };

  it("is RPC_UNREACHABLE when nothing listens", async () => {
    const client = clientAt(await freeAddress("http"));
    expect(await reasonOf(client.call("eth_chainId", []))).toBe("ECONNREFUSED");
    expect(await reasonOf(client.sendRawBatch(["0x01"]))).toBe("ECONNREFUSED");
  });

  it("is RPC_UNREACHABLE when it closes or resets before it answers", async () => {
    for (const end of ["destroy", "resetAndDestroy"] as const) {
      const { client } = await clientOf(({ socket }) => socket[end]());
      expect(await reasonOf(client.call("x", []))).toBe("ECONNRESET");
    }
  });

  it("is RPC_UNREACHABLE when it resets or closes in the middle of its answer", async () => {
    for (const end of ["destroy", "resetAndDestroy"] as const) {
      const { client } = await clientOf(({ response, socket }) => {
        response.setHeader("content-length", 1_000);
        response.write('{"jsonrpc":"2.0","id":0,"result":"0x');
        setTimeout(() => socket[end](), 20);
      });
      expect(await reasonOf(client.call("x", []))).toBe("ECONNRESET");
    }
  });

  it("is RPC_UNREACHABLE when it stays silent, also for calls that waited for a connection", async () => {
    let ended = (): void => {};
    const connectionEnd = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { client } = await clientOf(({ socket }) => socket.on("close", ended), {
      timeoutMs: 100,
      connections: 1,
    });
    const reasons = await Promise.all([1, 2, 3].map((n) => reasonOf(client.call("x", [n]))));
    expect(reasons).toEqual(["no answer in 0.1 s", "no answer in 0.1 s", "no answer in 0.1 s"]);
    await connectionEnd;
  });

  it("is RPC_UNREACHABLE when it answers for ever, a byte at a time", async () => {
    const { client } = await clientOf(
      ({ response }) => {
        const drip = setInterval(() => response.write(" "), 10);
        response.on("close", () => clearInterval(drip));
      },
      { timeoutMs: 150 },
    );
    expect(await reasonOf(client.call("x", []))).toBe("no answer in 0.15 s");
  });

  it("is reached again once it is back", async () => {
    let up = false;
    const { client } = await clientOf(({ socket, response }) => {
      if (up) response.end(JSON.stringify(ok(0, "back")));
      else socket.destroy();
    });
    await reasonOf(client.call("x", []));
    up = true;
    expect(await client.call("x", [])).toBe("back");
  });

  it("leaves no call hanging when the client is closed", async () => {
    const { client } = await clientOf(() => {}, { timeoutMs: 5_000 });
    const pending = reasonOf(client.call("x", []));
    setTimeout(() => client.close(), 50);
    expect(await pending).toBe("ECONNRESET");
  });
});

describe("connections", () => {
  it("are kept and used again, never more than asked for", async () => {
    const { client, connections } = await clientOf(
      ({ response }) => setTimeout(() => response.end(JSON.stringify(ok(0, 1))), 2),
      { connections: 2 },
    );
    for (let i = 0; i < 10; i++) await client.call("x", []);
    expect(connections()).toBe(1);
    await Promise.all(Array.from({ length: 20 }, () => client.call("x", [])));
    expect(connections()).toBe(2);
  });

  it.each(["", "127.0.0.1:8545", "ws://127.0.0.1:8545", "ftp://x", "http://", "not a url"])(
    "are refused to %j as INVALID_INPUT",
    (url) => {
      let error: unknown;
      try {
        createRpcClient(url);
      } catch (thrown) {
        error = thrown;
      }
      expect((error as CodedError).detail).toEqual({ code: "INVALID_INPUT", at: url });
    },
  );
});
