import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { errorMessage, invalidInput } from "@sheaf/base";
import { checkStability, comparePartitions, formationSteps, type Partition } from "@sheaf/game";
import { checkMemory, readTopology, sweepStaleNetworks, type Topology } from "@sheaf/launcher";
import { analyseCoalition, type CoalitionRecord, type CoalitionSummary } from "@sheaf/measure";
import { plural, writeCoalition } from "@sheaf/reports";
import type { ExperimentOptions, ExperimentOutcome } from "../experiment-run.ts";
import { layout } from "../layout.ts";
import { claimFolder } from "../run/claim-folder.ts";
import { recordEnvironment } from "../run/environment.ts";
import { besides } from "./besides.ts";
import { type BuiltGame, buildGame, checkSweeps } from "./build-game.ts";
import { coalitionTopology } from "./chain/coalition-topology.ts";
import { authorityAccount } from "./chain/participants.ts";
import { loneLeaver } from "./chain/planned-faults.ts";
import { type ChainOutcome, runOnChain } from "./chain/run-on-chain.ts";
import type { ChainSpec } from "./coalition-file.ts";
import { alternativeRows, compareOverSeeds, FAIRNESS } from "./compare.ts";
import { formationOptions } from "./formation-options.ts";
import { inTurns } from "./in-turns.ts";
import type { CoalitionPlan } from "./plan-coalition.ts";
import { formationRows } from "./record/formation-rows.ts";
import { gameRows } from "./record/game-rows.ts";
import { aloneUtilities, stabilityRows } from "./record/stability-rows.ts";

export interface CoalitionOutcome extends ExperimentOutcome<CoalitionSummary> {
  /** What makes the run invalid. */
  readonly problems: readonly string[];
}

/**
 * Forms coalitions, verifies the result, compares it, runs it on a chain and writes the run's folder. What was done
 * until the user interrupts, or the chain fails, is written.
 */
export async function runCoalition(
  plan: CoalitionPlan,
  options: ExperimentOptions,
): Promise<CoalitionOutcome> {
  const { progress, signal } = options;
  const { coalition, name, seed } = plan;
  const createdAt = new Date();
  const begunMs = performance.now();
  const built = await buildGame(coalition.game, seed);
  checkSweeps(coalition);
  const topology = await describeChain(plan, built);
  await sweepStaleNetworks(join(layout.state, "runs"));
  const runId = `${createdAt.toISOString().slice(0, 19).replaceAll(":", "-")}-${name}-${randomBytes(2).toString("hex")}`;
  const claim = await claimFolder(options.out ?? join(layout.reports, runId));
  const dir = join(layout.state, "runs", runId);
  try {
    const played = await play(plan, built, { progress, signal });
    const { partition } = played;
    if (coalition.chain !== undefined && !signal.aborted) refuseLoneLeaver(coalition.chain, built, partition);
    const mine = (signal: AbortSignal): Promise<ChainOutcome | undefined> =>
      coalition.chain === undefined || topology === undefined || built.sensing === undefined
        ? Promise.resolve(undefined)
        : runOnChain(
            { spec: coalition.chain, topology, sensing: built.sensing, partition, seed, dir },
            { progress, signal },
          );
    // Blocks come at their own pace: meanwhile this process compares.
    const [comparison, chain] = await besides(mine, signal, () =>
      compareOverSeeds(coalition, { progress, signal }),
    );
    const record: CoalitionRecord = {
      schema: "sheaf.coalition-run/1",
      runId,
      createdAt: createdAt.toISOString(),
      title: coalition.title,
      claim: coalition.claim,
      command: options.command,
      config: configOf(plan, topology),
      seed,
      environment: recordEnvironment(SURROUNDINGS),
      durationMs: performance.now() - begunMs,
      interrupted: signal.aborted,
      problems: [
        ...(chain?.problems ?? []),
        ...(chain?.failure === undefined || signal.aborted
          ? []
          : [`the chain's part failed: ${errorMessage(chain.failure)}`]),
      ],
      remarks: [...(chain?.remarks ?? [])],
      ...gameRows(coalition.game, built),
      ...played.rows,
      comparison: { alternatives: played.alternatives, fairness: FAIRNESS, ...comparison },
      chain: chain?.record ?? null,
    };
    const writing = progress.phase("writing the report");
    const summary = await writeCoalition(claim.dir, record).finally(claim.release);
    writing.finish(join(claim.dir, "report.html"));
    const { problems, valid } = analyseCoalition(record);
    const isAsPlanned = record.problems.length === 0 && (valid || record.interrupted);
    if (isAsPlanned) await rm(dir, { recursive: true, force: true });
    else if (existsSync(dir)) progress.note(`logs of the validators are kept in ${dir}`);
    return {
      summary,
      problems,
      dir: claim.dir,
      failure: chain?.failure,
      interrupted: record.interrupted,
    };
  } catch (error) {
    await claim.abandon();
    if (existsSync(dir)) progress.note(`logs of the validators: ${dir}`);
    throw error;
  }
}

