import { join } from "node:path";
import { withDeadline } from "@sheaf/base";
import type { Coalition, SensingGame } from "@sheaf/game";
import { createNetwork, type LauncherErrorDetail, type Network, type Topology } from "@sheaf/launcher";
import type { CoalitionChain } from "@sheaf/measure";
import { validatorProgram } from "../../layout.ts";
import type { Progress } from "../../terminal/progress.ts";
import type { ChainSpec } from "../coalition-file.ts";
import { type AwardLedger, computeAwards } from "./award-ledger.ts";
import { type ChainFacts, readAgreement, readFacts, readFunds } from "./chain-facts.ts";
import { bookRows, epochRows, eventRows, minerRows, rawRows } from "./chain-rows.ts";
import { COALITIONS_ADDRESS, epochRules } from "./coalition-topology.ts";
import { createCoalitionsClient } from "./coalitions-client.ts";
import { epochsAsInGame, wrongAwards, wrongShares } from "./disagreements.ts";
import { type ChainStage, driveEpochs } from "./drive-epochs.ts";
import { createEpochClock } from "./epoch-clock.ts";
import { gatherParticipants } from "./participants.ts";
import { faultsNotSeen, planFaults } from "./planned-faults.ts";
import { createSensedData } from "./sensed-data.ts";
import { createSharedViews } from "./shared-views.ts";
import { type EarnedAwards, takeAwards } from "./take-awards.ts";
import { untilAborted } from "./until-aborted.ts";

export interface ChainTask {
  readonly spec: ChainSpec;
  /** One chain with the contract at genesis and a validator a miner: see `coalitionTopology`. */
  readonly topology: Topology;
  readonly sensing: SensingGame;
  readonly partition: readonly Coalition[];
  readonly seed: string;
  readonly dir: string;
}

export interface ChainOutcome {
  /** `undefined` when it failed before there was anything to show. */
  readonly record: CoalitionChain | undefined;
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
  readonly failure: unknown;
}

/** No block for so long is a stall: several rounds may have failed. */
const STALL_MS = 60_000;

/** How long the chain is read, and validators may take to show its last block. */
const READING = {
  whole: { readMs: 120_000, lastBlockMs: 30_000 },
  cut: { readMs: 10_000, lastBlockMs: 4_000 },
};

/**
 * Runs the coalitions on a chain whose validators are the miners. When that fails or the user interrupts, what was
 * mined until then is read. Nothing is left running.
 */
