import http from "node:http";
import https from "node:https";
import { errorCode, errorMessage, invalidInput, type Millis, systemClock } from "@sheaf/base";
import { parseRpcError, type RpcErrorObject, rpcError, rpcMalformed, rpcUnreachable } from "./errors.ts";
import type { SheafMethods } from "./sheaf-methods.ts";

/** One call of a batch. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The answer to one call of a batch. */
export type RpcOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: RpcErrorObject };

/** A JSON-RPC client over kept-alive HTTP connections. */
export interface RpcClient {
  readonly url: string;
  /** One call. Raises `RPC_ERROR`, `RPC_UNREACHABLE`, `RPC_MALFORMED`. */
  call<M extends keyof SheafMethods>(
    method: M,
    params: SheafMethods[M]["params"],
  ): Promise<SheafMethods[M]["result"]>;
  call(method: string, params: readonly unknown[]): Promise<unknown>;
  /** One batch, answered in the order asked. Raises `RPC_UNREACHABLE`, `RPC_MALFORMED`. */
  batch(calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]>;
  /** `eth_sendRawTransaction` of each, as one batch; the body is written without building objects. */
  sendRawBatch(rawHex: readonly string[]): Promise<readonly RpcOutcome[]>;
  close(): void;
}

export interface RpcClientOptions {
  /** Connections kept open, at most. */
  readonly connections?: number;
  /** A request that takes longer, its wait for a free connection included, counts as unreachable. */
  readonly timeoutMs?: Millis;
}

interface RawResponse {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A client of the endpoint at `url` (`http:` or `https:`). Raises `INVALID_INPUT` when it is no such URL. */
export function createRpcClient(url: string, options: RpcClientOptions = {}): RpcClient {
  const target = parseEndpoint(url);
  const secure = target.protocol === "https:";
  const transport = secure ? https : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: options.connections ?? 4 });
  const timeoutMs = options.timeoutMs ?? 30_000;

  function post(body: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancelDeadline = systemClock.schedule(timeoutMs, () => {
        reject(rpcUnreachable(url, `no answer in ${timeoutMs / 1000} s`));
        request.destroy();
      });
      const request = transport.request(
        target,
        {
          method: "POST",
          agent,
          headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", (error) =>
            reject(rpcUnreachable(url, errorCode(error) ?? errorMessage(error))),
          );
          response.on("end", () => {
            try {
              resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
            } catch {
              reject(rpcMalformed(url));
            }
          });
        },
      );
      request.on("error", (error) => reject(rpcUnreachable(url, errorCode(error) ?? error.message)));
      request.on("close", cancelDeadline);
      request.end(body);
    });
  }

  async function postBatch(body: string, count: number): Promise<readonly RpcOutcome[]> {
    if (count === 0) return [];
    const answer = await post(body);
    if (!Array.isArray(answer)) {
      const error = parseRpcError((answer as RawResponse | null)?.error);
      if (error === undefined) throw rpcMalformed(url);
      return new Array<RpcOutcome>(count).fill({ ok: false, error });
    }
    const outcomes = new Array<RpcOutcome | undefined>(count).fill(undefined);
    for (const item of answer as readonly RawResponse[]) {
      if (typeof item?.id === "number" && item.id in outcomes) outcomes[item.id] = parseOutcome(item);
    }
    if (outcomes.some((outcome) => outcome === undefined)) throw rpcMalformed(url);
    return outcomes as RpcOutcome[];
  }

  async function call(method: string, params: readonly unknown[]): Promise<unknown> {
    const outcome = parseOutcome(await post(JSON.stringify({ jsonrpc: "2.0", id: 0, method, params })));
    if (outcome === undefined) throw rpcMalformed(url);
    if (!outcome.ok) throw rpcError(method, outcome.error);
    return outcome.result;
  }

  return {
    url,
    call: call as RpcClient["call"],
    batch: (calls) =>
      postBatch(
        JSON.stringify(calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }))),
        calls.length,
      ),
    sendRawBatch(rawHex) {
      const items = rawHex.map(
        (raw, id) => `{"jsonrpc":"2.0","id":${id},"method":"eth_sendRawTransaction","params":["${raw}"]}`,
      );
      return postBatch(`[${items.join(",")}]`, rawHex.length);
    },
    close: () => agent.destroy(),
  };
}

/** The outcome of one response, or `undefined` when it is none. Some endpoints write `"error": null`. */
function parseOutcome(answer: unknown): RpcOutcome | undefined {
  if (answer === null || typeof answer !== "object") return undefined;
  const { result, error } = answer as RawResponse;
  if (error === undefined || error === null) return "result" in answer ? { ok: true, result } : undefined;
  const parsed = parseRpcError(error);
  return parsed && { ok: false, error: parsed };
}

function parseEndpoint(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && (parsed.protocol === "http:" || parsed.protocol === "https:")) return parsed;
  throw invalidInput(url, "is not an http or https address", "write an endpoint as http://127.0.0.1:8545");
}
