import type { ExecutionDigest, Genesis } from "@sheaf/protocol";
import type {
  BlockContext,
  CallOutcome,
  CallRequest,
  ExecutedBlock,
  Executor,
  Receipt,
  SenderTransaction,
  StateReader,
} from "../ports.ts";
import { receiptsDigest } from "../state/receipt-encoding.ts";
import { stateDigest } from "../state/state-digest.ts";
import { BlockState } from "./block-state.ts";
import { chainRules } from "./chain-rules.ts";
import { environmentOfBlock } from "./environment-of-block.ts";
import { readNextWeights, rewardProposer } from "./epoch-calls.ts";
import { executeTransaction } from "./execute-transaction.ts";
import { FlatEvm } from "./flat-evm.ts";
import type { Environment } from "./interpreter/frame.ts";
import { intrinsicGas, MAX_INIT_CODE } from "./intrinsic-gas.ts";
import { createProgramCache } from "./program-cache.ts";
import { runMessage } from "./run-message.ts";
import { stateChanges } from "./state-changes.ts";
import { createStateManager } from "./state-manager.ts";

export interface EvmExecutorOptions {
  /** The head state: executions and calls read it and never write it. */
  readonly state: StateReader;
  readonly genesis: Genesis;
}

/** EVMs that are kept for the next block or call. */
const IDLE_EVMS = 8;
/** Work is interrupted after this long, so that the process can answer others. */
const TURN_MS = 5;
/** How often a call starts again because the head moved under it, before it runs in one piece. */
const CALL_RETRIES = 3;
const NO_BYTES = new Uint8Array(0);

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An engine over `@ethereumjs/evm` (Cancun), with the rules of `specs/state.md`. */
export function createEvmExecutor({ state: head, genesis }: EvmExecutorOptions): Executor {
  const rules = chainRules(genesis);
  const programs = createProgramCache();
  const idle: FlatEvm[] = [];

  /** Runs `work` on an EVM that nobody else uses. One that failed is not used again. */
  async function withEvm<T>(pause: () => Promise<void>, work: (evm: FlatEvm) => Promise<T>): Promise<T> {
    const evm = idle.pop() ?? new FlatEvm(rules, createStateManager(new BlockState(head)), programs);
    evm.pause = pause;
    const result = await work(evm);
    if (idle.length < IDLE_EVMS) idle.push(evm);
    return result;
  }

  async function execute(
    context: BlockContext,
    transactions: readonly SenderTransaction[],
    parent: ExecutionDigest,
  ): Promise<ExecutedBlock> {
    const state = new BlockState(head);
    const environment = environmentOfBlock(context, genesis);
    const receipts: Receipt[] = [];
    let gasUsed = 0n;
    const next = await withEvm(nextTurn, async (evm) => {
      await rewardProposer(evm, state, environment, genesis);
      let turnEnds = performance.now() + TURN_MS;
      for (const transaction of transactions) {
        const receipt = await executeTransaction(evm, state, environment, transaction, gasUsed);
        gasUsed = receipt.cumulativeGasUsed;
        receipts.push(receipt);
        if (performance.now() < turnEnds) continue;
        await nextTurn();
        turnEnds = performance.now() + TURN_MS;
      }
      return readNextWeights(evm, state, context, genesis);
    });
    const changes = stateChanges(state, head);
    const result: ExecutionDigest = {
      stateDigest: stateDigest(parent.stateDigest, changes),
      receiptsDigest: receiptsDigest(receipts),
      gasUsed,
    };
    return { receipts, changes, result, next };
  }

  async function call(context: BlockContext, request: CallRequest): Promise<CallOutcome> {
    const environment = environmentOfBlock(context, genesis);
    for (let attempt = 0; ; attempt++) {
      const { version } = head;
      const pause = attempt < CALL_RETRIES ? nextTurn : async () => {};
      const outcome = await withEvm(pause, (evm) =>
        callOnce(evm, new BlockState(head), environment, request),
      );
      if (head.version === version || attempt > CALL_RETRIES) return outcome;
    }
  }

  return { execute, call, intrinsicGas: (transaction) => BigInt(intrinsicGas(transaction)) };
}

async function callOnce(
  evm: FlatEvm,
  state: BlockState,
  environment: Environment,
  request: CallRequest,
): Promise<CallOutcome> {
  const { to, gasPrice, value, data, accessList = [] } = request;
  const gasLimit = request.gasLimit < environment.gasLimit ? request.gasLimit : environment.gasLimit;
  const refused = (failure: string): CallOutcome => ({
    succeeded: false,
    output: NO_BYTES,
    gasUsed: 0n,
    failure,
  });
  const from = state.account(request.from);
  const intrinsic = intrinsicGas({ to, data, accessList });
  if (gasLimit < BigInt(intrinsic)) return refused("out of gas");
  if (to === undefined && data.length > MAX_INIT_CODE) return refused("initcode exceeds max initcode size");
  if (from.balance < gasLimit * gasPrice + value) return refused("insufficient balance");
  const top = { from, to, gasLimit, gasPrice, value, data, accessList, intrinsic };
  const { output, gasUsed, failure } = await runMessage(evm, state, environment, top);
  return { succeeded: failure === undefined, output, gasUsed, failure };
}
