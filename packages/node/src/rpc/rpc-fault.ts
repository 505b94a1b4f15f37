import { CodedError } from "@sheaf/base";
import { RPC_ERROR, type RpcErrorObject } from "@sheaf/protocol";

/** Characters of one answer that is made of many parts, about: one that would be longer is refused. */
export const MAX_ANSWER_LENGTH = 25_000_000;

export const RESPONSE_TOO_LARGE: RpcErrorObject = {
  code: RPC_ERROR.limitExceeded,
  message: "response too large",
};

/** A call that is answered with an error object. */
export interface RpcFaultDetail {
  readonly code: "RPC_FAULT";
  readonly rpc: RpcErrorObject;
}

/** The answer to a call that fails: raise it in a method. */
export function rpcFault(code: number, message: string, data?: unknown): CodedError<RpcFaultDetail> {
  const rpc = data === undefined ? { code, message } : { code, message, data };
  return new CodedError(message, { code: "RPC_FAULT", rpc });
}

/** A fault with the code that Geth gives when the state of the chain is why. */
export function serverFault(message: string): CodedError<RpcFaultDetail> {
  return rpcFault(RPC_ERROR.server, message);
}

export function invalidParams(message: string): CodedError<RpcFaultDetail> {
  return rpcFault(RPC_ERROR.invalidParams, message);
}

/** The error object of anything that a method raised; `undefined` when it is a defect. */
export function rpcErrorOf(error: unknown): RpcErrorObject | undefined {
  return error instanceof CodedError && error.code === "RPC_FAULT"
    ? (error.detail as RpcFaultDetail).rpc
    : undefined;
}
