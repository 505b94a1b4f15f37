import { hexToBytes, withDeadline } from "@sheaf/base";
import { createTransactionTable, type TransactionTable } from "@sheaf/measure";
import type { RpcClient } from "@sheaf/protocol";
import type { LoadOptions } from "../load-options.ts";
import { type Plan, planTransactions } from "../plan.ts";
import { type ChainSession, openSession } from "../setup/chain-session.ts";
import { createPatientClient } from "../setup/patient-client.ts";
import { type PreparedChain, prepareChain } from "../setup/prepare-chain.ts";
import { type SignedTransactions, signAll } from "../signing/sign-all.ts";
import type { SigningChain } from "../signing/sign-job.ts";
import { createHashIndex, type HashIndex } from "../watching/hash-index.ts";
import type { Workload } from "../workloads/workload.ts";
import type { RunContext } from "./run-context.ts";

/** The largest share of a chain over the smallest from which on the run says so. */
const skewTolerated = 1.25;

/** Everything that stands before the first transaction is due. */
export interface PreparedLoad {
  readonly plan: Plan;
  readonly signed: SignedTransactions;
  /** A row for each signed transaction, in order. */
  readonly table: TransactionTable;
  /** Finds the row of a hash. */
  readonly index: HashIndex;
  /** By chain; of chains that are not loaded, `undefined`. */
  readonly chains: readonly (PreparedChain | undefined)[];
  readonly signing: readonly SigningChain[];
  /** By lane. */
  readonly baseNonces: Uint32Array;
}

/** Deploys, funds, plans and signs. */
export async function prepareLoad(options: LoadOptions, run: RunContext): Promise<PreparedLoad> {
  const { workload } = options;
  const { active, readClients, deadlines, clock, signal, onProgress } = run;
  const plan = planTransactions(workload, {
    validatorsPerChain: options.chains.map((chain) => chain.validators.length),
    activeChains: active,
    route: options.route ?? "sender",
  });
  warnOfSkew(plan, run);
  let ready = 0;
  const setUp = async (): Promise<readonly (readonly [ChainSession, PreparedChain | undefined])[]> =>
    Promise.all(
      options.chains.map(async ({ name, fundedKey }, chain) => {
        const client = createPatientClient(readClients[chain]?.[0] as RpcClient, clock);
        const session = await openSession(name, client, fundedKey, clock, signal);
        if (!active.includes(chain)) return [session, undefined] as const;
        const prepared = await prepareChain(session, chain, workload, plan);
        onProgress({ phase: "set-up", done: ++ready, total: active.length });
        return [session, prepared] as const;
      }),
    );
  onProgress({ phase: "set-up", done: 0, total: active.length });
  const done = await withDeadline("the set-up of the workload", deadlines.setUpMs, setUp(), clock);
  const chains = done.map(([, prepared]) => prepared);
  const signing = done.map(([{ chainId, gasPriceWei }]) => ({
    chainId,
    gasPriceWei,
    gasLimit: workload.gasLimit,
  }));
  const baseNonces = Uint32Array.from(chains.flatMap((chain) => chain?.nonces ?? noNonces(workload)));
  const signed = await signAll({
    workload,
    plan,
    baseNonces,
    context: { privateKeys: workload.accounts.privateKeys, chains: signing },
    contracts: chains.map((chain) => hexToBytes(chain?.contract ?? "0x")),
    ...(options.signingThreads === undefined ? {} : { threads: options.signingThreads }),
    onProgress: (count) => onProgress({ phase: "sign", done: count, total: plan.count }),
    signal,
  });
  signal.throwIfAborted();
  const table = fillTable(plan, signed, baseNonces);
  const index = createHashIndex(plan.count, signed.hash);
  for (let row = 0; row < plan.count; row++) index.add(row);
  return { plan, signed, table, index, chains, signing, baseNonces };
}

/** Says so when a route gives one chain much more than another: the chains are then not under equal load. */
function warnOfSkew(plan: Plan, { active, warn }: RunContext): void {
  const counts = active.map((chain) => plan.chain.reduce((sum, each) => sum + (each === chain ? 1 : 0), 0));
  if (Math.max(...counts) <= skewTolerated * Math.min(...counts)) return;
  warn("ROUTE_SKEWED", `the chains do not get equal shares: ${counts.join(", ")} transactions`);
}

function noNonces(workload: Workload): readonly number[] {
  return new Array<number>(workload.accounts.count).fill(0);
}

function fillTable(plan: Plan, signed: SignedTransactions, baseNonces: Uint32Array): TransactionTable {
  const table = createTransactionTable({ capacity: plan.count });
  for (let row = 0; row < plan.count; row++) {
    const lane = plan.lane[row] as number;
    table.add({
      chain: plan.chain[row] as number,
      sender: plan.sender[row] as number,
      nonce: (baseNonces[lane] as number) + (plan.sequence[row] as number),
      entryValidator: plan.laneEntry[lane] as number,
      hash: signed.hash(row),
    });
  }
  return table;
}