export async function runOnChain(
  task: ChainTask,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ChainOutcome> {
  const remarks: string[] = [];
  const problems: string[] = [];
  const endings: (() => Promise<void> | void)[] = [];
  try {
    const network = await start(task, progress, signal);
    endings.push(() => network.stop());
    network.onFailed((error) => problems.push(error.message));
    const stage = await setStage(task, network, { progress, signal, remarks, endings });
    const mined = await mine(stage, signal);
    const reading = progress.phase("reading the chain");
    const { readMs } = mined.whole === undefined ? READING.cut : READING.whole;
    const read = await withDeadline("reading the chain", readMs, readChain(task, stage, mined)).catch(
      (error: unknown) => {
        throw mined.failure ?? error;
      },
    );
    reading.finish(`${read.facts.blocks.length} blocks`);
    problems.push(...contradictions(task, stage, mined, read));
    return { record: read.record, problems, remarks, failure: mined.failure };
  } catch (failure) {
    return { record: undefined, problems, remarks, failure };
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function start({ topology, sensing, seed, dir }: ChainTask, progress: Progress, signal: AbortSignal) {
  const total = sensing.players;
  const phase = progress.phase(`starting ${total} validators`, total);
  try {
    const network = await createNetwork(topology, {
      program: validatorProgram,
      dir: join(dir, "network"),
      seed,
      signal,
      onProgress: ({ phase: step, done }) => phase.update(step === "prepare" ? 0 : done),
    });
    phase.finish("ready");
    return network;
  } catch (error) {
    phase.finish("failed");
    throw error;
  }
}

interface StageOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly remarks: string[];
  readonly endings: (() => Promise<void> | void)[];
}

async function setStage(
  { spec, sensing, partition, seed }: ChainTask,
  network: Network,
  { progress, signal, remarks, endings }: StageOptions,
): Promise<ChainStage> {
  const chain = network.chains[0] as Network["chains"][number];
  const participants = await gatherParticipants(sensing, spec, chain, seed);
  const clients = participants.miners.map(({ rpcUrl }) => createCoalitionsClient(rpcUrl));
  endings.push(() => {
    for (const client of clients) client.close();
  });
  const ended = new Set<number>();
  network.onFailed(({ detail }) => {
    const own = detail as LauncherErrorDetail;
    if (own.code === "VALIDATOR_FAILED") ended.add(own.index);
  });
  const hasEnded = (miner: number): boolean => ended.has(miner);
  const views = createSharedViews(clients, hasEnded);
  return {
    spec,
    participants,
    partition,
    data: createSensedData(seed, chain.chainId),
    faults: planFaults(spec, participants, partition),
    clients,
    views,
    hasEnded,
    clock: createEpochClock(views, spec.epochBlocks, { stallMs: STALL_MS, signal }),
    chainId: chain.chainId,
    seed,
    progress,
    remark: (text) => void (remarks.includes(text) || remarks.push(text)),
  };
}

/** How far the miners came. */
interface Mined {
  /** Epochs since genesis and what the contract says of them; `undefined` when they did not come to the end. */
  readonly whole: { readonly epochs: number; readonly earned: EarnedAwards } | undefined;
  readonly failure: unknown;
}

async function mine(stage: ChainStage, signal: AbortSignal): Promise<Mined> {
  const work = async () => {
    const epochs = await driveEpochs(stage);
    return { epochs, earned: await takeAwards(stage, epochs) };
  };
  try {
    return { whole: await untilAborted(signal, work()), failure: undefined };
  } catch (failure) {
    return { whole: undefined, failure };
  }
}

interface ChainReading {
  readonly record: CoalitionChain;
  readonly facts: ChainFacts;
  readonly ledger: AwardLedger;
}

/** All whole epochs; of a chain that was cut short, also the part of the last. */
async function readChain(
  { spec, sensing, partition }: ChainTask,
  { participants, clients, views, hasEnded }: ChainStage,
  { whole }: Mined,
): Promise<ChainReading> {
  const { epochBlocks } = spec;
  const { lastBlockMs } = whole === undefined ? READING.cut : READING.whole;
  const funds = await readFunds(views);
  const count = whole?.epochs ?? Math.ceil(funds.block / epochBlocks);
  const facts = await readFacts(views, { epochs: count, epochBlocks, toBlock: funds.block });
  const ledger = computeAwards({
    rules: epochRules(sensing.scenario, spec),
    epochBlocks,
    poolWei: BigInt(spec.poolWei),
    ...facts,
  });
  const running = clients.filter((_, validator) => !hasEnded(validator));
  const epochs = epochRows(facts, ledger, participants, epochBlocks);
  const record: CoalitionChain = {
    validators: clients.length,
    consensus: "QBFT, proposers drawn by weight",
    contract: COALITIONS_ADDRESS,
    epochBlocks,
    currency: { symbol: "coins", decimals: 18 },
    epochs,
    ...rawRows(facts, participants),
    epochsAsInGame: epochsAsInGame({ sensing, partition }, participants, facts, epochs).map(
      ({ epoch }) => epoch,
    ),
    miners: minerRows(ledger, participants),
    events: eventRows(facts.events, participants, epochBlocks),
    books: bookRows(funds, facts.events, ledger, spec),
    agreement: await readAgreement(running, funds.block, lastBlockMs),
  };
  return { record, facts, ledger };
}

/** Where contract, run, game and plan contradict each other. */
function contradictions(
  task: ChainTask,
  { participants, faults }: ChainStage,
  { whole }: Mined,
  { record, facts, ledger }: ChainReading,
): readonly string[] {
  return [
    ...(whole === undefined ? [] : wrongAwards(participants, ledger, whole.earned)),
    ...wrongShares(
      task,
      record.epochs.filter(({ epoch }) => record.epochsAsInGame.includes(epoch)),
    ),
    ...(whole === undefined ? [] : faultsNotSeen(faults, facts.events)),
  ];
}
