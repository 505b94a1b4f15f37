import { outcome, type StateCheck } from "@sheaf/measure";
import type { LoadOptions } from "../load-options.ts";
import type { LaneProgress } from "../sending/lane-progress.ts";
import { createPatientClient } from "../setup/patient-client.ts";
import type { LoadedChain } from "./loaded-chain.ts";
import type { PreparedLoad } from "./prepare-load.ts";
import type { RunContext } from "./run-context.ts";
import { type ChainCheck, checkState, nonceProbe } from "./state-check.ts";

/** Compares the final state of every loaded chain, at every validator that is up, with what its rows say. */
export async function checkFinalState(
  { chains, workload }: LoadOptions,
  run: RunContext,
  { plan, table, chains: facts, signing, baseNonces }: PreparedLoad,
  progress: LaneProgress,
  loaded: readonly LoadedChain[],
): Promise<StateCheck> {
  const { accounts } = workload;
  const checks = run.active.map((chain): ChainCheck => {
    const committed = Uint32Array.from(committedOn(table.columns, chain));
    const probes = workload.probes({
      contract: facts[chain]?.contract ?? "0x",
      accounts,
      committed,
      onChain: progress.onChain(chain),
      balancesBefore: facts[chain]?.balances ?? [],
      gasPriceWei: signing[chain]?.gasPriceWei ?? 0n,
    });
    const nonces = accounts.addresses.flatMap((address, account) => {
      const lane = chain * plan.accounts + account;
      const expected = (baseNonces[lane] as number) + progress.consumed(lane);
      return plan.laneLength[lane] === 0 ? [] : [nonceProbe(address, expected, `account ${account}`)];
    });
    const blocks = loaded[chain]?.inclusions.events() ?? [];
    return {
      name: chains[chain]?.name ?? "",
      validators: (run.readClients[chain] ?? [])
        .map((client, validator) => ({ client: createPatientClient(client, run.clock), validator }))
        .filter(({ validator }) => !run.isDown(chain, validator)),
      height: blocks.at(-1)?.number ?? 0,
      probes: [...nonces, ...probes],
    };
  });
  const asked = checks.reduce((sum, { validators }) => sum + validators.length, 0);
  run.onProgress({ phase: "check", done: 0, total: asked });
  const result = await checkState(
    checks,
    `${workload.stateDescription}, and the nonce of every sender, on ${asked === 1 ? "1 validator" : `${asked} validators`}`,
    { clock: run.clock, deadlineMs: run.clock.now() + run.deadlines.checkMs, signal: run.signal },
  );
  run.onProgress({ phase: "check", done: asked, total: asked });
  return result;
}

function* committedOn(
  columns: { readonly chain: Uint16Array; readonly outcome: Uint8Array },
  chain: number,
): Generator<number> {
  for (let row = 0; row < columns.chain.length; row++) {
    if (columns.chain[row] === chain && columns.outcome[row] === outcome.committed) yield row;
  }
}
