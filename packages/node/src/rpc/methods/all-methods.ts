import type { RpcContext } from "../context.ts";
import type { MethodTable } from "../method.ts";
import { blockMethods } from "./block-methods.ts";
import { callMethods } from "./call-methods.ts";
import { feeMethods } from "./fee-methods.ts";
import { logMethods } from "./log-methods.ts";
import { nodeMethods } from "./node-methods.ts";
import { poolMethods } from "./pool-methods.ts";
import { sendMethods } from "./send-methods.ts";
import { sheafMethods } from "./sheaf-methods.ts";
import { signingMethods } from "./signing-methods.ts";
import { stateMethods } from "./state-methods.ts";
import { subscriptionMethods } from "./subscription-methods.ts";
import { transactionMethods } from "./transaction-methods.ts";

/** Every method of a validator (`specs/rpc.md`) [RPC.17]. */
export function allMethods(context: RpcContext): MethodTable {
  return {
    ...nodeMethods(context),
    ...stateMethods(context),
    ...blockMethods(context),
    ...transactionMethods(context),
    ...callMethods(context),
    ...feeMethods(context),
    ...logMethods(context),
    ...sendMethods(context.mempool),
    ...subscriptionMethods(),
    ...poolMethods(context),
    ...sheafMethods(context),
    ...signingMethods(),
  };
}
