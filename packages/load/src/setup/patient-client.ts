import { type Clock, errorCode, type Millis, sleep } from "@sheaf/base";
import type { RpcClient } from "@sheaf/protocol";

const tries = 3;
const pauseMs: Millis = 200;

/**
 * A client that asks again when a connection breaks, for requests that may be made twice. Outside the
 * measured path only: there, an answer that failed is a fact.
 */
export function createPatientClient(client: RpcClient, clock: Clock): RpcClient {
  async function again<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        if (attempt === tries || errorCode(error) !== "RPC_UNREACHABLE") throw error;
        await sleep(pauseMs, clock);
      }
    }
  }
  return {
    url: client.url,
    call: ((method: string, params: readonly unknown[]) =>
      again(() => client.call(method, params))) as RpcClient["call"],
    batch: (calls) => again(() => client.batch(calls)),
    sendRawBatch: (rawHex) => again(() => client.sendRawBatch(rawHex)),
    close: client.close,
  };
}
