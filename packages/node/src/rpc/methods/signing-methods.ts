import { RPC_ERROR } from "@sheaf/protocol";
import type { MethodTable } from "../method.ts";
import { rpcFault } from "../rpc-fault.ts";

const NAMES = [
  "eth_sendTransaction",
  "eth_sign",
  "eth_signTransaction",
  "eth_signTypedData",
  "eth_signTypedData_v4",
  "personal_sign",
  "personal_sendTransaction",
  "personal_unlockAccount",
] as const;

/** Methods that need a key: a validator holds none of its users'. */
export function signingMethods(): MethodTable {
  return Object.fromEntries(NAMES.map((name) => [name, { call: () => refuse(name) }]));
}

function refuse(name: string): never {
  throw rpcFault(
    RPC_ERROR.methodNotFound,
    `the method ${name} does not exist/is not available: no keys are held here, sign in the client and use eth_sendRawTransaction`,
  );
}
