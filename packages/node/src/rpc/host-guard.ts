import type { IncomingMessage } from "node:http";

/** Whether a request may be answered, by its headers alone. */
export type HostGuard = (request: IncomingMessage) => boolean;

/**
 * A server on a loopback address answers only requests that were made to a loopback name, so that a web
 * page cannot reach it through a name of its own that points here (DNS rebinding). Anywhere, a WebSocket
 * that a page of another origin opens is refused: browsers ask no permission for them [RPC.14].
 */
export function createHostGuard(boundHost: string): HostGuard {
  const local = isLoopback(boundHost);
  return ({ headers }) => {
    if (local && headers.host !== undefined && !isLoopback(hostnameOf(headers.host))) return false;
    return headers.upgrade === undefined || headers.origin === undefined || isLocalOrigin(headers.origin);
  };
}

function hostnameOf(authority: string): string {
  return URL.canParse(`http://${authority}`) ? new URL(`http://${authority}`).hostname : "";
}

function isLocalOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}
