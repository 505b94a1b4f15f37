import { type Hex, parseHex } from "@sheaf/base";
import { RPC_ERROR, type RpcErrorObject } from "@sheaf/protocol";
import type { Mempool } from "../../ports.ts";
import type { Method, MethodTable, Outcome } from "../method.ts";
import { poolError } from "../pool-errors.ts";
import { rpcFault } from "../rpc-fault.ts";

/** `eth_sendRawTransaction`: those of a batch enter the pool together, so that their signatures are checked in one pass. */
export function sendMethods(mempool: Mempool): MethodTable {
  function sendAll(calls: readonly (readonly unknown[])[]): readonly Outcome[] {
    const read = calls.map(readRaw);
    const raw = read.filter((each) => each instanceof Uint8Array);
    const admitted = mempool.add(raw);
    let next = 0;
    return read.map((each) => {
      if (!(each instanceof Uint8Array)) return { error: each };
      const outcome = admitted[next++] as (typeof admitted)[number];
      return outcome.ok ? { result: outcome.hash } : { error: poolError(outcome) };
    });
  }

  const sendRaw: Method = {
    call(params): Hex {
      const outcome = sendAll([params])[0] as Outcome;
      if ("result" in outcome) return outcome.result as Hex;
      throw rpcFault(outcome.error.code, outcome.error.message);
    },
    callAll: sendAll,
  };
  return { eth_sendRawTransaction: sendRaw };
}

function readRaw(params: readonly unknown[]): Uint8Array | RpcErrorObject {
  const [text] = params;
  const bytes = typeof text === "string" && text.startsWith("0x") ? parseHex(text) : undefined;
  if (bytes !== undefined && params.length === 1) return bytes;
  const message = "invalid argument 0: expected one raw transaction, 0x and hex digits";
  return { code: RPC_ERROR.invalidParams, message };
}
