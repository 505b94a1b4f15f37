import { type Clock, CodedError, errorCode, type Millis, sleep } from "@sheaf/base";
import { createRpcClient, RPC_ERROR, type RpcErrorDetail, type RpcErrorObject } from "@sheaf/protocol";

/** A JSON-RPC endpoint that is asked again while it does not answer. For requests that may be made twice. */
export interface PatientRpc {
  readonly url: string;
  /** Raises `RPC_ERROR`; `RPC_UNREACHABLE` or `RPC_MALFORMED` when the patience is over. */
  call(method: string, params: readonly unknown[]): Promise<unknown>;
  close(): void;
}

export interface PatientRpcOptions {
  readonly url: string;
  readonly clock: Clock;
  /** How long an endpoint may be away, from the first failure. */
  readonly patienceMs: Millis;
}

const firstPauseMs: Millis = 100;
const longestPauseMs: Millis = 2_000;

export function createPatientRpc({ url, clock, patienceMs }: PatientRpcOptions): PatientRpc {
  const client = createRpcClient(url, { timeoutMs: 15_000 });
  let closed = false;

  async function call(method: string, params: readonly unknown[]): Promise<unknown> {
    const giveUpAt = clock.now() + patienceMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await client.call(method, params);
      } catch (error) {
        if (closed || !isTransient(error) || clock.now() + pauseMs > giveUpAt) throw error;
      }
      await sleep(pauseMs, clock);
    }
  }

  return {
    url,
    call,
    close() {
      closed = true;
      client.close();
    },
  };
}

/** The error object that the node answered with, if it is that. */
export function rpcErrorOf(error: unknown): RpcErrorObject | undefined {
  if (!(error instanceof CodedError) || error.code !== "RPC_ERROR") return undefined;
  return (error as CodedError<Extract<RpcErrorDetail, { code: "RPC_ERROR" }>>).detail.rpc;
}

function isTransient(error: unknown): boolean {
  const code = errorCode(error);
  return (
    code === "RPC_UNREACHABLE" || code === "RPC_MALFORMED" || rpcErrorOf(error)?.code === RPC_ERROR.internal
  );
}