/** The chain of the run, checked before anything is begun; `undefined` without one. */
async function describeChain(
  { coalition: { chain }, seed }: CoalitionPlan,
  { sensing }: BuiltGame,
): Promise<Topology | undefined> {
  if (chain === undefined || sensing === undefined) return undefined;
  const described = await readTopology(chain.network);
  const topology = coalitionTopology(described, chain, sensing.scenario, authorityAccount(seed));
  checkMemory(topology);
  return topology;
}

/** Raises `INVALID_INPUT` for a miner that is to leave a coalition and is in none: known only now, and before the chain. */
function refuseLoneLeaver(chain: ChainSpec, { game }: BuiltGame, partition: Partition): void {
  const lone = loneLeaver(chain, partition);
  if (lone === undefined) return;
  const able = partition.filter(({ length }) => length > 1).flat();
  throw invalidInput(
    "chain.faults",
    `${game.names[lone.miner]} is alone in epoch ${lone.epoch}, and cannot leave`,
    able.length === 0
      ? "the game formed no coalition of several: have nobody leave"
      : `choose one of ${able.map((player) => game.names[player]).join(", ")}`,
  );
}

interface Played {
  readonly partition: Partition;
  readonly rows: Pick<CoalitionRecord, "formation" | "utilities" | "stability">;
  readonly alternatives: CoalitionRecord["comparison"]["alternatives"];
}

/** Merge and split, what the result withstands, and what else there could be. */
async function play(
  { coalition, seed }: CoalitionPlan,
  { game }: BuiltGame,
  { progress, signal }: Pick<ExperimentOptions, "progress" | "signal">,
): Promise<Played> {
  const phase = progress.phase("forming coalitions");
  const begunMs = performance.now();
  const forming = formationSteps(game, { ...formationOptions(coalition.formation), seed });
  const formed = await inTurns(forming, signal, (steps) => phase.update(steps, plural(steps, "step")));
  const durationMs = performance.now() - begunMs;
  const { partition } = formed;
  const rows = {
    formation: formationRows(game, coalition.formation, formed, durationMs),
    utilities: { alone: aloneUtilities(game), final: [...formed.utilities] },
    stability: stabilityRows(game, partition, checkStability(game, partition)),
  };
  phase.finish(
    `${plural(partition.length, "coalition")} after ${plural(formed.steps.length, "step")}; ${formed.dhp.statement}`,
  );
  return { partition, rows, alternatives: alternativeRows(comparePartitions(game, partition, seed)) };
}

const SURROUNDINGS = {
  driver: {
    location: "the same machine as all validators",
    client: "one account a miner and a worker; JSON-RPC to the miner's own validator",
  },
  entryPoints: "every miner at its own validator",
  observationPoints: "headers and commit rounds at the first validator; final blocks at all of them",
  dataStore: { engine: "LMDB", durability: "process" },
} as const;

/** Everything that was configured but the accounts at genesis, which hold the contract's code. */
function configOf({ coalition }: CoalitionPlan, topology: Topology | undefined): CoalitionRecord["config"] {
  const inHouse = (path: string): string => relative(layout.root, path);
  const { game, chain } = coalition;
  const shown = {
    ...coalition,
    game: game.kind === "table" ? { ...game, file: inHouse(game.file) } : game,
    ...(chain === undefined ? {} : { chain: { ...chain, network: inHouse(chain.network) } }),
  };
  const chains = topology?.chains.map((own) => ({ ...own, alloc: undefined })) ?? null;
  return JSON.parse(JSON.stringify({ coalition: shown, chains })) as CoalitionRecord["config"];
}
