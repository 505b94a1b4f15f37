import type { Millis } from "@sheaf/base";
import { type ClockAudit, createTransactionTable } from "@sheaf/measure";
import type { LoadOptions, LoadResult } from "../load-options.ts";
import type { SendCounts } from "../sending/chain-sender.ts";
import type { LoadedChain } from "./loaded-chain.ts";
import type { PreparedLoad } from "./prepare-load.ts";
import type { RunContext } from "./run-context.ts";

/** What follows from the options, the preparation and the blocks. */
export function describeLoad(
  { workload }: LoadOptions,
  run: RunContext,
  prepared: PreparedLoad | undefined,
  loaded: readonly LoadedChain[],
): Pick<LoadResult, "transactions" | "blocks" | "loadedChains" | "workload" | "warnings" | "nonceRepairs"> {
  const gas = loaded.map(({ inclusions }) => inclusions.gas());
  const measured = gas.reduce((sum, { transactions }) => sum + transactions, 0);
  const gasUsed = gas.reduce((sum, each) => sum + each.gasUsed, 0);
  return {
    transactions: prepared?.table ?? createTransactionTable(),
    blocks: loaded.flatMap(({ inclusions }) => inclusions.events()),
    loadedChains: run.active,
    workload: {
      name: workload.name,
      description: workload.description,
      codeHash: workload.contract?.codeHash ?? null,
      transactionBytes: prepared === undefined ? null : prepared.signed.totalBytes / prepared.signed.length,
      gasLimitPerTransaction: workload.gasLimit,
      gasPerTransaction: measured === 0 ? null : gasUsed / measured,
      senders: workload.accounts.count,
      input: workload.input,
    },
    warnings: run.warnings,
    nonceRepairs: run.nonceRepairs,
  };
}

/** The result of a run that was aborted before its barrier. */
export function nothingMeasured(
  options: LoadOptions,
  run: RunContext,
  prepared: PreparedLoad | undefined,
): LoadResult {
  const clockAudit: ClockAudit = { source: "not begun", resolutionMs: 0, driftMs: 0, maxStallMs: 0 };
  return {
    ...describeLoad(options, run, prepared, []),
    startedAt: new Date(run.clock.wallMs()).toISOString(),
    drainEndMs: 0 as Millis,
    interrupted: true,
    stateCheck: null,
    clockAudit,
    sending: addCounts([]),
  };
}

/** The counts of all chains together. */
export function addCounts(counts: readonly SendCounts[]): SendCounts {
  const sum = (of: (count: SendCounts) => number): number =>
    counts.reduce((total, each) => total + of(each), 0);
  return {
    batches: sum(({ batches }) => batches),
    busyRefusals: sum(({ busyRefusals }) => busyRefusals),
    failovers: sum(({ failovers }) => failovers),
  };
}

/** Tells the reader of refusals and failovers. */
export function warnOfSending(run: RunContext, { busyRefusals, failovers }: SendCounts): void {
  if (busyRefusals > 0) {
    run.warn(
      "BACKPRESSURE",
      `validators had no room for a transaction and were sent it again: ${times(busyRefusals)}`,
    );
  }
  if (failovers > 0) {
    run.warn(
      "FAILOVER",
      `a validator did not answer and its transactions went to another one: ${times(failovers)}`,
    );
  }
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
