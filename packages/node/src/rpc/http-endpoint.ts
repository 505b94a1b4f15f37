import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { RPC_ERROR } from "@sheaf/protocol";
import type { Registry } from "prom-client";
import { type Dispatcher, errorText } from "./dispatcher.ts";
import type { Health } from "./health.ts";
import type { HostGuard } from "./host-guard.ts";
import type { Session } from "./session.ts";

export interface HttpEndpointPorts {
  readonly dispatcher: Dispatcher;
  readonly guard: HostGuard;
  readonly registry: Registry;
  readonly health: () => Health;
  readonly maxBodyBytes: number;
  readonly onDefect: (error: unknown, what: string) => void;
}

const HTTP_SESSION: Session = { subscriber: undefined };
const JSON_TYPE = "application/json";

/** Answers `POST` with JSON-RPC, `GET /health` and `GET /metrics`. */
export function createHttpEndpoint(ports: HttpEndpointPorts): RequestListener {
  return (request, response) => {
    response.on("error", () => {});
    if (!ports.guard(request)) reply(response, 403, "text/plain", "invalid host specified\n");
    else if (request.method === "POST") receive(request, response, ports);
    else if (request.method === "GET") show(request.url ?? "/", response, ports);
    else reply(response, 405, "text/plain", "POST a JSON-RPC request\n");
  };
}

function show(
  url: string,
  response: ServerResponse,
  { health, registry, onDefect }: HttpEndpointPorts,
): void {
  const [path] = url.split("?");
  if (path === "/health") {
    const state = health();
    reply(response, state.healthy ? 200 : 503, JSON_TYPE, `${JSON.stringify(state)}\n`);
  } else if (path === "/metrics") {
    registry.metrics().then(
      (text) => reply(response, 200, registry.contentType, text),
      (error: unknown) => {
        onDefect(error, "/metrics");
        reply(response, 500, "text/plain", "internal error\n");
      },
    );
  } else reply(response, 404, "text/plain", "POST a JSON-RPC request, or GET /health or /metrics\n");
}

/** Reads the body within its limit and answers it [RPC.13]. */
function receive(request: IncomingMessage, response: ServerResponse, ports: HttpEndpointPorts): void {
  const { maxBodyBytes } = ports;
  if (!isJson(request.headers["content-type"])) {
    refuseBody(request, response, 415, "invalid content type, only application/json is supported");
    return;
  }
  const chunks: Buffer[] = [];
  let received = 0;
  const tooLarge = (): void =>
    refuseBody(request, response, 413, `request body too large: at most ${maxBodyBytes} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) {
    tooLarge();
    return;
  }
  request.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received <= maxBodyBytes) chunks.push(chunk);
    else if (!response.writableEnded) tooLarge();
  });
  request.on("end", () => {
    if (!response.writableEnded) answer(chunks, response, ports);
  });
}

/** Whatever goes wrong ends this one connection. */
function answer(
  chunks: readonly Buffer[],
  response: ServerResponse,
  { dispatcher, onDefect }: HttpEndpointPorts,
): void {
  const fail = (error: unknown): void => {
    onDefect(error, "answering a request");
    response.destroy();
  };
  try {
    const body = (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString("utf8");
    const text = dispatcher.handle(body, HTTP_SESSION);
    if (text instanceof Promise) text.then((each) => respond(response, each)).catch(fail);
    else respond(response, text);
  } catch (error) {
    fail(error);
  }
}

function respond(response: ServerResponse, text: string | undefined): void {
  if (text === undefined) {
    response.writeHead(204);
    response.end();
  } else reply(response, 200, JSON_TYPE, text);
}

/** Answers with an error without reading on: the connection ends with it. */
function refuseBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
): void {
  response.setHeader("connection", "close");
  reply(response, status, JSON_TYPE, errorText("null", { code: RPC_ERROR.invalidRequest, message }));
  request.resume();
}

function reply(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(text);
}

function isJson(contentType: string | undefined): boolean {
  const [type] = (contentType ?? "").split(";");
  return type?.trim().toLowerCase() === JSON_TYPE;
}
