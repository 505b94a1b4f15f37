import { CodedError } from "@sheaf/base";

/** JSON-RPC error codes: the standard's, and those that Ethereum clients expect (EIP-1474). */
export const RPC_ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** What Geth gives for a refused transaction; the message says which. */
  server: -32000,
  limitExceeded: -32005,
  /** `eth_call` or `eth_estimateGas` reverted; `data` is the revert data. */
  reverted: 3,
} as const;

/** An error object as it stands in a response. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** The error object of a response, or `undefined` when it has no number for a code or no message. */
export function parseRpcError(value: unknown): RpcErrorObject | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const { code, message } = value as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === "number" && typeof message === "string" ? (value as RpcErrorObject) : undefined;
}

/** Errors of the JSON-RPC client. */
export type RpcErrorDetail =
  /** The endpoint answered with an error object. */
  | { readonly code: "RPC_ERROR"; readonly method: string; readonly rpc: RpcErrorObject }
  /** The endpoint was not reached, or went away: `reason` is Node's (`ECONNREFUSED`, ...). */
  | { readonly code: "RPC_UNREACHABLE"; readonly url: string; readonly reason: string }
  /** Something that is not a JSON-RPC response. */
  | { readonly code: "RPC_MALFORMED"; readonly url: string };

/** An error object answered to `method`. */
export function rpcError(method: string, rpc: RpcErrorObject): CodedError<RpcErrorDetail> {
  return new CodedError(`${method}: ${rpc.message}`, { code: "RPC_ERROR", method, rpc });
}

export function rpcUnreachable(url: string, reason: string): CodedError<RpcErrorDetail> {
  return new CodedError(
    `${url} does not answer (${reason})`,
    { code: "RPC_UNREACHABLE", url, reason },
    { advice: "check that the endpoint runs and that its address is right" },
  );
}

export function rpcMalformed(url: string): CodedError<RpcErrorDetail> {
  return new CodedError(
    `${url} answered something that is not JSON-RPC`,
    { code: "RPC_MALFORMED", url },
    { advice: "check that the address is an Ethereum JSON-RPC endpoint" },
  );
}
